"""IO managers: resources that store outputs and load inputs."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any, overload

from plugwork.abc.io_manager import InputManager as InputManager
from plugwork.abc.io_manager import IOManager as IOManager
from plugwork.definitions.io_contexts import InputContext as InputContext
from plugwork.definitions.io_contexts import OutputContext as OutputContext
from plugwork.definitions.resource import ResourceDefinition
from plugwork.errors import InvariantViolationError

ManagerFn = Callable[..., Any]


class IOManagerDefinition(ResourceDefinition):
    """Makes an IO manager. See :func:`io_manager`."""

    what = "IO manager"
    #: Whether another process can load what its managers store, as far as the definition knows.
    shares_between_processes: bool = True


class InputManagerDefinition(ResourceDefinition):
    """Makes an input manager. See :func:`input_manager`."""

    what = "input manager"


@overload
def io_manager(config_schema: ManagerFn) -> IOManagerDefinition: ...


@overload
def io_manager(
    config_schema: Any = ...,
    description: str | None = ...,
    *,
    required_resource_keys: set[str] | None = ...,
    version: str | None = ...,
) -> Callable[[ManagerFn], IOManagerDefinition]: ...


def io_manager(
    config_schema: Any = None,
    description: str | None = None,
    *,
    required_resource_keys: set[str] | None = None,
    version: str | None = None,
) -> IOManagerDefinition | Callable[[ManagerFn], IOManagerDefinition]:
    """Make an IO manager resource of a function that returns an :class:`IOManager`.

    The parameters are those of :func:`plugwork.resource`.
    """
    if inspect.isfunction(config_schema):
        return IOManagerDefinition(config_schema, description=config_schema.__doc__)

    def define(fn: ManagerFn) -> IOManagerDefinition:
        return IOManagerDefinition(
            fn, config_schema, description or fn.__doc__, required_resource_keys, version
        )

    return define


@overload
def input_manager(config_schema: ManagerFn) -> InputManagerDefinition: ...


@overload
def input_manager(
    config_schema: Any = ...,
    description: str | None = ...,
    *,
    required_resource_keys: set[str] | None = ...,
    version: str | None = ...,
) -> Callable[[ManagerFn], InputManagerDefinition]: ...


def input_manager(
    config_schema: Any = None,
    description: str | None = None,
    *,
    required_resource_keys: set[str] | None = None,
    version: str | None = None,
) -> InputManagerDefinition | Callable[[ManagerFn], InputManagerDefinition]:
    """Make an input manager resource of a function that loads an input.

    :param config_schema: of ``context.resource_config``, where ``context`` is the
        :class:`InputContext` that the function gets.
    """
    if inspect.isfunction(config_schema):
        return InputManagerDefinition(_manager_of(config_schema))

    def define(fn: ManagerFn) -> InputManagerDefinition:
        return InputManagerDefinition(
            _manager_of(fn),
            config_schema,
            description or fn.__doc__,
            required_resource_keys,
            version,
        )

    return define


def _manager_of(fn: ManagerFn) -> ManagerFn:
    return lambda: _FunctionInputManager(fn)


class _FunctionInputManager(InputManager):
    """Loads inputs with a function."""

    def __init__(self, fn: ManagerFn) -> None:
        self._fn = fn

    def load_input(self, context: InputContext) -> Any:
        return self._fn(context)


class InMemoryIOManager(IOManager):
    """Keeps outputs in a dictionary of the process. Safe for threads."""

    shares_between_processes = False

    def __init__(self) -> None:
        #: Identifier -> value.
        self.values: dict[tuple[str, ...], Any] = {}

    def handle_output(self, context: OutputContext, obj: Any) -> None:
        self.values[tuple(context.get_identifier())] = obj

    def load_input(self, context: InputContext) -> Any:
        identifier = tuple(context.get_identifier())
        try:
            return self.values[identifier]
        except KeyError:
            raise InvariantViolationError(
                f"no value of {'/'.join(identifier)} is in the memory of this process; a job whose "
                "steps run in several processes needs an IO manager that stores, such as "
                "fs_io_manager"
            ) from None


class _InMemoryDefinition(IOManagerDefinition):
    shares_between_processes = False


#: Keeps outputs in the memory of the run's process.
mem_io_manager: IOManagerDefinition = _InMemoryDefinition(
    InMemoryIOManager, description="Keeps outputs in the memory of the process."
)
