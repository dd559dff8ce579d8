"""One attempt of a step that a step launcher runs somewhere else."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from plugwork.boundary import user_code_error_boundary
from plugwork.errors import InvariantViolationError, StepExecutionError
from plugwork.execution.step.attempt import _INTERRUPTS, Attempt
from plugwork.model.enums import ATTEMPT_END_EVENTS

if TYPE_CHECKING:
    from plugwork.abc.step_launcher import StepLauncher
    from plugwork.execution.step.compute import Phases
    from plugwork.execution.step.step_runner import StepRunner
    from plugwork.model import Event
    from plugwork.plan import ExecutionStep


class LaunchedAttempt(Attempt):
    """Takes the events of a step from its launcher, and writes each of them once.

    :param launchers: by the key of the resource.
    """

    __slots__ = ("_has_ended", "_launchers")

    def __init__(
        self,
        runner: StepRunner,
        step: ExecutionStep,
        number: int,
        launchers: dict[str, StepLauncher],
    ) -> None:
        super().__init__(runner, step, number)
        self._launchers = launchers
        self._has_ended = False

    def phases(self) -> Phases:
        """Run the attempt as one piece, which may block."""
        try:
            self._launch()
        except BaseException as error:  # noqa: BLE001 - told by the attempt's last event
            if not self._has_ended:
                self._end(error, None)
            elif isinstance(error, _INTERRUPTS):
                self.interrupt = error
        self.runner.emitter.flush()
        if self.step.hooks and self.interrupt is None:
            from plugwork.execution.step.hooks import run_hooks  # few steps have hooks

            run_hooks(self)
        yield from ()

    def _launch(self) -> None:
        if len(self._launchers) > 1:
            raise InvariantViolationError(
                f"step {self.step.key!r} requires several step launchers: "
                f"{', '.join(sorted(self._launchers))}; one runs it, so require one"
            )
        [launcher] = self._launchers.values()
        with user_code_error_boundary(StepExecutionError, self._what_failed, **self._names()):
            told = iter(launcher.launch_step(self))
        while (event := self._next_of_launcher(told)) is not None:
            self._pass_on(event)
        if not self._has_ended:
            raise InvariantViolationError(
                f"the step launcher gave no event that ends step {self.step.key!r}"
            )

    def _next_of_launcher(self, told: Iterator[Event]) -> Event | None:
        with user_code_error_boundary(StepExecutionError, self._what_failed, **self._names()):
            return next(told, None)

    def _pass_on(self, event: Event) -> None:
        if event.step_key != self.step.key:
            raise InvariantViolationError(
                f"the step launcher of {self.step.key!r} gave an event of {event.step_key!r}"
            )
        self.runner.emitter.pass_on(event)
        self.events.append(event)
        if event.event_type in ATTEMPT_END_EVENTS:
            self._has_ended = True


def launchers_of(
    step: ExecutionStep, launchers: dict[str, StepLauncher]
) -> dict[str, StepLauncher]:
    """Return the launchers that a step requires."""
    required: Sequence[str] = sorted(step.op_def.required_resource_keys)
    return {key: launchers[key] for key in required if key in launchers}
