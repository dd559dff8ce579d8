"""An op or graph with what its next use adds."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Self

from plugwork.definitions.composition import current_composition
from plugwork.definitions.hook_binding import attached_hooks, joined_hooks
from plugwork.definitions.names import check_name, check_tags
from plugwork.definitions.retry import RetryPolicy, checked_retry_policy
from plugwork.errors import InvalidDefinitionError

if TYPE_CHECKING:
    from plugwork.definitions.hooks import HookDefinition
    from plugwork.definitions.node_definition import NodeDefinition


class PendingInvocation:
    """An op or graph with what its next use adds: alias, tags, hooks, retry policy."""

    __slots__ = ("_alias", "_definition", "_hooks", "_retry_policy", "_tags")

    def __init__(self, definition: NodeDefinition) -> None:
        self._definition = definition
        self._alias: str | None = None
        self._tags: dict[str, str] = {}
        self._hooks: tuple[HookDefinition, ...] = ()
        self._retry_policy: RetryPolicy | None = None

    def alias(self, name: str) -> Self:
        """Name this use."""
        return self._with(_alias=check_name(name, f"alias of {self._definition.name!r}"))

    def tag(self, tags: Mapping[str, Any] | None) -> Self:
        """Tag this use, over the definition's own tags."""
        return self._with(_tags={**self._tags, **check_tags(tags, self._owner)})

    def with_hooks(self, hook_defs: Iterable[HookDefinition]) -> Self:
        """Attach hooks to this use, after those that it has; of a graph, to every op inside."""
        more = attached_hooks(hook_defs, self._owner)
        return self._with(_hooks=joined_hooks(self._hooks, more))

    def with_retry_policy(self, retry_policy: RetryPolicy) -> Self:
        """Give this use a retry policy, before the definition's own."""
        return self._with(_retry_policy=checked_retry_policy(retry_policy, self._owner))

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Use the op or graph in the body of a graph or job."""
        composition = current_composition()
        if composition is None:
            raise InvalidDefinitionError(
                f"{self._definition.name!r} with an alias, tags, hooks or a retry policy can be "
                "used only in the body of a graph or job"
            )
        return composition.add(
            self._definition,
            args,
            kwargs,
            self._alias,
            self._tags,
            self._hooks,
            self._retry_policy,
        )

    @property
    def _owner(self) -> str:
        return f"a use of {self._definition.name!r}"

    def _with(self, **changes: Any) -> Self:
        changed = copy.copy(self)
        for name, value in changes.items():
            setattr(changed, name, value)
        return changed
