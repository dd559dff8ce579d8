"""Placeholders for values, in the body of a graph."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, NoReturn

from plugwork.definitions.node import GraphInput, NodeOutput, Origin
from plugwork.errors import InvalidDefinitionError

if TYPE_CHECKING:
    from plugwork.definitions.composition import Composition


class Handle:
    """Stands in a graph's body for a value that exists only when a run does."""

    __slots__ = ("composition", "dependency", "mapped_over")

    def __init__(
        self,
        composition: Composition,
        dependency: NodeOutput | GraphInput,
        mapped_over: Origin | None = None,
    ) -> None:
        self.composition = composition
        self.dependency = dependency
        self.mapped_over = mapped_over

    def map(self, fn: Callable[[Any], Any]) -> Any:
        self._refuse("is not dynamic: it cannot be mapped")

    def collect(self) -> Collected:
        self._refuse("is not dynamic: it cannot be collected")

    def __iter__(self) -> Iterator[Any]:
        self._refuse("cannot be taken apart")

    def __getitem__(self, key: object) -> Any:
        self._refuse("has no members")

    def _refuse(self, what: str) -> NoReturn:
        raise InvalidDefinitionError(
            f"the {self!r} {what} in the body of {self.composition.owner}: the body only connects "
            "ops, values exist in ops. Use several outputs, or a dynamic output with map()"
        )

    def __repr__(self) -> str:
        if isinstance(self.dependency, GraphInput):
            return f"graph input {self.dependency.name!r}"
        return f"output {self.dependency.output!r} of {self.dependency.node!r}"


class DynamicHandle(Handle):
    """Stands for a dynamic output: any number of values."""

    __slots__ = ()

    def map(self, fn: Callable[[Any], Any]) -> Any:
        """Run what ``fn`` connects once for each value.

        :param fn: gets one placeholder; returns a handle, several in a tuple or list, or None.
        """
        source = self.dependency
        if isinstance(source, GraphInput):
            self._refuse("is not dynamic")
        origin = self.mapped_over or (source.node, source.output)
        return _mapped(fn(Handle(self.composition, source, origin)))

    def collect(self) -> Collected:
        """Join all values into a list, in the order in which they were yielded."""
        return Collected(self)


class MappedHandle:
    """Stands for an output of the mapped steps: one value for each mapping key."""

    __slots__ = ("handle",)

    def __init__(self, handle: Handle) -> None:
        self.handle = handle

    def map(self, fn: Callable[[Any], Any]) -> Any:
        """Go on with each value in the same mapping."""
        return _mapped(fn(self.handle))

    def collect(self) -> Collected:
        """Join what all mapped steps gave into a list, in the order of the mapping keys."""
        return Collected(self.handle)

    def __repr__(self) -> str:
        return f"mapped {self.handle!r}"


class Collected:
    """Stands for a list of all values of one mapping."""

    __slots__ = ("handle",)

    def __init__(self, handle: Handle) -> None:
        self.handle = handle

    def __repr__(self) -> str:
        return f"collected {self.handle!r}"


def shown(value: Any) -> str:
    """Describe what a graph's body passed or returned, for a message."""
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


def _mapped(result: Any) -> Any:
    if result is None:
        return None
    if type(result) is Handle:
        return MappedHandle(result)
    if isinstance(result, tuple) and hasattr(result, "_fields"):
        return type(result)(*(_mapped(one) for one in result))
    if isinstance(result, (tuple, list)):
        return type(result)(_mapped(one) for one in result)
    if isinstance(result, DynamicHandle):
        raise InvalidDefinitionError(
            f"the function given to map() returns the dynamic {result!r}: a map inside a map is "
            "not possible"
        )
    raise InvalidDefinitionError(
        f"the function given to map() must return outputs of ops, got {shown(result)}"
    )
