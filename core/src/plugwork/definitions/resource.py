"""Resources: objects that ops share in one process, made before the steps and torn down after."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from contextlib import _GeneratorContextManager, contextmanager
from typing import TYPE_CHECKING, Any, overload

from plugwork.config.schema import Field
from plugwork.definitions.configured import ConfiguredMixin, field_of
from plugwork.errors import InvalidDefinitionError, InvariantViolationError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from plugwork.instance import Instance
    from plugwork.model import Run

ResourceFn = Callable[..., Any]


class InitResourceContext:
    """What a resource is made from.

    :param resource_config: validated, references resolved.
    :param resources: has the resources that this one requires, as attributes.
    """

    __slots__ = (
        "all_resource_defs",
        "instance",
        "log",
        "resource_config",
        "resource_def",
        "resources",
        "run",
    )

    def __init__(
        self,
        resource_config: Any,
        resources: Any,
        resource_def: ResourceDefinition | None = None,
        all_resource_defs: Mapping[str, ResourceDefinition] | None = None,
        instance: Instance | None = None,
        run: Run | None = None,
        log_manager: Any = None,
    ) -> None:
        self.resource_config = resource_config
        self.resources = resources
        self.resource_def = resource_def
        self.all_resource_defs = all_resource_defs or {}
        self.instance = instance
        self.run = run
        self.log = log_manager

    def with_config(self, resource_config: Any) -> InitResourceContext:
        """Return a context like this one, with other config."""
        return InitResourceContext(
            resource_config,
            self.resources,
            self.resource_def,
            self.all_resource_defs,
            self.instance,
            self.run,
            self.log,
        )

    @property
    def run_id(self) -> str | None:
        return self.run.run_id if self.run is not None else None

    @property
    def log_manager(self) -> Any:
        return self.log


class ResourceDefinition(ConfiguredMixin):
    """Makes a resource. See :func:`resource`.

    :param resource_fn: gets an :class:`InitResourceContext`, or nothing; returns the resource, or
        yields it and tears it down after.
    :param config_schema: of the resource's config; None takes any.
    """

    what = "resource"

    def __init__(
        self,
        resource_fn: ResourceFn,
        config_schema: Any = None,
        description: str | None = None,
        required_resource_keys: set[str] | frozenset[str] | None = None,
        version: str | None = None,
    ) -> None:
        self.resource_fn = resource_fn
        self.config_field: Field = field_of(config_schema)
        self.description = description
        self.required_resource_keys = frozenset(required_resource_keys or ())
        self.version = version
        self._takes_context = _takes_context(resource_fn, self.what)

    @contextmanager
    def open(self, context: InitResourceContext) -> Iterator[Any]:
        """Make the resource; tear it down on leaving."""
        made = self.resource_fn(context) if self._takes_context else self.resource_fn()
        if isinstance(made, _GeneratorContextManager):
            with made as value:
                yield value
        elif inspect.isgenerator(made):
            with _yielded(made, self) as value:
                yield value
        else:
            yield made

    @classmethod
    def hardcoded_resource(cls, value: Any, description: str | None = None) -> ResourceDefinition:
        """Make the definition of a resource that exists already."""
        return cls(lambda: value, None, description)

    @classmethod
    def none_resource(cls, description: str | None = None) -> ResourceDefinition:
        """Make the definition of a resource that is None."""
        return cls.hardcoded_resource(None, description)

    @classmethod
    def string_resource(cls, description: str | None = None) -> ResourceDefinition:
        """Make the definition of a resource that is the text of its config."""
        return cls(lambda context: context.resource_config, str, description)

    @classmethod
    def mock_resource(cls, description: str | None = None) -> ResourceDefinition:
        """Make the definition of a resource that accepts every call, for tests."""
        from unittest import mock

        return cls(mock.MagicMock, None, description)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {getattr(self.resource_fn, '__name__', '')}>"


@contextmanager
def _yielded(generator: Iterator[Any], definition: ResourceDefinition) -> Iterator[Any]:
    try:
        value = next(generator)
    except StopIteration:
        raise InvariantViolationError(f"{definition!r} yielded no resource") from None
    try:
        yield value
    finally:
        for _ in generator:
            raise InvariantViolationError(f"{definition!r} yielded more than one resource")


def _takes_context(fn: ResourceFn, what: str) -> bool:
    try:
        parameters = inspect.signature(fn).parameters.values()
    except ValueError:
        return False
    required = [
        p
        for p in parameters
        if p.default is p.empty and p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD)
    ]
    if len(required) > 1:
        names = ", ".join(p.name for p in required)
        raise InvalidDefinitionError(
            f"the function of a {what} takes one parameter, the context; it has: {names}"
        )
    return len(required) == 1


@overload
def resource(config_schema: ResourceFn) -> ResourceDefinition: ...


@overload
def resource(
    config_schema: Any = ...,
    description: str | None = ...,
    required_resource_keys: set[str] | None = ...,
    version: str | None = ...,
) -> Callable[[ResourceFn], ResourceDefinition]: ...


def resource(
    config_schema: Any = None,
    description: str | None = None,
    required_resource_keys: set[str] | None = None,
    version: str | None = None,
) -> ResourceDefinition | Callable[[ResourceFn], ResourceDefinition]:
    """Make a resource of a function that returns it, or yields it and tears it down after.

    :param config_schema: of ``context.resource_config``; None takes any config.
    :param required_resource_keys: resources made before this one, in ``context.resources``.
    """
    if inspect.isfunction(config_schema):
        return ResourceDefinition(config_schema, description=config_schema.__doc__)

    def define(fn: ResourceFn) -> ResourceDefinition:
        return ResourceDefinition(
            fn, config_schema, description or fn.__doc__, required_resource_keys, version
        )

    return define
