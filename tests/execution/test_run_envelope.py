"""How a run ends: by what its executor did, and by what others asked meanwhile."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

import plugwork as pw
from plugwork import EventType, ExecutionInterruptedError, Instance, RunStatus
from plugwork.abc import Executor, RetryMode
from plugwork.errors import FencedError
from plugwork.execution.starting import RunExecution
from plugwork.journal.holder import current_holder
from plugwork.model import Event, RunCanceledData, RunFailureData, RunFailureReason
from plugwork.plan import create_plan
from plugwork.plugin import ExecutionPlan, PlanOrchestrationContext
from plugwork_testkit.streams import Told

Drive = Callable[[PlanOrchestrationContext], Iterator[Event]]
Ask = Callable[[Instance, pw.Run], object]


class Driven(Executor):
    def __init__(self, drive: Drive) -> None:
        self._drive = drive

    @property
    def retries(self) -> RetryMode:
        return RetryMode.ENABLED

    def execute(
        self, plan_context: PlanOrchestrationContext, execution_plan: ExecutionPlan
    ) -> Iterator[Event]:
        yield from self._drive(plan_context)


@pw.op
def fine() -> int:
    return 1


@pw.op
def broken() -> int:
    raise ValueError("broken")


@pw.job
def good() -> None:
    fine()


@pw.job
def bad() -> None:
    broken()


def steps(context: PlanOrchestrationContext) -> Iterator[Event]:
    """Drive every step, as an executor does."""
    with context.open_steps() as runner, context.active_execution() as active:
        while not active.is_complete:
            for step in active.get_steps_to_execute():
                for event in runner.run_step(step):
                    active.handle_event(event)
                    yield event


def ask(context: PlanOrchestrationContext) -> Iterator[Event]:
    """Somebody asks for the run to be canceled, and nothing is written after it."""
    context.instance.report_run_canceling(context.run)
    return iter(())


def interrupted(context: PlanOrchestrationContext) -> Iterator[Event]:
    raise ExecutionInterruptedError("interrupted by SIGTERM")


def by_keyboard(context: PlanOrchestrationContext) -> Iterator[Event]:
    raise KeyboardInterrupt


def breaks(context: PlanOrchestrationContext) -> Iterator[Event]:
    raise RuntimeError("the executor broke")


def end(status: RunStatus) -> Drive:
    """Somebody takes the run over and ends it; then a signal comes."""

    def drive(context: PlanOrchestrationContext) -> Iterator[Event]:
        instance, run = context.instance, context.run
        if status is RunStatus.CANCELED:
            instance.report_run_canceled(run)
        else:
            instance.report_run_failed(run)
        return iter(())

    return drive


def one_after_another(*drives: Drive) -> Drive:
    def drive(context: PlanOrchestrationContext) -> Iterator[Event]:
        for each in drives:
            yield from each(context)

    return drive


def execute(instance: Instance, job: pw.JobDefinition, *drives: Drive) -> Told:
    driven = Driven(one_after_another(*drives))
    definition = pw.ExecutorDefinition.hardcoded_executor(driven)
    plan = create_plan(job)
    run, lease = instance.create_held_run(job, plan, holder=current_holder())
    assert lease is not None
    execution = RunExecution(instance, job, plan, run, lease, executor_def=definition)
    for _ in execution.events():
        pass
    return Told.of(instance, run.run_id)


UNEXPECTED = RunFailureReason.UNEXPECTED_TERMINATION


@pytest.mark.parametrize(
    ("job", "drives", "end", "reason"),
    [
        (good, [steps], "RUN_SUCCESS", None),
        (good, [steps, ask], "RUN_SUCCESS", None),
        (bad, [steps], "RUN_FAILURE", RunFailureReason.STEP_FAILURE),
        (bad, [steps, ask], "RUN_CANCELED", None),
        (good, [breaks], "RUN_FAILURE", RunFailureReason.RUN_EXCEPTION),
        (good, [ask, breaks], "RUN_CANCELED", "the executor broke"),
        (good, [interrupted], "RUN_FAILURE", UNEXPECTED),
        (good, [ask, interrupted], "RUN_CANCELED", None),
        (good, [steps, interrupted], "RUN_FAILURE", UNEXPECTED),
        (good, [by_keyboard], "RUN_FAILURE", UNEXPECTED),
        (good, [ask, by_keyboard], "RUN_CANCELED", None),
    ],
)
def test_the_last_event_tells_how_a_run_ended(
    local: Instance,
    job: pw.JobDefinition,
    drives: list[Drive],
    end: str,
    reason: RunFailureReason | str | None,
) -> None:
    told = execute(local, job, *drives)
    own = told.types[told.types.index("RUN_START") :]
    ends = {"RUN_SUCCESS", "RUN_FAILURE", "RUN_CANCELED"}
    assert [kind for kind in own if kind in ends] == [end] == own[-1:]
    data = told.entries[-1].get_event().event_specific_data
    if end == "RUN_FAILURE":
        assert isinstance(data, RunFailureData)
        assert data.failure_reason is reason
    elif end == "RUN_CANCELED":
        assert isinstance(data, RunCanceledData)
        assert (data.error.message if data.error else None) == (
            reason and f"RuntimeError: {reason}\n"
        )


def test_a_failed_step_gives_the_run_its_error(local: Instance) -> None:
    data = execute(local, bad, steps).entries[-1].get_event().event_specific_data
    assert isinstance(data, RunFailureData)
    assert data.error is not None
    assert "broken" in str(data.error.unwrapped().message)


@pytest.mark.parametrize("status", [RunStatus.CANCELED, RunStatus.FAILURE])
def test_a_run_that_was_ended_from_outside_gets_no_second_end(
    local: Instance, status: RunStatus
) -> None:
    with pytest.raises(FencedError):
        execute(local, good, end(status), steps)
    (run,) = local.get_runs()
    told = Told.of(local, run.run_id)
    assert told.run.status is status
    assert told.types[-1] == "ENGINE_EVENT"
    assert f"ended as {status} from outside" in told.entries[-1].message
    assert len([kind for kind in told.types if kind in ("RUN_CANCELED", "RUN_FAILURE")]) == 1
    assert EventType.RUN_SUCCESS not in told.types
