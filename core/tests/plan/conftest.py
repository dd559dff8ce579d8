"""Drives plans without running anything: what a step gives is told by the test."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

import pytest

from plugwork.abc import RetryMode
from plugwork.model import StepOutputHandle
from plugwork.plan import ActiveExecution, ExecutionPlan


class Driver:
    """Runs one step at a time, in the scheduler's order.

    :param fails: steps that fail.
    :param withholds: (step, output) pairs that are not given.
    :param mapping_keys: of every dynamic output, or by step.
    """

    def __init__(
        self,
        plan: ExecutionPlan,
        fails: Collection[str] = (),
        withholds: Collection[tuple[str, str]] = (),
        mapping_keys: Sequence[str] | Mapping[str, Sequence[str]] = (),
    ) -> None:
        self.plan = plan
        self._fails = fails
        self._withholds = withholds
        self._keys = mapping_keys
        self.executed: list[str] = []
        self.skipped: list[str] = []
        self.abandoned: list[str] = []

    def run(self) -> Driver:
        with ActiveExecution(self.plan, RetryMode.ENABLED) as active:
            while not active.is_complete:
                self.turn(active)
        return self

    def turn(self, active: ActiveExecution) -> None:
        while steps := active.get_steps_to_skip():
            self.skipped += [step.key for step in steps]
        while steps := active.get_steps_to_abandon():
            self.abandoned += [step.key for step in steps]
        for step in active.get_steps_to_execute(limit=1):
            self.executed.append(step.key)
            if step.key in self._fails:
                active.mark_failed(step.key)
                continue
            for out in step.outputs:
                if out.is_dynamic:
                    for key in self._keys_of(step.key):
                        active.mark_output(StepOutputHandle(step.key, out.name, key))
                elif (step.key, out.name) not in self._withholds:
                    active.mark_output(StepOutputHandle(step.key, out.name))
            active.mark_success(step.key)

    def _keys_of(self, step_key: str) -> Sequence[str]:
        return self._keys.get(step_key, ()) if isinstance(self._keys, Mapping) else self._keys


@pytest.fixture
def drive() -> Callable[..., Driver]:
    """Drive a plan to its end; takes what :class:`Driver` takes."""

    def run(plan: ExecutionPlan, **how: Any) -> Driver:
        return Driver(plan, **how).run()

    return run
