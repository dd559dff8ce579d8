"""Steps side by side: errors to raise, plugins around them, a caller who leaves."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from typing import Any

import pytest

import plugwork as pw
from plugwork.execution.starting import RunExecution
from plugwork.journal.holder import current_holder
from plugwork.model import EventType
from plugwork.plan import create_plan
from plugwork.plugin import hookimpl
from plugwork_testkit.streams import Told, by_step, expected


def start(
    instance: pw.Instance, job_def: pw.JobDefinition, **options: Any
) -> tuple[str, RunExecution]:
    plan = create_plan(job_def, None)
    run, lease = instance.create_held_run(job_def, plan, holder=current_holder())
    assert lease is not None
    return run.run_id, RunExecution(instance, job_def, plan, run, lease, **options)


@pytest.fixture(params=["threads", "async"])
def executor(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def instance(executor: str) -> Iterator[pw.Instance]:
    settings = {"executor": {executor: {"max_concurrent": 4}}}
    with pw.Instance.ephemeral(settings=settings) as opened:
        yield opened


def test_an_error_to_raise_ends_the_run_after_the_steps_beside_it(
    instance: pw.Instance, executor: str
) -> None:
    go_on = threading.Event()

    @pw.op
    def fails() -> int:
        raise ValueError("on purpose")

    @pw.op
    def works() -> None:
        assert go_on.wait(20)

    @pw.op
    def follows(number: int) -> None:
        pass

    @pw.job
    def raising() -> None:
        follows(fails())
        works()

    run_id, execution = start(instance, raising, raise_on_error=True)
    for event in execution.events():
        if event.event_type is EventType.STEP_FAILURE:
            go_on.set()
    assert isinstance(execution.error, ValueError)
    told = Told.of(instance, run_id)
    assert told.run.status is pw.RunStatus.FAILURE
    assert by_step(told.steps) == by_step(
        expected("fails: START FAILURE", "works: START OUTPUT SUCCESS")
    )


def test_a_caller_that_stops_reading_stops_the_steps(instance: pw.Instance, executor: str) -> None:
    begun = threading.Barrier(3, timeout=20)

    @pw.op
    def waits() -> None:
        begun.wait()
        while True:
            threading.Event().wait(0.01)

    @pw.op
    async def awaits() -> None:
        await asyncio.to_thread(begun.wait)
        await asyncio.sleep(3600)

    @pw.op
    def quick() -> None:
        begun.wait()

    @pw.job
    def stopped() -> None:
        waits()
        awaits()
        quick()

    run_id, execution = start(instance, stopped)
    events = execution.events()
    for event in events:
        if event.event_type is EventType.STEP_SUCCESS:
            break
    events.close()  # type: ignore[attr-defined]  # a generator
    told = Told.of(instance, run_id)
    assert told.run.status is pw.RunStatus.FAILURE
    lives = by_step(told.steps)
    assert lives["quick"][-1] == "SUCCESS"
    assert lives["waits"] == lives["awaits"] == ["START", "FAILURE"]


class Around:
    """A plugin that stands around steps."""

    def __init__(self) -> None:
        self.seen: list[tuple[str, int, str]] = []

    @hookimpl(wrapper=True)
    def plugwork_execute_step(self, step: Any, context: Any) -> Iterator[Any]:
        before = threading.current_thread().name
        result = yield
        assert threading.current_thread().name == before
        self.seen.append((step.key, len(context.events), before))
        return result


def test_a_plugin_stands_around_async_steps_from_end_to_end(
    instance: pw.Instance, executor: str
) -> None:
    loops = set()

    @pw.op
    async def awaits() -> int:
        loops.add(threading.current_thread().name)
        await asyncio.sleep(0)
        return 1

    @pw.job(resource_defs={"io_manager": pw.mem_io_manager})
    def awaited() -> None:
        awaits.alias("a")()
        awaits.alias("b")()

    around = Around()
    instance.hooks._manager.register(around)
    instance.hooks.refresh()
    run_id, execution = start(instance, awaited)
    list(execution.events())
    assert Told.of(instance, run_id).run.status is pw.RunStatus.SUCCESS
    assert sorted(around.seen) == [("a", 4, "a"), ("b", 4, "b")]
    assert loops == ({"a", "b"} if executor == "threads" else {"plugwork-loop"})
