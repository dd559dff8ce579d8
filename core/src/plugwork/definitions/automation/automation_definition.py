"""What schedules and sensors have in common."""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, Any, Self

from plugwork.definitions.automation.function import UserFunction
from plugwork.definitions.automation.targets import Targets
from plugwork.definitions.names import check_name, check_tags
from plugwork.errors import (
    EvaluationError,
    InvalidDefinitionError,
    InvalidInvocationError,
    InvariantViolationError,
)

if TYPE_CHECKING:
    from plugwork.definitions.job import JobDefinition
    from plugwork.definitions.resource import ResourceDefinition
    from plugwork.model.automation import RunRequest

_OWNER = re.compile(r"team:\w[\w -]*|[^@\s]+@[^@\s]+\.[^@\s]+")


class AutomationDefinition:
    """Asks for runs of its targets when it is evaluated. Cannot be changed.

    :param owner: what it is, its name and its place, for messages.
    :param function: the user's, which evaluations call.
    :raises InvalidDefinitionError: for a bad name, tags, owners or resource keys.
    """

    what: str
    #: Wraps what the user's function raises.
    error_class: type[EvaluationError]

    def __init__(
        self,
        name: str,
        owner: str,
        targets: Targets,
        function: UserFunction | None,
        *,
        tags: Mapping[str, Any] | None,
        metadata: Mapping[str, Any] | None,
        description: str | None,
        required_resource_keys: Collection[str] | None,
        owners: Sequence[str] | None = None,
    ) -> None:
        self.name = check_name(name, owner)
        self.owner = owner
        self.targets = targets
        self.description = description
        self.metadata = dict(checked_mapping(metadata, "metadata", owner))
        self.tags = check_tags(checked_mapping(tags, "tags", owner), owner)
        self.owners = _owners(owners, owner)
        self.required_resource_keys = _resource_keys(function, required_resource_keys, owner)
        self._function = function
        #: What the collection of definitions offers; see :meth:`with_resources`.
        self.resource_defs: dict[str, ResourceDefinition] = {}

    @property
    def has_target(self) -> bool:
        return bool(self.targets.names)

    @property
    def job_name(self) -> str:
        """The name of the one job that it targets.

        :raises InvariantViolationError: when it has no target, or several.
        """
        return self.targets.choose(None)

    @property
    def job(self) -> JobDefinition:
        """The one job that it targets, where that was given as an object.

        :raises InvariantViolationError: otherwise.
        """
        if len(self.targets.jobs) != 1:
            raise InvariantViolationError(f"{self.owner} was not given one job as its target")
        return self.targets.jobs[0]

    def known_jobs(self) -> tuple[JobDefinition, ...]:
        """The jobs that it was given as objects; they belong to its collection."""
        return self.targets.jobs

    def with_resources(self, resource_defs: Mapping[str, ResourceDefinition]) -> Self:
        """Return it with resources that its evaluations may use, where the context has none."""
        bound = copy.copy(self)
        bound.resource_defs = dict(resource_defs)
        return bound

    def check_resources(self, offered: Collection[str]) -> None:
        """Check that the resources that its function uses are there.

        :raises InvalidDefinitionError: naming the key, and those that exist.
        """
        for key in sorted(self.required_resource_keys):
            if key not in offered:
                known = ", ".join(sorted(offered)) or "none"
                raise InvalidDefinitionError(
                    f"{self.owner} needs the resource {key!r}, which is not given (given: {known})"
                )

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Run the user's function alone, as a unit test does; resources may be given by name.

        :returns: what the function returns; a generator is for the caller to run.
        :raises InvalidInvocationError: when the arguments do not fit, or there is no function.
        """
        function = self._function
        if function is None:
            raise InvalidInvocationError(
                f"{self.owner} has no function to call; call evaluate_tick(context)"
            )
        given, resources = function.direct_arguments(args, kwargs)
        scope = self._direct_scope(given.get(function.first), resources)

        def call(opened: Any) -> Any:
            arguments = {name: given[name] for name in function.names if name in given}
            return function.fn(**arguments, **function.resources_of(opened, resources))

        if function.is_generator:
            return _generated(scope, call)
        with scope as opened:
            return call(opened)

    def _direct_scope(self, context: Any, given: Mapping[str, Any]) -> AbstractContextManager[Any]:
        missing = self.required_resource_keys - given.keys()
        if not missing:
            return nullcontext()
        from plugwork.definitions.automation.context import EvaluationContext

        if not isinstance(context, EvaluationContext):
            raise InvalidInvocationError(
                f"{self.owner} needs the resource {min(missing)!r}: give it by name, or call with "
                "a context that has it"
            )
        return context.opened(self.owner, missing, self.resource_defs)

    def _finished(self, request: RunRequest) -> RunRequest:
        """Return a request with its job, plain config, and the tag that names who asks.

        :raises InvariantViolationError: when it asks for what its job is not.
        """
        import attrs

        from plugwork.config.run_config import run_config_dict
        from plugwork.model.automation import NAME_TAGS

        job_name = self.targets.choose(request.job_name)
        for asked in ("asset_selection", "asset_check_keys", "partition_key", "stale_assets_only"):
            if getattr(request, asked):
                raise InvariantViolationError(
                    f"{self.owner} asked for a run with {asked}={getattr(request, asked)!r}, and "
                    f"the job {job_name!r} has no assets and no partitions"
                )
        return attrs.evolve(
            request,
            job_name=job_name,
            run_config=run_config_dict(request.run_config),
            tags={**request.tags, NAME_TAGS[self.what]: self.name},
        )

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.name}>"


def owner_of(what: str, name: str | None, place: str) -> str:
    """Return how messages name a schedule or sensor; None: it has no name yet."""
    return f"{what} ({place})" if name is None else f"{what} {name!r} ({place})"


def checked_mapping(value: Any, name: str, owner: str) -> Mapping[str, Any]:
    """Return a mapping; an empty one for None.

    :raises InvalidDefinitionError: for anything else.
    """
    if value is not None and not isinstance(value, Mapping):
        raise InvalidDefinitionError(f"{owner}: {name} must be a dictionary, got {value!r}")
    return value or {}


def _owners(owners: Any, owner: str) -> tuple[str, ...]:
    if isinstance(owners, str):
        owners = [owners]
    for one in owners or ():
        if not isinstance(one, str) or _OWNER.fullmatch(one) is None:
            raise InvalidDefinitionError(
                f"{owner}: {one!r} is no owner; give an e-mail address, or team:NAME"
            )
    return tuple(owners or ())


def _resource_keys(function: UserFunction | None, required: Any, owner: str) -> frozenset[str]:
    by_parameter = function.resource_names if function is not None else ()
    if required and by_parameter:
        raise InvalidDefinitionError(
            f"{owner} has resource parameters ({', '.join(by_parameter)}) and "
            "required_resource_keys: name all resources in one of the two ways"
        )
    if isinstance(required, (str, Mapping)) or not isinstance(required, Collection | None):
        raise InvalidDefinitionError(
            f"{owner}: required_resource_keys must be a set of names, got {required!r}"
        )
    return frozenset(check_name(key, f"resource of {owner}") for key in required or by_parameter)


def _generated(scope: AbstractContextManager[Any], call: Callable[[Any], Any]) -> Iterator[Any]:
    with scope as opened:
        yield from call(opened)
