"""From a stored run that this process holds to its events."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from typing import TYPE_CHECKING

from plugwork.errors import FencedError, RunNotFoundError, StorageError
from plugwork.execution.choosing import choose_executor
from plugwork.execution.collecting import fewer_collections
from plugwork.execution.contexts import PlanOrchestrationContext
from plugwork.execution.emitter import Emitter
from plugwork.execution.envelope import RunEnvelope, report_init_failure
from plugwork.execution.ownership import Ownership

if TYPE_CHECKING:
    from plugwork.definitions.executor import ExecutorDefinition
    from plugwork.definitions.job import JobDefinition
    from plugwork.execution.results.stored_outputs import StoredOutputs
    from plugwork.execution.step.step_runner import Captured
    from plugwork.instance import Instance
    from plugwork.model import Event, Lease, Run
    from plugwork.plan import ExecutionPlan


class RunExecution:
    """Executes one run in this process. Iterate :meth:`events` once.

    :param lease: of the run, held by this process.
    :param cancel_on_interrupt: SIGINT asks the run to be canceled, as Ctrl-C at a terminal does;
        else it is an unexpected termination.
    :param executor_def: takes the place of the job's own.
    :param captured: filled with the values of all outputs, when given.
    :param told: filled with all events, when given: an executor does not pass on what is told
        beside its steps.
    """

    def __init__(
        self,
        instance: Instance,
        job: JobDefinition,
        plan: ExecutionPlan,
        run: Run,
        lease: Lease,
        *,
        cancel_on_interrupt: bool = False,
        raise_on_error: bool = False,
        executor_def: ExecutorDefinition | None = None,
        captured: Captured | None = None,
        told: list[Event] | None = None,
        echo_logs: bool = True,
    ) -> None:
        self._instance = instance
        self._job = job
        self._plan = plan
        self._run = run
        self._owned = Ownership(instance, run, lease, self._lost)
        self._emitter = Emitter(
            run.run_id,
            job.name,
            self._owned.writer.write,
            self._owned.writer.flush,
            instance.clock,
            told,
        )
        self._cancel_on_interrupt = cancel_on_interrupt
        self._executor_def = executor_def or job.executor_def
        self._context = self._make_context(raise_on_error, captured, echo_logs)
        #: What ended the run early; None when every step came to its end.
        self.error: BaseException | None = None

    def _make_context(
        self, raise_on_error: bool, captured: Captured | None, echo_logs: bool
    ) -> PlanOrchestrationContext:
        return PlanOrchestrationContext(
            job=self._job,
            run=self._run,
            run_config=self._plan.resolved_config,
            plan=self._plan,
            instance=self._instance,
            emitter=self._emitter,
            resource_defs=self._job.resource_defs,
            may_start_step=self._owned.may_start_step,
            on_interrupt=self._interrupted,
            raise_on_error=raise_on_error,
            captured=captured,
            echo_logs=echo_logs,
            fence=self._owned.lease.fence,
        )

    def stored_outputs(self) -> StoredOutputs:
        """Return what loads the values that the run stored, once it has ended."""
        from plugwork.execution.results.stored_outputs import StoredOutputs

        return StoredOutputs(self._context)

    def events(self) -> Iterator[Event]:
        """Execute the run, and yield its events; the terminal one is committed before it is.

        :raises FencedError: when another process took the run over.
        :raises StorageError: when the storage cannot take the events.
        """
        try:
            yield from self._events()
        except FencedError:
            self._tell_ended_elsewhere()
            raise

    def _events(self) -> Iterator[Event]:
        with self._owned, fewer_collections():
            self._instance.start_reaper()
            try:
                choice = choose_executor(
                    self._instance,
                    self._job,
                    self._run,
                    self._plan.resolved_config,
                    self._executor_def,
                )
                self._forward_events()
            except Exception as error:  # noqa: BLE001 - told by the run's only event
                self.error = error
                yield report_init_failure(self._context, error)
                return
            self._context.executor_name = choice.name
            self._context.executor_reason = choice.reason
            envelope = RunEnvelope(self._context, self._owned, choice.executor)
            yield from envelope.events()
            self.error = envelope.error

    def _forward_events(self) -> None:
        """Give the run's events to the job's own loggers, too."""
        if self._job.loggers:
            from plugwork.execution.log import event_forwarder

            self._emitter.forward = event_forwarder(self._context.job_loggers)

    def _tell_ended_elsewhere(self) -> None:
        """Say that this process has stopped and cleaned up, when another one ended the run."""
        with suppress(StorageError, RunNotFoundError):
            run = self._instance.require_run(self._run.run_id)
            if run.is_finished:
                self._instance.report_engine_event(
                    f"The worker has stopped and cleaned up: the run was ended as {run.status} "
                    "from outside.",
                    run,
                )

    def _interrupted(self) -> None:
        """Record a request to cancel before the interrupted steps tell of their failure."""
        from signal import SIGINT

        from plugwork.boundary import last_interrupt
        from plugwork.model.enums import EventType, RunStatus

        if not self._cancel_on_interrupt or last_interrupt() is not SIGINT:
            return
        if self._owned.status is not RunStatus.CANCELING:
            self._emitter.emit(EventType.RUN_CANCELING, None, "Interrupted at the terminal.")
            self._emitter.flush()

    def _lost(self) -> None:
        """Another process owns the run now: whatever runs here must stop.

        By SIGTERM: SIGINT is the user's, who did not ask for it.
        """
        import os
        import signal

        os.kill(os.getpid(), signal.SIGTERM)
