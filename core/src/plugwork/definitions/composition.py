"""Running the body of a graph with placeholders, to see what feeds what."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, NoReturn

from plugwork.definitions.handles import (
    Collected,
    DynamicHandle,
    Handle,
    MappedHandle,
    shown,
)
from plugwork.definitions.names import did_you_mean
from plugwork.definitions.node import (
    Collect,
    Dependency,
    FanIn,
    GraphInput,
    Node,
    NodeOutput,
    Origin,
)
from plugwork.definitions.node_definition import NodeDefinition
from plugwork.definitions.outputs import OutputDefinition
from plugwork.definitions.retry import RetryPolicy
from plugwork.errors import InvalidDefinitionError

if TYPE_CHECKING:
    from plugwork.definitions.hooks import HookDefinition

_current: ContextVar[Composition | None] = ContextVar("composition", default=None)


def current_composition() -> Composition | None:
    """Return the graph whose body runs now, or None."""
    return _current.get()


class Composition:
    """Gathers the nodes of one graph while its body runs.

    :param owner: whose body it is, for messages: ``"job 'x'"``.
    """

    __slots__ = ("_counts", "nodes", "owner")

    def __init__(self, owner: str) -> None:
        self.owner = owner
        self.nodes: dict[str, Node] = {}
        self._counts: dict[str, int] = {}

    @contextmanager
    def active(self) -> Iterator[None]:
        """Make calls of ops add nodes here."""
        token = _current.set(self)
        try:
            yield
        finally:
            _current.reset(token)

    def add(
        self,
        definition: NodeDefinition,
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
        alias: str | None = None,
        tags: dict[str, str] | None = None,
        hooks: tuple[HookDefinition, ...] = (),
        retry_policy: RetryPolicy | None = None,
    ) -> Any:
        """Add a use of a definition; return the handles of its outputs."""
        name = self._new_name(definition.name, alias)
        arguments = self._by_name(definition, args, kwargs) if args else kwargs
        inputs: dict[str, Dependency] = {}
        mapped_over: Origin | None = None
        for key, value in arguments.items():
            if key not in definition.input_dict:
                self._refuse_argument(definition, key)
            if type(value) is Handle:
                inputs[key] = self._of_handle(definition, key, value)
                if value.mapped_over is not None:
                    mapped_over = self._one_mapping(name, mapped_over, value.mapped_over)
            else:
                inputs[key], over = self._of_other(definition, key, value)
                if over is not None:
                    mapped_over = self._one_mapping(name, mapped_over, over)
        if mapped_over is not None and definition.what == "op":
            self._no_collect(name, mapped_over, inputs)
        if mapped_over is not None and definition.has_dynamic:
            raise InvalidDefinitionError(
                f"{self.owner}: {name!r} has a dynamic output and stands inside a map(): a map "
                "inside a map is not possible"
            )
        self.nodes[name] = Node(name, definition, inputs, tags or {}, hooks, retry_policy)
        return self._handles(name, definition, mapped_over)

    def _no_collect(self, name: str, over: Origin, inputs: dict[str, Dependency]) -> None:
        for key, source in inputs.items():
            if isinstance(source, Collect):
                raise InvalidDefinitionError(
                    f"{self.owner}: {name!r} is mapped over {'.'.join(over)}, and its input "
                    f"{key!r} collects {source.source!r}; collect it in an op before, and give "
                    f"that op's output to {name!r}"
                )

    def _new_name(self, base: str, alias: str | None) -> str:
        if alias is not None:
            if alias in self.nodes:
                raise InvalidDefinitionError(f"{self.owner} has two nodes named {alias!r}")
            return alias
        count = self._counts.get(base, 0) + 1
        name = base if count == 1 else f"{base}_{count}"
        while name in self.nodes:
            count += 1
            name = f"{base}_{count}"
        self._counts[base] = count
        return name

    def _by_name(
        self, definition: NodeDefinition, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> dict[str, Any]:
        if len(args) > len(definition.input_defs):
            raise InvalidDefinitionError(
                f"{self.owner}: {definition.what} {definition.name!r} takes "
                f"{len(definition.input_defs)} inputs, got {len(args)}"
            )
        named = {one.name: arg for one, arg in zip(definition.input_defs, args, strict=False)}
        for key in named:
            if key in kwargs:
                raise InvalidDefinitionError(
                    f"{self.owner}: input {key!r} of {definition.name!r} is given twice"
                )
        return {**named, **kwargs}

    def _of_handle(self, definition: NodeDefinition, key: str, handle: Handle) -> Dependency:
        source = handle.dependency
        if handle.composition is not self:
            raise InvalidDefinitionError(
                f"{self.owner}: input {key!r} of {definition.name!r} gets the {handle!r}, which "
                f"belongs to {handle.composition.owner}"
            )
        if isinstance(source, NodeOutput):
            self._check_value(definition, key, source)
        return source

    def _check_value(self, definition: NodeDefinition, key: str, source: NodeOutput) -> None:
        given = self.nodes[source.node].definition.output_dict[source.output].type
        if given.is_nothing and not definition.input_dict[key].type.is_nothing:
            raise InvalidDefinitionError(
                f"{self.owner}: input {key!r} of {definition.name!r} expects a value, and "
                f"{source.node!r} gives none (its output {source.output!r} is Nothing); declare "
                f'ins={{"{key}": In(Nothing)}} to only run after it'
            )

    def _of_other(
        self, definition: NodeDefinition, key: str, value: Any
    ) -> tuple[Dependency, Origin | None]:
        if isinstance(value, Collected):
            source = self._of_handle(definition, key, value.handle)
            if isinstance(source, NodeOutput):
                return Collect(source), None
        if isinstance(value, tuple) and hasattr(value, "_fields"):
            raise InvalidDefinitionError(
                f"{self.owner}: input {key!r} of {definition.name!r} gets all outputs of an op "
                f"({', '.join(value._fields)}); give it one of them, or a list"
            )
        if isinstance(value, (list, tuple)):
            return self._of_list(definition, key, value)
        if isinstance(value, (DynamicHandle, MappedHandle)):
            raise InvalidDefinitionError(
                f"{self.owner}: input {key!r} of {definition.name!r} gets the {value!r}: pass it "
                "through map() or collect()"
            )
        raise InvalidDefinitionError(
            f"{self.owner}: input {key!r} of {definition.name!r} gets {shown(value)}, which "
            "is no output of an op; give constants by config, a default, or an op"
        )

    def _of_list(
        self, definition: NodeDefinition, key: str, members: list[Any] | tuple[Any, ...]
    ) -> tuple[FanIn, Origin | None]:
        sources: list[NodeOutput | GraphInput] = []
        mapped_over: Origin | None = None
        for number, member in enumerate(members):
            if type(member) is not Handle:
                raise InvalidDefinitionError(
                    f"{self.owner}: member {number} of the list for input {key!r} of "
                    f"{definition.name!r} is {shown(member)}, which is no output of an op"
                )
            source = self._of_handle(definition, key, member)
            if isinstance(source, (NodeOutput, GraphInput)):
                sources.append(source)
            if member.mapped_over is not None:
                mapped_over = self._one_mapping(definition.name, mapped_over, member.mapped_over)
        return FanIn(tuple(sources)), mapped_over

    def _one_mapping(self, name: str, one: Origin | None, other: Origin) -> Origin:
        if one is not None and one != other:
            raise InvalidDefinitionError(
                f"{self.owner}: {name!r} depends on two dynamic outputs ({'.'.join(one)} and "
                f"{'.'.join(other)}); collect() one of them"
            )
        return other

    def _handles(self, name: str, definition: NodeDefinition, over: Origin | None) -> Any:
        outputs = definition.output_defs
        if len(outputs) == 1:
            return self._handle(name, definition, outputs[0], over)
        if not outputs:
            return None
        return definition.result_class(
            *(self._handle(name, definition, one, over) for one in outputs)
        )

    def _handle(
        self, name: str, definition: NodeDefinition, output: OutputDefinition, over: Origin | None
    ) -> Handle | MappedHandle:
        source = NodeOutput(name, output.name)
        inner = definition.mapped_outputs.get(output.name) if definition.mapped_outputs else None
        if inner is not None:
            origin = (name, *inner)
            if output.is_dynamic:
                return DynamicHandle(self, source, origin)
            return MappedHandle(Handle(self, source, origin))
        return DynamicHandle(self, source) if output.is_dynamic else Handle(self, source, over)

    def _refuse_argument(self, definition: NodeDefinition, key: str) -> NoReturn:
        known = ", ".join(definition.input_dict) or "none"
        raise InvalidDefinitionError(
            f"{self.owner}: {definition.what} {definition.name!r} has no input {key!r}"
            f"{did_you_mean(key, definition.input_dict)} (it has: {known})"
        )
