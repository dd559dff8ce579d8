"""The parts of a graph that is written as a dictionary: its uses of ops, and what feeds them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import attrs

from plugwork.definitions.hook_binding import attached_hooks
from plugwork.definitions.names import check_name, check_tags
from plugwork.definitions.outputs import DEFAULT_OUTPUT
from plugwork.definitions.retry import RetryPolicy, checked_retry_policy
from plugwork.errors import InvalidDefinitionError


@attrs.frozen(init=False, hash=False)
class NodeInvocation:
    """One use of an op or graph, a key of the dictionary of dependencies.

    :param name: of the op or graph.
    :param alias: names this use; the op's own name when not given.
    :param tags: over the definition's.
    :param hook_defs: run for the steps of this use.
    :param retry_policy: before the definition's.
    """

    name: str
    alias: str
    tags: dict[str, str]
    hook_defs: tuple[Any, ...]
    retry_policy: RetryPolicy | None

    def __init__(
        self,
        name: str,
        alias: str | None = None,
        tags: Mapping[str, Any] | None = None,
        hook_defs: Iterable[Any] | None = None,
        retry_policy: RetryPolicy | None = None,
    ) -> None:
        owner = f"use of {name!r}"
        self.__attrs_init__(
            name,
            check_name(name if alias is None else alias, owner),
            check_tags(tags, owner),
            attached_hooks(hook_defs, owner),
            checked_retry_policy(retry_policy, owner),
        )

    def __hash__(self) -> int:
        return hash((self.name, self.alias))


@attrs.frozen
class DependencyDefinition:
    """An input is fed by an output of another node.

    :param node: its alias, or the op's name where it has none.
    :param output: of that node; each of its values where it is dynamic, in a mapped step.
    """

    node: str
    output: str = DEFAULT_OUTPUT
    description: str | None = None


@attrs.frozen
class DynamicCollectDependencyDefinition:
    """An input is fed by a list of all values of a dynamic output, or of what mapped steps gave."""

    node_name: str
    output_name: str = DEFAULT_OUTPUT


@attrs.frozen
class MultiDependencyDefinition:
    """An input is fed by a list, with one member for each dependency, in order."""

    dependencies: Sequence[DependencyDefinition] = attrs.field(converter=list)

    @dependencies.validator
    def _check(self, attribute: object, given: list[Any]) -> None:
        for one in given:
            if not isinstance(one, DependencyDefinition):
                raise InvalidDefinitionError(
                    f"MultiDependencyDefinition holds {one!r}, which is no DependencyDefinition"
                )


@attrs.frozen
class InputMapping:
    """An input of the graph feeds an input of a node inside.

    :param fan_in_index: the place of the value in the list that feeds the node's input, where a
        :class:`MultiDependencyDefinition` gives the rest.
    :param type: shown only; the type of what is fed counts.
    """

    graph_input_name: str
    mapped_node_name: str
    mapped_node_input_name: str
    fan_in_index: int | None = None
    graph_input_description: str | None = None
    type: Any = None


@attrs.frozen
class OutputMapping:
    """An output of a node inside is an output of the graph.

    :param type: shown only; the type of the node's output counts.
    :param from_dynamic_mapping: shown only; what is mapped is found out.
    """

    graph_output_name: str
    mapped_node_name: str
    mapped_node_output_name: str = DEFAULT_OUTPUT
    graph_output_description: str | None = None
    type: Any = None
    from_dynamic_mapping: bool = False


Feed = DependencyDefinition | DynamicCollectDependencyDefinition | MultiDependencyDefinition
