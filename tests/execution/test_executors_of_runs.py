"""Which executor drives a run, what it may do, and how a run ends that it did not finish."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

import plugwork as pw
from plugwork import EventType, Instance, RunStatus
from plugwork.abc import Executor, ExecutorRequirement, RetryMode
from plugwork.errors import InvalidConfigError, UnmetExecutorRequirementsError
from plugwork.execution.starting import RunExecution
from plugwork.journal.holder import current_holder
from plugwork.model import Event, RunFailureData, RunFailureReason
from plugwork.plan import create_plan
from plugwork.plugin import ExecutionPlan, PlanOrchestrationContext
from plugwork_testkit.streams import Told

Drive = Callable[[PlanOrchestrationContext, ExecutionPlan], Iterator[Event]]


class Driven(Executor):
    """Does what a test says."""

    def __init__(self, drive: Drive) -> None:
        self._drive = drive

    @property
    def retries(self) -> RetryMode:
        return RetryMode.ENABLED

    def execute(
        self, plan_context: PlanOrchestrationContext, execution_plan: ExecutionPlan
    ) -> Iterator[Event]:
        yield from self._drive(plan_context, execution_plan)


@pw.op
def one() -> int:
    return 1


@pw.op
def add_one(number: int) -> int:
    return number + 1


def job_with(executor_def: pw.ExecutorDefinition) -> pw.JobDefinition:
    @pw.job(executor_def=executor_def)
    def driven() -> None:
        add_one(one())

    return driven


def run(instance: Instance, job_def: pw.JobDefinition, run_config: Any = None) -> Told:
    """Run a job with the executor of its own, which ``execute_in_process`` would replace."""
    plan = create_plan(job_def, run_config)
    stored, lease = instance.create_held_run(
        job_def, plan, run_config=run_config, holder=current_holder()
    )
    assert lease is not None
    list(RunExecution(instance, job_def, plan, stored, lease).events())
    return Told.of(instance, stored.run_id)


def run_driven(instance: Instance, drive: Drive) -> Told:
    return run(instance, job_with(pw.ExecutorDefinition.hardcoded_executor(Driven(drive))))


def reason_of(told: Told) -> RunFailureReason | None:
    (entry,) = told.of_type(EventType.RUN_FAILURE)
    data = entry.get_event().event_specific_data
    assert isinstance(data, RunFailureData)
    return data.failure_reason


def do_nothing(context: PlanOrchestrationContext, plan: ExecutionPlan) -> Iterator[Event]:
    yield from ()


def do_half(context: PlanOrchestrationContext, plan: ExecutionPlan) -> Iterator[Event]:
    with context.open_steps() as steps:
        yield from steps.run_step(plan.step("one"))


def leave_the_scheduler(context: PlanOrchestrationContext, plan: ExecutionPlan) -> Iterator[Event]:
    with context.active_execution() as active:
        active.get_steps_to_execute()
    yield from ()


def skip_from_outside(context: PlanOrchestrationContext, plan: ExecutionPlan) -> Iterator[Event]:
    with context.active_execution() as active:
        (step,) = active.get_steps_to_execute()
        event = context.emitter.emit(EventType.STEP_SKIPPED, None, None, step.key, 1)
        active.handle_event(event)
        yield event


@pytest.mark.parametrize(
    ("drive", "words"),
    [
        (do_nothing, "without completing the plan; it left out: one, add_one"),
        (do_half, "without completing the plan; it left out: add_one"),
        (leave_the_scheduler, "without completing the plan: pending: add_one; in flight: one"),
        (skip_from_outside, "skipped from outside"),
    ],
)
def test_an_executor_that_does_not_finish_the_plan_fails_the_run(
    instance: Instance, drive: Drive, words: str
) -> None:
    told = run_driven(instance, drive)
    assert told.run.status is RunStatus.FAILURE
    assert reason_of(told) is RunFailureReason.RUN_EXCEPTION
    assert words in told.of_type(EventType.RUN_FAILURE)[0].message


def test_an_executor_whose_needs_are_not_met_ends_the_run_with_one_event(
    instance: Instance,
) -> None:
    @pw.executor(requirements=[ExecutorRequirement.NON_EPHEMERAL_INSTANCE])
    def demanding(context: pw.InitExecutorContext) -> Executor:
        raise AssertionError("it is not made")

    told = run(instance, job_with(demanding))
    assert told.types == ["RUN_FAILURE"]
    assert reason_of(told) is RunFailureReason.JOB_INITIALIZATION_FAILURE
    assert "PLUGWORK_HOME" in told.entries[0].message


@pytest.mark.parametrize(
    ("requirement", "words"),
    [
        (ExecutorRequirement.RECONSTRUCTABLE_JOB, "file or module"),
        (ExecutorRequirement.PERSISTENT_OUTPUTS, "io_manager"),
    ],
)
def test_each_need_is_told_with_what_meets_it(
    instance: Instance, requirement: ExecutorRequirement, words: str
) -> None:
    @pw.executor(requirements=[requirement])
    def demanding(context: pw.InitExecutorContext) -> Executor:
        raise AssertionError("it is not made")

    told = run(instance, job_with(demanding))
    assert told.types == ["RUN_FAILURE"]
    assert words in told.entries[0].message


def test_outputs_in_memory_do_not_serve_an_executor_of_processes(local: Instance) -> None:
    made: list[bool] = []

    @pw.executor(requirements=[ExecutorRequirement.PERSISTENT_OUTPUTS])
    def demanding(context: pw.InitExecutorContext) -> Executor:
        made.append(True)
        return Driven(do_nothing)

    kept = job_with(demanding)
    run(local, kept)
    assert made == [True]
    in_memory = kept.with_defaults(resource_defs={"io_manager": pw.mem_io_manager})
    runs = local.get_runs()
    with pytest.raises(UnmetExecutorRequirementsError, match="keeps it in memory"):
        run(local, in_memory)
    assert local.get_runs() == runs
    assert made == [True]


def test_an_executor_that_cannot_be_made_ends_the_run_with_one_event(instance: Instance) -> None:
    @pw.executor
    def broken(context: pw.InitExecutorContext) -> Executor:
        raise ValueError("this executor cannot be made")

    told = run(instance, job_with(broken))
    assert told.types == ["RUN_FAILURE"]
    assert "cannot be made" in told.entries[0].message


def test_the_first_engine_event_names_the_executor_and_why(instance: Instance) -> None:
    @pw.job
    def plain() -> None:
        one()

    told = run(instance, plain)
    assert "executor in_process, the default" in told.of_type(EventType.ENGINE_EVENT)[0].message


@pytest.mark.parametrize("config", [None, {"retries": {"disabled": {}}}])
def test_in_process_runs_a_job_whatever_config_its_own_executor_takes(
    instance: Instance, config: Any
) -> None:
    run_config = {"execution": {"config": config}} if config else None
    job_def = job_with(pw.in_process_executor)
    result = job_def.execute_in_process(run_config, instance)
    assert result.output_for_node("add_one") == 2


def test_config_of_an_executor_reaches_it(instance: Instance) -> None:
    given: list[object] = []

    @pw.executor(config_schema={"size": int, "speed": pw.Field(int, default_value=1)})
    def sized(context: pw.InitExecutorContext) -> Executor:
        given.append(context.executor_config)
        return Driven(do_nothing)

    run(instance, job_with(sized), {"execution": {"config": {"size": 3}}})
    configured = sized.configured({"size": 5})
    assert configured.name == "sized"
    run(instance, job_with(configured))
    assert given == [{"size": 3, "speed": 1}, {"size": 5, "speed": 1}]


def test_config_that_does_not_fit_leaves_no_run(instance: Instance) -> None:
    @pw.op(config_schema={"size": int, "name": str})
    def sized(context: pw.OpExecutionContext) -> None:
        pass

    @pw.job
    def sizes() -> None:
        sized()

    with pytest.raises(InvalidConfigError) as raised:
        sizes.execute_in_process({"ops": {"sized": {"config": {"size": "x", "b": 1}}}}, instance)
    assert len(raised.value.errors) == 3
    assert instance.get_runs_count() == 0


def test_a_job_made_in_memory_has_no_origin_to_give(instance: Instance) -> None:
    asked: list[BaseException] = []

    def ask(context: PlanOrchestrationContext, plan: ExecutionPlan) -> Iterator[Event]:
        try:
            _ = context.reconstructable_job
        except UnmetExecutorRequirementsError as error:
            asked.append(error)
        yield from ()

    run_driven(instance, ask)
    assert "made in memory" in str(asked[0])
