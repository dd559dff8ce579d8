"""What ops and graphs have in common: they can be used inside a graph."""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from plugwork.definitions.inputs import InputDefinition
from plugwork.definitions.names import check_name, check_tags
from plugwork.definitions.outputs import OutputDefinition

if TYPE_CHECKING:
    from plugwork.definitions.hooks import HookDefinition
    from plugwork.definitions.node import Origin
    from plugwork.definitions.pending import PendingInvocation
    from plugwork.definitions.retry import RetryPolicy


class NodeDefinition:
    """Base of :class:`OpDefinition` and :class:`GraphDefinition`."""

    #: "op" or "graph", for messages.
    what = "node"

    def __init__(
        self,
        name: str,
        inputs: Sequence[InputDefinition],
        outputs: Sequence[OutputDefinition],
        description: str | None,
        tags: Mapping[str, Any] | None,
    ) -> None:
        self.name = check_name(name, self.what)
        self.description = description
        self.tags = check_tags(tags, f"{self.what} {name!r}")
        self.input_defs = tuple(inputs)
        self.output_defs = tuple(outputs)
        self.input_dict = {one.name: one for one in self.input_defs}
        self.output_dict = {one.name: one for one in self.output_defs}
        #: output -> the dynamic output inside whose mapped steps give it; graphs only.
        self.mapped_outputs: dict[str, Origin] = {}
        #: Whether a step inside has a dynamic output, so that it cannot be mapped itself.
        self.has_dynamic = any(one.is_dynamic for one in self.output_defs)
        #: Whether it, or a graph inside, has a config mapping.
        self.maps_config = False
        self._result_class: Callable[..., tuple[Any, ...]] | None = None

    @property
    def result_class(self) -> Callable[..., tuple[Any, ...]]:
        """The named tuple that a use with several outputs returns."""
        if self._result_class is None:
            names = [one.name for one in self.output_defs]
            # rename: an output's name need not be a Python identifier.
            self._result_class = namedtuple("outputs", names, rename=True)  # type: ignore[misc]  # names of the user's
        return self._result_class

    def alias(self, name: str) -> PendingInvocation:
        """Name the use that follows: ``add.alias("total")(x, y)``."""
        return self._pending().alias(name)

    def tag(self, tags: Mapping[str, Any] | None) -> PendingInvocation:
        """Tag the use that follows, over the definition's own tags."""
        return self._pending().tag(tags)

    def with_hooks(self, hook_defs: Iterable[HookDefinition]) -> PendingInvocation:
        """Attach hooks to the use that follows; of a graph, to every op inside."""
        return self._pending().with_hooks(hook_defs)

    def with_retry_policy(self, retry_policy: RetryPolicy) -> PendingInvocation:
        """Give the use that follows a retry policy, before the definition's own."""
        return self._pending().with_retry_policy(retry_policy)

    def _pending(self) -> PendingInvocation:
        from plugwork.definitions.pending import PendingInvocation

        return PendingInvocation(self)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.name}>"
