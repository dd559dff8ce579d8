"""Resources as classes: their fields are their config."""

from __future__ import annotations

import copy
import types
import typing
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import Annotated, Any, Self, TypeVar, get_args, get_origin

from plugwork.config.class_shape import as_config, init_names
from plugwork.config.classes import Config, schema_of
from plugwork.config.schema import Field, Shape
from plugwork.definitions.configured import checked_config
from plugwork.definitions.resource import InitResourceContext, ResourceDefinition
from plugwork.definitions.resource_binding import as_definition
from plugwork.definitions.resource_param import ResourceMark
from plugwork.errors import CheckError, InvalidDefinitionError, InvariantViolationError

T = TypeVar("T")


class _DependencyMark(ResourceMark):
    __slots__ = ()


#: Annotates a field of a resource class that holds another resource, of whatever kind:
#: ``db: ResourceDependency[Connection]``.
ResourceDependency = Annotated[T, _DependencyMark()]


class ConfigurableResource(Config, ResourceMark):
    """Base of resources that are classes.

    Fields are config, as in :class:`Config`; given values are defaults, which run config may
    replace. A field annotated with a resource class, or with :data:`ResourceDependency`, holds
    another resource: it is made before this one, once if it is also bound under a key of its own.

    A run works on a copy made from its config; the object that was bound is never set up.
    """

    _init_context: InitResourceContext | None = None

    @classmethod
    def _is_config_field(cls, name: str, annotation: Any) -> bool:
        return not holds_resource(annotation)

    @classmethod
    def _make_definition(
        cls, fn: Callable[..., Any], field: Field, required: set[str]
    ) -> ResourceDefinition:
        """Make the definition of which a job's resources are."""
        return ResourceDefinition(fn, field, cls.__doc__, required)

    @classmethod
    def configure_at_launch(cls, **values: Any) -> LaunchTimeResource:
        """Return a resource whose other config comes with each run."""
        return LaunchTimeResource(cls, values)

    def setup_for_execution(self, context: InitResourceContext) -> None:
        """Prepare the resource; runs once in each process that needs it, before the steps."""

    def teardown_after_execution(self, context: InitResourceContext) -> None:
        """Undo the preparation; runs after the steps, also after failed ones."""

    @contextmanager
    def yield_for_execution(self, context: InitResourceContext) -> Iterator[Self]:
        """Set up, hand the resource out, tear down. Override it instead of the other two."""
        self.setup_for_execution(context)
        try:
            yield self
        finally:
            self.teardown_after_execution(context)

    def get_resource_context(self) -> InitResourceContext:
        """Return what the resource was made from in this run.

        :raises CheckError: outside a run.
        """
        if self._init_context is None:
            raise CheckError(f"{type(self).__name__} has a context only while a run uses it")
        return self._init_context

    def with_replaced_resource_context(self, context: InitResourceContext) -> Self:
        """Return a copy with another context."""
        replaced = copy.copy(self)
        object.__setattr__(replaced, "_init_context", context)
        return replaced

    @classmethod
    def to_config_schema(cls) -> Shape:
        """Return the schema of the fields, for a function that makes the resource."""
        return schema_of(cls)

    @classmethod
    def from_resource_context(cls, context: InitResourceContext) -> Self:
        """Make the resource from the config of a context, for a function that wraps the class.

        :raises InvariantViolationError: for a resource that is torn down.
        """
        _check_stays(cls.__name__, _tears_down(cls), "from_resource_context_cm")
        with cls.from_resource_context_cm(context) as made:
            return made

    @classmethod
    @contextmanager
    def from_resource_context_cm(cls, context: InitResourceContext) -> Iterator[Self]:
        """Make the resource from the config of a context, and tear it down on leaving."""
        made = cls(**(context.resource_config or {})).with_replaced_resource_context(context)
        with made.yield_for_execution(context) as handed_out:
            yield handed_out

    def process_config_and_initialize(self) -> Self:
        """Return a copy as a run uses it, for a unit test: references read, set up.

        :raises InvariantViolationError: for a resource that is torn down, or holds one.
        """
        definition = self.__resource_definition__({})
        name = type(self).__name__
        _check_stays(name, definition.needs_teardown, "process_config_and_initialize_cm")
        with self.process_config_and_initialize_cm() as made:
            return made

    @contextmanager
    def process_config_and_initialize_cm(self) -> Iterator[Self]:
        """Hand out a copy as a run uses it, and tear it down on leaving."""
        definition = self.__resource_definition__({})
        config = checked_config(definition.config_field, {}, type(self).__name__)
        with definition.open(InitResourceContext(config, None, definition)) as made:
            yield made

    def __resource_definition__(self, keys_by_id: Mapping[int, str]) -> ResourceDefinition:
        held = {
            name: getattr(self, name) for name in resource_fields(type(self)) if hasattr(self, name)
        }
        return _definition(type(self), self.__as_config__(), held, keys_by_id)


class LaunchTimeResource:
    """A :class:`ConfigurableResource` of which a part of the config is still to come."""

    __slots__ = ("_cls", "_values")

    def __init__(self, cls: type[ConfigurableResource], values: Mapping[str, Any]) -> None:
        known = {*schema_of(cls).fields, *resource_fields(cls)}
        for name in values:
            if name not in known:
                raise InvalidDefinitionError(
                    f"{cls.__name__} has no field {name!r}; it has: {', '.join(sorted(known))}"
                )
        self._cls = cls
        self._values = values

    def __resource_definition__(self, keys_by_id: Mapping[int, str]) -> ResourceDefinition:
        holding = resource_fields(self._cls)
        held = {name: value for name, value in self._values.items() if name in holding}
        given = {k: as_config(v) for k, v in self._values.items() if k not in holding}
        return _definition(self._cls, given, held, keys_by_id)


def holds_resource(annotation: Any) -> bool:
    """Tell whether a field annotated so holds a resource."""
    origin = get_origin(annotation)
    if origin is Annotated:
        return any(isinstance(mark, ResourceMark) for mark in annotation.__metadata__)
    if origin in (typing.Union, types.UnionType):
        return any(holds_resource(one) for one in get_args(annotation))
    return isinstance(annotation, type) and issubclass(annotation, ResourceMark)


def resource_fields(cls: type[ConfigurableResource]) -> set[str]:
    """Return the names of the fields that hold resources."""
    return init_names(cls) - schema_of(cls).fields.keys()


Opener = Callable[[InitResourceContext, ExitStack], Any]


def _definition(
    cls: type[ConfigurableResource],
    given: Mapping[str, Any],
    held: Mapping[str, Any],
    keys_by_id: Mapping[int, str],
) -> ResourceDefinition:
    """Make the definition of a resource class.

    :param given: config values that are defaults here.
    :param held: the resources in its fields.
    :param keys_by_id: the keys of resources that are bound beside this one.
    """
    fields = {name: _with_default(one, name, given) for name, one in schema_of(cls).fields.items()}
    openers: dict[str, Opener] = {}
    required: set[str] = set()
    needs_teardown = _tears_down(cls)
    for name, value in held.items():
        key = keys_by_id.get(id(value))
        if key is not None:
            required.add(key)
            openers[name] = _bound(key)
            continue
        inner = as_definition(value, keys_by_id)
        required |= inner.required_resource_keys
        needs_teardown = needs_teardown or inner.needs_teardown
        fields[name] = inner.config_field
        openers[name] = _own(name, inner)

    def make(context: InitResourceContext) -> Iterator[Any]:
        with ExitStack() as stack:
            config = dict(context.resource_config or {})
            for name, opener in openers.items():
                config[name] = opener(context, stack)
            made = cls(**config).with_replaced_resource_context(context)
            yield stack.enter_context(made.yield_for_execution(context))

    make.__name__ = cls.__name__
    definition = cls._make_definition(make, Field(Shape(fields)), required)
    definition.needs_teardown = needs_teardown
    return definition


def _check_stays(name: str, needs_teardown: bool, instead: str) -> None:
    if needs_teardown:
        raise InvariantViolationError(
            f"{name} is torn down after its use; use it in a block: with {instead}(...) as made:"
        )


def _tears_down(cls: type[ConfigurableResource]) -> bool:
    base = ConfigurableResource
    return (
        cls.teardown_after_execution is not base.teardown_after_execution
        or cls.yield_for_execution is not base.yield_for_execution
    )


def _with_default(field: Field, name: str, given: Mapping[str, Any]) -> Field:
    if name not in given:
        return field
    return Field(
        field.config_type,
        default_value=given[name],
        description=field.description,
        is_secret=field.is_secret,
    )


def _bound(key: str) -> Opener:
    return lambda context, stack: getattr(context.resources, key)


def _own(name: str, inner: ResourceDefinition) -> Opener:
    def opener(context: InitResourceContext, stack: ExitStack) -> Any:
        config = context.resource_config.get(name)
        return stack.enter_context(inner.open(context.with_config(config)))

    return opener
