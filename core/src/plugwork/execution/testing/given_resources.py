"""Resources outside a run: what unit tests give to ops, hooks and other resources."""

from __future__ import annotations

import shutil
import tempfile
import weakref
from collections.abc import Collection, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any, Self

from plugwork.config.schema import Field, Shape
from plugwork.definitions.configured import checked_config
from plugwork.definitions.requirements import init_order
from plugwork.definitions.resource_binding import bind_resources
from plugwork.errors import CheckError, InvariantViolationError
from plugwork.execution.resources import ResourceSet, ScopedResources

if TYPE_CHECKING:
    from plugwork.instance import Instance
    from plugwork.model import Run


class GivenResources:
    """Resources that are made when they are first asked for; close it to tear them down.

    Resources that are torn down must be asked for within a ``with`` block.

    :param resources: by key: definitions, objects of resource classes, or plain objects.
    :param config: ``{key: {"config": ...}}``.
    :param instance: an ephemeral one when not given.
    :raises CheckError: when the resources are no mapping.
    """

    def __init__(
        self,
        resources: Mapping[str, Any] | None = None,
        config: Mapping[str, Any] | None = None,
        instance: Instance | None = None,
        run: Run | None = None,
        log_manager: Any = None,
        event_loop: Any = None,
    ) -> None:
        self._made: Mapping[str, Any] | None = None
        self._stack = ExitStack()
        if not isinstance(resources, Mapping | None):
            raise CheckError(f"resources must be a mapping by name, got {resources!r}")
        self.keys = frozenset(resources or ())
        self._definitions = bind_resources(resources or {})
        self._config = config or {}
        self._instance = _LateInstance(self._stack, instance)
        self._run = run
        self._log_manager = log_manager
        self._event_loop = event_loop
        self._is_scoped = False

    def __enter__(self) -> Self:
        self._is_scoped = True
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def __del__(self) -> None:
        # A test that opened no block still leaves no instance behind.
        self.close()

    def scoped(self, keys: Collection[str] | None = None) -> ScopedResources:
        """Return the resources, as attributes.

        :param keys: those that an op or a hook requires; all that were given when not told.
        :raises InvariantViolationError: for resources that are torn down, outside a ``with`` block.
        """
        return ScopedResources(self.values(), self.keys if keys is None else keys)

    def values(self) -> Mapping[str, Any]:
        """Return the resources by key; see :meth:`scoped`."""
        if self._made is None:
            self._check_scope()
            self._made = self._make()
        return self._made

    @property
    def instance(self) -> Instance:
        """The instance that was given, or an ephemeral one, opened when it is first asked for."""
        return self._instance()

    def close(self) -> None:
        """Tear down what was made; may be called again."""
        self._made = None
        self._stack.close()

    def _check_scope(self) -> None:
        if self._is_scoped:
            return
        order = init_order(self._definitions, self.keys)
        scoped = [key for key in order if self._definitions[key].needs_teardown]
        if scoped:
            raise InvariantViolationError(
                f"the resource {scoped[0]!r} is torn down after its use, so the context that has "
                "it must be opened: with build_..._context(...) as context:"
            )

    def _make(self) -> Mapping[str, Any]:
        if not self.keys:
            return {}
        fields = {
            key: Field(Shape({"config": self._definitions[key].config_field})) for key in self.keys
        }
        holders = checked_config(Field(Shape(fields)), self._config, "the resources")
        config = {key: holder.get("config") for key, holder in holders.items()}
        errors: list[Exception] = []
        log_manager = self._log_manager
        self._stack.callback(_raise_first, errors)
        opened = ResourceSet(
            self._definitions,
            config,
            self._instance,
            self._run,
            lambda: log_manager,
            lambda key, error: errors.append(error),
            self._event_loop,
        )
        opened.open(self.keys)
        # Last, so that an instance that a resource asked for is closed after the resource.
        self._stack.callback(opened.close)
        return opened.values


class AskedResources:
    """Given resources as attributes, made when the first is asked for."""

    __slots__ = ("_given",)

    def __init__(self, given: GivenResources) -> None:
        self._given = given

    def __getattr__(self, name: str) -> Any:
        return getattr(self._given.scoped(), name)


class _LateInstance:
    """Gives an instance, and opens one when none was given: few resources ask for it."""

    def __init__(self, stack: ExitStack, instance: Instance | None) -> None:
        self._stack = stack
        self._instance = instance

    def __call__(self) -> Instance:
        if self._instance is None:
            from plugwork.instance import Instance

            # Goes with this object, also silently: a test need not close what it builds.
            directory = tempfile.mkdtemp(prefix="plugwork-")
            self._stack.callback(weakref.finalize(self, shutil.rmtree, directory, True))
            self._instance = self._stack.enter_context(Instance.ephemeral(directory))
        return self._instance


def _raise_first(errors: list[Exception]) -> None:
    if errors:
        raise errors[0]


@contextmanager
def build_resources(
    resources: Mapping[str, Any],
    instance: Instance | None = None,
    resource_config: Mapping[str, Any] | None = None,
    run: Run | None = None,
    log_manager: Any = None,
    event_loop: Any = None,
) -> Iterator[ScopedResources]:
    """Make resources outside a run, as a context manager that tears them down.

    :param resources: by key: definitions, objects of resource classes, or plain objects.
    :param instance: an ephemeral one when not given.
    :param resource_config: ``{key: {"config": ...}}``.
    :return: has the resources as attributes.
    :raises InvalidConfigError: when the config does not fit.
    :raises ResourceFunctionError: when a resource could not be made, or not be torn down.
    """
    given = GivenResources(resources, resource_config, instance, run, log_manager, event_loop)
    with given:
        yield given.scoped()
