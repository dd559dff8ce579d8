"""Steps of one run on several executors."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import pytest

import plugwork as pw
from plugwork import Instance, in_process_executor
from plugwork.execution.starting import RunExecution
from plugwork.journal.holder import current_holder
from plugwork.model import EventType, RunFailureReason, RunStatus
from plugwork.plan import create_plan
from plugwork.plugin import hookimpl
from plugwork_testkit.streams import Told

#: Filled by the ops: step -> thread.
WHERE: dict[str, str] = {}


@pytest.fixture(autouse=True)
def forget() -> None:
    WHERE.clear()


def run(instance: Instance, job_def: pw.JobDefinition, run_config: Any = None) -> Told:
    """Run a job with its own executor, whatever becomes of it, and read its log."""
    plan = create_plan(job_def, run_config)
    stored, lease = instance.create_held_run(
        job_def, plan, run_config=run_config, holder=current_holder()
    )
    assert lease is not None
    list(RunExecution(instance, job_def, plan, stored, lease).events())
    return Told.of(instance, stored.run_id)


@contextmanager
def home(executor: Any) -> Iterator[Instance]:
    with Instance.ephemeral(settings={"executor": executor}) as opened:
        yield opened


@pw.resource
def meter(context: pw.InitResourceContext) -> object:
    return object()


@pw.op(required_resource_keys={"meter"})
def note(context: pw.OpExecutionContext) -> int:
    meter_id = id(context.resources.meter)
    WHERE[context.step_key] = f"{threading.current_thread().name} {meter_id}"
    return 1


@pw.job(resource_defs={"meter": meter})
def mixed() -> None:
    note.alias("fetch_a")()
    note.alias("fetch_b")()
    note.tag({"kind": "io"}).alias("tagged")()
    note.alias("plain")()


def first_engine_event(told: Told) -> str:
    return next(
        entry.message
        for entry in told.entries
        if entry.event_type is EventType.ENGINE_EVENT and "Executing" in entry.message
    )


ROUTES = [{"tag": {"kind": "io"}, "use": "async"}, {"step": "fetch_*", "use": "threads"}]


def test_rules_of_the_instance_send_steps_to_other_executors() -> None:
    with home({"in_process": {"routes": ROUTES}}) as instance:
        told = run(instance, mixed)
    assert told.run.status is RunStatus.SUCCESS
    assert sorted(WHERE) == ["fetch_a", "fetch_b", "plain", "tagged"]
    # One set of resources, made once, whatever runs the steps.
    assert len({where.split()[-1] for where in WHERE.values()}) == 1
    assert told.types.count("RESOURCE_INIT_SUCCESS") == 1
    said = first_engine_event(told)
    assert "named by the instance" in said
    for part in (
        "2 to threads (route step fetch_*)",
        "1 to async (route tag kind=io)",
        "1 to in_process (no route names it)",
    ):
        assert part in said


def test_rules_of_a_job_are_told_in_its_executor_and_in_its_run_config(
    instance: Instance,
) -> None:
    own = in_process_executor.configured({"routes": [{"step": "one", "use": "threads"}]})

    @pw.op
    def one() -> None: ...

    @pw.op
    def two() -> None: ...

    @pw.job(executor_def=own)
    def in_code() -> None:
        one()
        two()

    @pw.job(executor_def=in_process_executor)
    def in_config() -> None:
        one()
        two()

    config = {"execution": {"config": {"routes": [{"step": "two", "use": "threads"}]}}}
    assert "1 to threads (route step one)" in first_engine_event(run(instance, in_code))
    assert "1 to threads (route step two)" in first_engine_event(run(instance, in_config, config))
    # Running in this process, whatever the job says, has no routes.
    result = in_code.execute_in_process(instance=instance)
    assert "routes" not in first_engine_event(Told.of(instance, result.run_id))


def test_the_first_rule_that_fits_holds() -> None:
    routes = [
        {"step": "fetch_a", "use": "in_process"},
        {"step": "fetch_*", "use": {"threads": {"max_concurrent": 1}}},
        {"step": "*", "tag": {"kind": "io"}, "use": {"threads": {"max_concurrent": 2}}},
    ]
    with home({"in_process": {"routes": routes}}) as instance:
        said = first_engine_event(run(instance, mixed))
    assert "1 to in_process (route step fetch_a)" in said
    assert "1 to threads (route step fetch_*)" in said
    assert "1 to threads 2 (route tag kind=io and step *)" in said


def test_steps_of_other_executors_go_on_while_a_step_in_process_takes_long() -> None:
    done = threading.Event()

    @pw.op
    def first() -> int:
        return 1

    @pw.op
    def last(x: int) -> None:
        done.set()

    @pw.op
    def waits() -> None:
        assert done.wait(30)

    @pw.job
    def chain() -> None:
        last.alias("io_last")(first.alias("io_first")())
        waits.tag({"priority": "9"})()

    with home({"in_process": {"routes": [{"step": "io_*", "use": "threads"}]}}) as instance:
        assert run(instance, chain).run.status is RunStatus.SUCCESS


def test_each_executor_keeps_its_own_limit() -> None:
    running: dict[str, int] = {"a": 0, "b": 0}
    most = dict(running)
    lock = threading.Lock()
    pause = threading.Event()

    def count(name: str) -> None:
        with lock:
            running[name] += 1
            most[name] = max(most[name], running[name])
        pause.wait(0.01)
        with lock:
            running[name] -= 1

    @pw.op
    def a() -> None:
        count("a")

    @pw.op
    def b() -> None:
        count("b")

    @pw.job
    def many() -> None:
        for _ in range(8):
            a()
            b()

    routes = [{"step": "a*", "use": {"threads": {"max_concurrent": 2}}}]
    with home({"in_process": {"routes": routes}}) as instance:
        assert run(instance, many).run.status is RunStatus.SUCCESS
    assert most["a"] <= 2
    assert most["b"] == 1


def test_mapped_steps_go_where_their_node_goes() -> None:
    @pw.op(out=pw.DynamicOut(int))
    def spread() -> Iterator[Any]:
        for number in range(3):
            yield pw.DynamicOutput(number, str(number))

    @pw.op
    def use(x: int) -> None:
        WHERE[f"use {x}"] = threading.current_thread().name

    @pw.job
    def dynamic() -> None:
        spread().map(use)

    with home({"in_process": {"routes": [{"step": "use", "use": "threads"}]}}) as instance:
        told = run(instance, dynamic)
    assert told.run.status is RunStatus.SUCCESS
    assert sorted(WHERE) == ["use 0", "use 1", "use 2"]
    assert "1 to threads (route step use)" in first_engine_event(told)


class Chooser:
    """A plugin that sends steps of one name to threads."""

    def __init__(self, answer: str | None = "threads") -> None:
        self.answer = answer
        self.asked: list[tuple[str, Sequence[str]]] = []

    @hookimpl
    def plugwork_select_executor(self, step: Any, names: Sequence[str]) -> str | None:
        self.asked.append((step.key, list(names)))
        return self.answer if step.key == "plain" else None


def install(instance: Instance, plugin: object) -> None:
    instance.hooks._manager.register(plugin)
    instance.hooks.refresh()


def test_a_plugin_chooses_for_steps_that_no_rule_names() -> None:
    chooser = Chooser()
    with home({"in_process": {"routes": ROUTES}}) as instance:
        install(instance, chooser)
        said = first_engine_event(run(instance, mixed))
    assert [key for key, _ in chooser.asked] == ["plain"]
    assert chooser.asked[0][1][:3] == ["in_process", "async", "threads"]
    assert "1 to threads (chosen by a plugin)" in said


def test_a_plugin_that_chooses_nothing_changes_nothing() -> None:
    with Instance.ephemeral() as instance:
        install(instance, Chooser(None))
        told = run(instance, mixed)
    assert told.run.status is RunStatus.SUCCESS
    assert "4 to in_process (the run's own)" in first_engine_event(told)


@pytest.mark.parametrize(
    ("use", "words"),
    [("nothing", "nothing"), ({"threads": {"bogus": 1}}, "bogus")],
)
def test_a_route_that_leads_nowhere_ends_the_run_before_it_starts(use: Any, words: str) -> None:
    with home({"in_process": {"routes": [{"step": "*", "use": use}]}}) as instance:
        told = run(instance, mixed)
    assert told.types == ["RUN_FAILURE"]
    data: Any = told.entries[0].get_event().event_specific_data
    assert data.failure_reason is RunFailureReason.JOB_INITIALIZATION_FAILURE
    assert words in data.error.to_string()


def test_when_steps_may_start_is_decided_for_the_whole_run() -> None:
    used = threading.Event()

    @pw.op(out={"early": pw.Out(int), "late": pw.Out(int)})
    def gives() -> Iterator[Any]:
        yield pw.Output(1, "early")
        assert used.wait(30)
        yield pw.Output(2, "late")

    @pw.op
    def uses(x: int) -> None:
        used.set()

    @pw.job
    def overlapping() -> None:
        early, _ = gives()
        uses(early)

    settings = {
        "routes": [{"step": "gives", "use": "threads"}],
        "step_dependency_config": {"require_upstream_step_success": False},
    }
    with home({"in_process": settings}) as instance:
        assert run(instance, overlapping).run.status is RunStatus.SUCCESS
