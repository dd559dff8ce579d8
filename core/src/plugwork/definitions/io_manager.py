"""IO managers: resources that store outputs and load inputs."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable
from typing import Any, overload

from plugwork.abc.io_manager import InputManager as InputManager
from plugwork.abc.io_manager import IOManager as IOManager
from plugwork.config.schema import Field
from plugwork.definitions.configured import field_of
from plugwork.definitions.input_context import InputContext as InputContext
from plugwork.definitions.output_context import OutputContext as OutputContext
from plugwork.definitions.place import where
from plugwork.definitions.resource import ResourceDefinition
from plugwork.errors import InvalidDefinitionError, InvariantViolationError

ManagerFn = Callable[..., Any]


class InputManagerDefinition(ResourceDefinition):
    """Makes an input manager. See :func:`input_manager`.

    :param input_config_schema: of what run config gives under ``ops.<node>.inputs.<input>`` to the
        inputs that name the manager: ``context.config`` of a load. None: nothing is given.
    """

    what = "input manager"

    def __init__(
        self,
        resource_fn: ManagerFn,
        config_schema: Any = None,
        description: str | None = None,
        input_config_schema: Any = None,
        required_resource_keys: Iterable[str] | None = None,
        version: str | None = None,
    ) -> None:
        super().__init__(resource_fn, config_schema, description, required_resource_keys, version)
        #: None when inputs take no config.
        self.input_config_field = _field_or_none(input_config_schema)

    def lacks(self, method: str) -> bool:
        return method == "handle_output"


class IOManagerDefinition(InputManagerDefinition):
    """Makes an IO manager. See :func:`io_manager`.

    :param input_config_schema: see :class:`InputManagerDefinition`; of inputs that name the manager
        as theirs.
    :param output_config_schema: of what run config gives under ``ops.<node>.outputs.<output>``:
        ``context.config`` of a store. None: nothing is given.
    """

    what = "IO manager"
    #: Whether another process can load what its managers store, as far as the definition knows.
    shares_between_processes: bool = True

    def __init__(
        self,
        resource_fn: ManagerFn,
        config_schema: Any = None,
        description: str | None = None,
        required_resource_keys: Iterable[str] | None = None,
        version: str | None = None,
        input_config_schema: Any = None,
        output_config_schema: Any = None,
    ) -> None:
        super().__init__(
            resource_fn,
            config_schema,
            description,
            input_config_schema,
            required_resource_keys,
            version,
        )
        #: None when outputs take no config.
        self.output_config_field = _field_or_none(output_config_schema)

    def lacks(self, method: str) -> bool:
        return ResourceDefinition.lacks(self, method)

    @classmethod
    def hardcoded_io_manager(
        cls, value: IOManager, description: str | None = None
    ) -> IOManagerDefinition:
        """Make the definition of an IO manager that exists already."""
        made = cls(lambda: value, None, description)
        made._ready = (value,)
        made.shares_between_processes = bool(getattr(value, "shares_between_processes", True))
        return made


def _field_or_none(schema: Any) -> Field | None:
    return None if schema is None else field_of(schema)


@overload
def io_manager(config_schema: ManagerFn) -> IOManagerDefinition: ...


@overload
def io_manager(
    config_schema: Any = ...,
    description: str | None = ...,
    output_config_schema: Any = ...,
    input_config_schema: Any = ...,
    required_resource_keys: Iterable[str] | None = ...,
    version: str | None = ...,
) -> Callable[[ManagerFn], IOManagerDefinition]: ...


def io_manager(
    config_schema: Any = None,
    description: str | None = None,
    output_config_schema: Any = None,
    input_config_schema: Any = None,
    required_resource_keys: Iterable[str] | None = None,
    version: str | None = None,
) -> IOManagerDefinition | Callable[[ManagerFn], IOManagerDefinition]:
    """Make an IO manager resource of a function that returns an :class:`IOManager`.

    :param config_schema: of ``context.resource_config``; None takes any config.
    :param output_config_schema: of what run config gives to each output that is stored with it,
        under ``ops.<node>.outputs.<output>``; it stands in ``context.config``.
    :param input_config_schema: of what run config gives to each input that names it as its input
        manager, under ``ops.<node>.inputs.<input>``.
    :param required_resource_keys: resources made before this one, in ``context.resources``.
    :raises InvalidDefinitionError: when the function does not fit.
    """
    if inspect.isfunction(config_schema):
        return IOManagerDefinition(config_schema, description=config_schema.__doc__)

    def define(fn: ManagerFn) -> IOManagerDefinition:
        return IOManagerDefinition(
            fn,
            config_schema,
            description or fn.__doc__,
            required_resource_keys,
            version,
            input_config_schema,
            output_config_schema,
        )

    return define


@overload
def input_manager(config_schema: ManagerFn) -> InputManagerDefinition: ...


@overload
def input_manager(
    config_schema: Any = ...,
    description: str | None = ...,
    input_config_schema: Any = ...,
    required_resource_keys: Iterable[str] | None = ...,
    version: str | None = ...,
) -> Callable[[ManagerFn], InputManagerDefinition]: ...


def input_manager(
    config_schema: Any = None,
    description: str | None = None,
    input_config_schema: Any = None,
    required_resource_keys: Iterable[str] | None = None,
    version: str | None = None,
) -> InputManagerDefinition | Callable[[ManagerFn], InputManagerDefinition]:
    """Make an input manager resource of a function that loads an input.

    :param config_schema: of ``context.resource_config``, where ``context`` is the
        :class:`InputContext` that the function gets.
    :param input_config_schema: of ``context.config``, which run config gives to each input that
        names the manager, under ``ops.<node>.inputs.<input>``.
    :raises InvalidDefinitionError: when the function does not take one parameter, the context.
    """
    if inspect.isfunction(config_schema):
        return InputManagerDefinition(_manager_of(config_schema))

    def define(fn: ManagerFn) -> InputManagerDefinition:
        return InputManagerDefinition(
            _manager_of(fn),
            config_schema,
            description or fn.__doc__,
            input_config_schema,
            required_resource_keys,
            version,
        )

    return define


def _manager_of(fn: ManagerFn) -> ManagerFn:
    if not callable(fn):
        raise InvalidDefinitionError(f"an input manager is made of a function, got {fn!r}")
    try:
        inspect.signature(fn).bind(object())
    except TypeError:
        raise InvalidDefinitionError(
            f"the function of the input manager {fn.__name__!r} takes one parameter, the context; "
            f"its signature is {inspect.signature(fn)} ({where(fn)})"
        ) from None

    def make() -> InputManager:
        return _FunctionInputManager(fn)

    make.__name__ = fn.__name__
    return make


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
