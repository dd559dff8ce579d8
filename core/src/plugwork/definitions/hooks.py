"""Hooks: functions called when an attempt of a step has ended."""

from __future__ import annotations

import inspect
import itertools
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any, overload

from plugwork.definitions.hook_context import HookContext
from plugwork.definitions.names import check_name, check_resource_keys, copy_names
from plugwork.definitions.place import where
from plugwork.definitions.signature import CONTEXT_NAMES
from plugwork.errors import InvalidDefinitionError, InvalidInvocationError

if TYPE_CHECKING:
    from plugwork.model import Event

#: What the user's function is of a success or a failure hook.
EndFn = Callable[["HookContext"], Any]
HookFn = Callable[["HookContext", Sequence["Event"]], "HookExecutionResult"]

_numbers = itertools.count()


class HookExecutionResult:
    """What a hook did with an attempt.

    :param hook_name: of the hook.
    :param is_skipped: True when the attempt did not concern it.
    """

    __slots__ = ("hook_name", "is_skipped")

    def __init__(self, hook_name: str, is_skipped: bool | None = None) -> None:
        self.hook_name = hook_name
        self.is_skipped = bool(is_skipped)

    def __repr__(self) -> str:
        return f"HookExecutionResult({self.hook_name!r}, is_skipped={self.is_skipped})"


class HookDefinition:
    """A hook; see :func:`success_hook`, :func:`failure_hook` and :func:`event_list_hook`.

    Calling it with a job or a graph, or writing it over one as a decorator, returns that with the
    hook. Calling it with a context runs the function, as a unit test does.

    :param name: tells hooks apart; letters, digits and underscores.
    :param hook_fn: gets a :class:`HookContext` and the events of the attempt, and returns a
        :class:`HookExecutionResult`.
    :param required_resource_keys: resources that the function takes from ``context.resources``.
    :param decorated_fn: what a unit test runs; ``hook_fn`` when not given.
    """

    def __init__(
        self,
        *,
        name: str,
        hook_fn: HookFn,
        required_resource_keys: Iterable[str] | None = None,
        decorated_fn: Callable[..., Any] | None = None,
    ) -> None:
        self.name = check_name(name, "hook")
        if not callable(hook_fn):
            raise InvalidDefinitionError(
                f"hook {name!r}: hook_fn must be a function, got {hook_fn!r}"
            )
        self.hook_fn = hook_fn
        self.required_resource_keys = check_resource_keys(required_resource_keys, f"hook {name!r}")
        self.decorated_fn = decorated_fn
        #: Grows with each hook that a process defines: the order of hooks that come as a set.
        self.number = next(_numbers)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        target: Any = args[0] if args else None
        if hasattr(target, "with_hooks"):
            return target.with_hooks({self})
        if self.decorated_fn is None:
            return self.hook_fn(*args, **kwargs)
        try:
            inspect.signature(self.decorated_fn).bind(*args, **kwargs)
        except TypeError as error:
            raise InvalidInvocationError(
                f"hook {self.name!r} cannot be called so: {error}; give it a context made by "
                "build_hook_context()"
            ) from None
        return self.decorated_fn(
            *(self._bound(one) for one in args),
            **{name: self._bound(one) for name, one in kwargs.items()},
        )

    def _bound(self, argument: Any) -> Any:
        return argument.bound_to(self) if isinstance(argument, HookContext) else argument

    def __repr__(self) -> str:
        return f"<HookDefinition {self.name}>"


def event_list_hook(
    name: str | Callable[..., HookExecutionResult] | None = None,
    required_resource_keys: Iterable[str] | None = None,
    decorated_fn: Callable[..., Any] | None = None,
) -> Any:
    """Make a hook that is called after every attempt, whatever its end.

    The function takes the context and the list of the attempt's events, and returns a
    :class:`HookExecutionResult`.

    :param name: the function's name when not given.
    :param required_resource_keys: resources that the function takes from ``context.resources``.
    :param decorated_fn: what a unit test runs; the function when not given.
    :raises InvalidDefinitionError: when the function's parameters do not fit.
    """

    def define(fn: Callable[..., HookExecutionResult]) -> HookDefinition:
        chosen = name if isinstance(name, str) else _name_of(fn, "event_list_hook")
        _check_parameters(fn, chosen, 2)

        def call(context: HookContext, events: Sequence[Event]) -> HookExecutionResult:
            found = fn(context, events)
            if not isinstance(found, HookExecutionResult):
                raise InvalidDefinitionError(
                    f"hook {chosen!r} must return a HookExecutionResult, got {found!r}"
                )
            return found

        return _made(chosen, call, required_resource_keys, decorated_fn or fn, fn)

    return define if name is None or isinstance(name, str) else define(name)


@overload
def success_hook(hook_fn: EndFn) -> HookDefinition: ...


@overload
def success_hook(
    hook_fn: None = None,
    *,
    name: str | None = ...,
    required_resource_keys: Iterable[str] | None = ...,
) -> Callable[[EndFn], HookDefinition]: ...


def success_hook(
    hook_fn: EndFn | None = None,
    *,
    name: str | None = None,
    required_resource_keys: Iterable[str] | None = None,
) -> HookDefinition | Callable[[EndFn], HookDefinition]:
    """Make a hook that is called when a step has succeeded.

    :param name: the function's name when not given.
    :param required_resource_keys: resources that the function takes from ``context.resources``.
    :raises InvalidDefinitionError: when the function does not take one parameter, ``context``.
    """

    def define(fn: EndFn) -> HookDefinition:
        return _end_hook(
            fn, name, required_resource_keys, "success_hook", lambda one: one.is_step_success
        )

    return define(hook_fn) if hook_fn is not None else define


@overload
def failure_hook(name: EndFn) -> HookDefinition: ...


@overload
def failure_hook(
    name: str | None = ..., required_resource_keys: Iterable[str] | None = ...
) -> Callable[[EndFn], HookDefinition]: ...


def failure_hook(
    name: str | EndFn | None = None, required_resource_keys: Iterable[str] | None = None
) -> HookDefinition | Callable[[EndFn], HookDefinition]:
    """Make a hook that is called when a step has failed for good, after its last attempt.

    ``context.op_exception`` is what the step's code raised.

    :param name: the function's name when not given.
    :param required_resource_keys: resources that the function takes from ``context.resources``.
    :raises InvalidDefinitionError: when the function does not take one parameter, ``context``.
    """

    def define(fn: EndFn) -> HookDefinition:
        chosen = name if isinstance(name, str) else None
        return _end_hook(
            fn, chosen, required_resource_keys, "failure_hook", lambda one: one.is_step_failure
        )

    return define if name is None or isinstance(name, str) else define(name)


def _end_hook(
    fn: EndFn,
    name: str | None,
    required_resource_keys: Iterable[str] | None,
    decorator: str,
    concerns: Callable[[Event], bool],
) -> HookDefinition:
    chosen = name or _name_of(fn, decorator)
    _check_parameters(fn, chosen, 1)

    def call(context: HookContext, events: Sequence[Event]) -> HookExecutionResult:
        if not any(concerns(one) for one in events):
            return HookExecutionResult(chosen, is_skipped=True)
        fn(context)
        return HookExecutionResult(chosen)

    return _made(chosen, call, required_resource_keys, fn, fn)


def _made(
    name: str,
    hook_fn: HookFn,
    required_resource_keys: Iterable[str] | None,
    decorated_fn: Callable[..., Any],
    fn: Callable[..., Any],
) -> HookDefinition:
    made = HookDefinition(
        name=name,
        hook_fn=hook_fn,
        required_resource_keys=required_resource_keys,
        decorated_fn=decorated_fn,
    )
    copy_names(made, fn)
    return made


def _name_of(fn: object, decorator: str) -> str:
    if not callable(fn) or isinstance(fn, HookDefinition):
        raise InvalidDefinitionError(f"@{decorator} stands over a function, got {fn!r}")
    return str(getattr(fn, "__name__", type(fn).__name__))


def _check_parameters(fn: Callable[..., Any], name: str, count: int) -> None:
    """Check that a hook's function takes a context, and events if it is to get them."""
    found = list(inspect.signature(fn).parameters.values())
    if not found or found[0].name not in CONTEXT_NAMES:
        raise InvalidDefinitionError(
            f"hook {name!r}: the first parameter of its function must be named 'context' "
            f"({where(fn)})"
        )
    required = [one for one in found if one.default is one.empty]
    if len(found) < count or len(required) > count:
        takes = "one parameter, context" if count == 1 else "two parameters: context, events"
        names = ", ".join(one.name for one in found)
        raise InvalidDefinitionError(
            f"hook {name!r}: its function takes {takes}; it has: {names} ({where(fn)})"
        )
