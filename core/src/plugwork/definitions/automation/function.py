"""How to call the function of a schedule or sensor."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from plugwork.definitions.place import caller, where
from plugwork.definitions.resource_param import is_resource_annotation
from plugwork.definitions.signature import CONTEXT_NAMES, FunctionKind, evaluate
from plugwork.errors import InvalidDefinitionError, InvalidInvocationError


class UserFunction:
    """A user's function, read once when schedule or sensor is defined.

    :param owner: whose it is, for messages.
    :param takes: what its parameters may be, in this order and under any names: ``("context",)``.
        Parameters annotated as resources are found by their names, whatever their order.
    :raises InvalidDefinitionError: for what cannot be called so.
    """

    __slots__ = ("fn", "is_generator", "names", "optional", "owner", "resource_names", "takes")

    def __init__(self, fn: Any, owner: str, takes: tuple[str, ...] = ("context",)) -> None:
        self.fn = _callable(fn, owner)
        self.owner = owner
        self.takes = takes
        self.is_generator = FunctionKind.of(fn) is FunctionKind.GENERATOR
        self.names: tuple[str, ...] = ()
        #: Those that a caller may leave out.
        self.optional: tuple[str, ...] = ()
        self.resource_names: tuple[str, ...] = ()
        for parameter in _parameters(fn):
            self._add(parameter)

    @property
    def place(self) -> str:
        return place_of(self.fn)

    def _add(self, parameter: inspect.Parameter) -> None:
        if is_resource_annotation(evaluate(parameter.annotation, self.fn)):
            self.resource_names += (parameter.name,)
        elif parameter.default is not parameter.empty and parameter.name not in CONTEXT_NAMES:
            return  # bound to a value where the function was written
        elif len(self.names) < len(self.takes):
            self.names += (parameter.name,)
            if parameter.default is not parameter.empty:
                self.optional += (parameter.name,)
        else:
            raise InvalidDefinitionError(
                f"{self.owner}: its function takes {_listed(self.takes)} and resources, which are "
                f"annotated as such; {parameter.name!r} is neither ({self.place})"
            )

    @property
    def first(self) -> str:
        """The name under which a caller gives the first of what it takes."""
        return self.names[0] if self.names else self.takes[0]

    def arguments(self, given: Iterable[Any], resources: Any) -> dict[str, Any]:
        """Return the arguments by name.

        :param given: the values of what it takes, in order; it gets those that it has names for.
        :param resources: has the resources as attributes.
        """
        return {**dict(zip(self.names, given, strict=False)), **self.resources_of(resources)}

    def resources_of(
        self, resources: Any, known: Mapping[str, Any] | None = None
    ) -> dict[str, Any]:
        """Return the resources by parameter.

        :param resources: has them as attributes.
        :param known: those that are given otherwise.
        """
        found = dict(known or {})
        for name in self.resource_names:
            if name not in found:
                found[name] = getattr(resources, name)
        return found

    def direct_arguments(
        self, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        """Return what a test gave, by name: the arguments, and the resources among the rest.

        :raises InvalidInvocationError: when the arguments do not fit.
        """
        resources = {name: kwargs.pop(name) for name in self.resource_names if name in kwargs}
        names = self.names or (self.first,)
        if len(args) > len(names):
            raise InvalidInvocationError(
                f"{self.owner} is called with {_listed(names)}, and resources by name; got "
                f"{len(args)} arguments"
            )
        given = {**dict(zip(names, args, strict=False)), **kwargs}
        for name in given:
            if name not in names:
                raise InvalidInvocationError(f"{self.owner} has no parameter {name!r}")
        for name in self.names:
            if name not in given and name not in self.optional:
                raise InvalidInvocationError(
                    f"{self.owner} needs {name!r}: give it first; the build_..._context functions "
                    "make contexts"
                )
        return given, resources


def place_of(fn: object) -> str:
    """Return file and line of a function; of the running user's code for what is none."""
    return where(fn) if inspect.isfunction(fn) else caller()


def _callable(fn: Any, owner: str) -> Callable[..., Any]:
    if not callable(fn):
        raise InvalidDefinitionError(f"{owner}: expected a function, got {fn!r}")
    if FunctionKind.of(fn) in (FunctionKind.ASYNC, FunctionKind.ASYNC_GENERATOR):
        raise InvalidDefinitionError(
            f"{owner}: its function is async, and evaluations are not; make it a plain function or "
            f"a generator, and await inside with asyncio.run() ({place_of(fn)})"
        )
    found: Callable[..., Any] = fn
    return found


def _parameters(fn: Callable[..., Any]) -> list[inspect.Parameter]:
    try:
        parameters = inspect.signature(fn).parameters.values()
    except ValueError:  # built in, without a signature
        return []
    variadic = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
    return [one for one in parameters if one.kind not in variadic]


def _listed(names: tuple[str, ...]) -> str:
    return " and ".join(names)
