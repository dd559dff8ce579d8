"""Who waits for whom while a plan runs: counts of what is left, and a queue of what is ready."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from heapq import heappop, heappush
from typing import TYPE_CHECKING

from plugwork.plan.decisions import Decision, Outcomes, decide

if TYPE_CHECKING:
    from plugwork.plan.plan import ExecutionPlan
    from plugwork.plan.step import ExecutionStep

#: A step that can run: (-priority, when it became ready, plan order, key), as the queue sorts it.
Ready = tuple[int, int, tuple[int, int], str]


class Progress:
    """The steps that have not started, and how those that have ended did.

    A step is looked at when it becomes ready and never before, so that a run costs time linear in
    steps and dependencies.
    """

    def __init__(self, plan: ExecutionPlan) -> None:
        self.plan = plan
        self.outcomes = Outcomes(plan.known_state.ready_outputs)
        #: step -> upstream steps that have not ended.
        self.pending: dict[str, int] = {}
        self.ready_keys: set[str] = set()
        self.to_skip: dict[str, None] = {}
        self.to_abandon: dict[str, None] = {}
        self._children: dict[str, list[str]] = {}
        self._ready: list[Ready] = []
        self._moment = 0
        self._start()

    def _start(self) -> None:
        deps = self.plan.deps
        self._continues = self.plan.known_state.parent_state is not None
        for step in self.plan.past_steps:
            self.outcomes.success[step.key] = None
            if not self.outcomes.has_all_outputs(step):
                self.outcomes.unclean.add(step.key)
        for key, upstream in deps.items():
            self.pending[key] = len(upstream)
            for one in upstream:
                self._children.setdefault(one, []).append(key)
        for key, upstream in deps.items():
            if not upstream:
                self._decide(key)

    def pop_ready(self) -> str | None:
        """Take the step that should run next: priority, then time of becoming ready, then order."""
        entry = self.pop_entry()
        if entry is None:
            return None
        self.ready_keys.discard(entry[-1])
        return entry[-1]

    def pop_entry(self) -> Ready | None:
        """Take the place in the queue of the step that should run next; it stays ready."""
        while self._ready:
            entry = heappop(self._ready)
            if entry[-1] in self.ready_keys:
                return entry
        return None

    def take_ready(self, key: str) -> bool:
        """Take a step that is ready, out of its turn; False when it is not."""
        if key not in self.ready_keys:
            return False
        self.ready_keys.discard(key)
        return True

    def push_back(self, entry: Ready) -> None:
        """Put a step back to its place in the queue."""
        heappush(self._ready, entry)

    def take_skipped(self) -> list[ExecutionStep]:
        """Count the steps to skip as skipped, and return them in plan order."""
        steps = self._take(self.to_skip)
        for step in steps:
            dynamic = {out.name: None for out in step.outputs if out.is_dynamic}
            self.end(step.key, self.outcomes.skipped, dynamic)
        return steps

    def take_abandoned(self) -> list[ExecutionStep]:
        """Count the steps to abandon as abandoned, and return them in plan order."""
        steps = self._take(self.to_abandon)
        for step in steps:
            self.end(step.key, self.outcomes.abandoned)
        return steps

    def _take(self, bucket: dict[str, None]) -> list[ExecutionStep]:
        keys = sorted(bucket, key=self.plan.order_of)
        bucket.clear()
        return [self.plan.step(key) for key in keys]

    def make_ready(self, keys: Collection[str]) -> None:
        """Queue steps that may run now: behind those that could run before."""
        self._moment += 1
        for key in keys:
            self._push(key)

    def end(
        self,
        key: str,
        bucket: dict[str, None],
        mapping: Mapping[str, list[str] | None] | None = None,
    ) -> None:
        """Put a step where it ended, and decide about those that waited for it only.

        :param bucket: of :attr:`outcomes`.
        :param mapping: the mapping keys of its dynamic outputs; None for a skipped output.
        """
        outcomes = self.outcomes
        bucket[key] = None
        self._moment += 1
        if bucket is not outcomes.success or not outcomes.has_all_outputs(self.plan.step(key)):
            outcomes.unclean.add(key)
        children = self._children.pop(key, ())
        counted = self._resolve(key, mapping) if mapping and self.plan.is_origin(key) else ()
        for child in children:
            left = self.pending.get(child)
            if left is not None and child not in counted:
                self.pending[child] = left - 1
                if left == 1:
                    self._decide(child)

    def start_early(self, key: str) -> None:
        """Start what now has all its inputs, without waiting for the steps that give them.

        :param key: the step that gave an output.
        """
        for child in self._children.get(key, ()):
            step = self.plan.step(child) if child in self.pending else None
            if step is not None and step.is_resolved and self.outcomes.has_inputs(step):
                del self.pending[child]
                self.make_ready((child,))

    def _push(self, key: str) -> None:
        priority = self.plan.step(key).priority
        self.ready_keys.add(key)
        heappush(self._ready, (-priority, self._moment, self.plan.order_of(key), key))

    def _decide(self, key: str) -> None:
        del self.pending[key]
        step = self.plan.step(key)
        # Steps of the runs that this one continues may lack outputs too.
        upstream = step.upstream_keys if self._continues else self.plan.deps[key]
        decision = decide(step, upstream, self.outcomes)
        if decision is Decision.EXECUTE:
            self._push(key)
        elif decision is Decision.SKIP:
            self.to_skip[key] = None
        else:
            self.to_abandon[key] = None

    def _resolve(self, origin: str, mapping: Mapping[str, list[str] | None]) -> set[str]:
        """Put steps in the place of templates that waited for this step's dynamic outputs.

        :return: the keys of templates and steps whose waiting was counted anew.
        """
        deps = self.plan.deps
        before = {key: deps[key] for key in self.plan.waiting_for(origin) if key in self.pending}
        made = self.plan.resolve(origin, mapping)
        for template in before:
            del self.pending[template]
        added = [(step.key, old) for old in before for step in made[old]]
        for key, old in added:
            self._wait(key, before[old] if key == old else ())
        for key, _ in added:
            if self.pending[key] == 0:
                self._decide(key)
        return {*before, *(key for key, _ in added)}

    def _wait(self, key: str, registered: tuple[str, ...]) -> None:
        """Make a new step wait for those before it.

        :param registered: upstream steps that know of it already.
        """
        left = 0
        for one in self.plan.deps[key]:
            if not self.outcomes.has_ended(one):
                left += 1
                if one not in registered:
                    self._children.setdefault(one, []).append(key)
        self.pending[key] = left
