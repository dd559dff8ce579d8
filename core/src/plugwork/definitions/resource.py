"""Resources: objects that ops share in one process, made before the steps and torn down after."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Iterator
from contextlib import _GeneratorContextManager, contextmanager
from typing import Any, overload

from plugwork.config.schema import Field
from plugwork.definitions.configured import ConfiguredMixin, field_of, given_config
from plugwork.definitions.names import check_resource_keys
from plugwork.definitions.place import where
from plugwork.definitions.resource_context import InitResourceContext as InitResourceContext
from plugwork.errors import (
    InvalidDefinitionError,
    InvalidInvocationError,
    InvariantViolationError,
)

ResourceFn = Callable[..., Any]


class ResourceDefinition(ConfiguredMixin):
    """Makes a resource. See :func:`resource`.

    Calling it, with a context if its function takes one, makes the resource outside a run, as a
    unit test does; a resource that is yielded comes as a context manager.

    :param resource_fn: gets an :class:`InitResourceContext`, or nothing; returns the resource, or
        yields it and tears it down after.
    :param config_schema: of the resource's config; None takes any.
    :raises InvalidDefinitionError: when the function takes anything else.
    """

    what = "resource"
    #: The resource itself, when it exists already.
    _ready: tuple[Any, ...] = ()

    def __init__(
        self,
        resource_fn: ResourceFn,
        config_schema: Any = None,
        description: str | None = None,
        required_resource_keys: Iterable[str] | None = None,
        version: str | None = None,
    ) -> None:
        self.resource_fn = resource_fn
        self._takes_context = _takes_context(resource_fn, self.what)
        self.config_field: Field = field_of(config_schema, self._label, resource_fn)
        self.description = description
        self.required_resource_keys = check_resource_keys(required_resource_keys, self._label)
        self.version = version
        #: Whether the resource is torn down after its use.
        self.needs_teardown = inspect.isgeneratorfunction(inspect.unwrap(resource_fn))

    @property
    def _label(self) -> str:
        """The definition, for messages."""
        fn = self.resource_fn
        return f"{self.what} {getattr(fn, '__name__', type(fn).__name__)!r} ({where(fn)})"

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        context = self._given_context(args, kwargs)
        if context is not None:
            checked = given_config(self.config_field, context.resource_config, self._label)
            context = context.with_config(checked)
        opened = self.open(context or InitResourceContext(None, None))
        return opened if self.needs_teardown else opened.__enter__()

    def _given_context(
        self, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> InitResourceContext | None:
        given = [*args, *kwargs.values()]
        if len(given) > 1 or (self._takes_context and not given):
            raise InvalidInvocationError(
                f"{self._label} is called with one argument, a context made by "
                f"build_init_resource_context(); got {len(given)}"
            )
        context = given[0] if given else None
        if context is not None and not isinstance(context, InitResourceContext):
            raise InvalidInvocationError(
                f"{self._label} is called with a context made by build_init_resource_context(), "
                f"got {context!r}"
            )
        return context

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
        made = cls(lambda: value, None, description)
        made._ready = (value,)
        return made

    def lacks(self, method: str) -> bool:
        """Whether the resource is known to have no such method."""
        return any(not hasattr(value, method) for value in self._ready)

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
    if not callable(fn):
        raise InvalidDefinitionError(f"a {what} is made of a function, got {fn!r}")
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
            f"the function of a {what} takes one parameter, the context; it has: {names} "
            f"({where(fn)})"
        )
    return len(required) == 1


@overload
def resource(config_schema: ResourceFn) -> ResourceDefinition: ...


@overload
def resource(
    config_schema: Any = ...,
    description: str | None = ...,
    required_resource_keys: Iterable[str] | None = ...,
    version: str | None = ...,
) -> Callable[[ResourceFn], ResourceDefinition]: ...


def resource(
    config_schema: Any = None,
    description: str | None = None,
    required_resource_keys: Iterable[str] | None = None,
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
