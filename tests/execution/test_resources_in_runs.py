"""Resources of a run: made in the order of their needs, torn down in reverse, whatever happens."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import plugwork as pw
from plugwork import EventType, Instance, RunStatus
from plugwork.model import EngineEventData
from plugwork_testkit.streams import Told

Execute = Callable[..., Told]


def chain(told: list[str], *, broken: str = "", clingy: str = "") -> pw.JobDefinition:
    """Make a job whose resource ``c`` needs ``b``, which needs ``a``."""

    def define(name: str, needs: set[str]) -> pw.ResourceDefinition:
        @pw.resource(required_resource_keys=needs)
        def made(context: pw.InitResourceContext) -> Iterator[str]:
            if name == broken:
                raise ValueError(f"{name} cannot be made")
            below = "".join(getattr(context.resources, one) for one in needs)
            told.append(f"+{name}")
            yield below + name
            told.append(f"-{name}")
            if name == clingy:
                raise ValueError(f"{name} cannot be torn down")

        return made

    @pw.op(required_resource_keys={"c"})
    def use(context: pw.OpExecutionContext) -> str:
        value: str = context.resources.c
        assert not hasattr(context.resources, "a")
        told.append(value)
        return value

    resources = {"c": define("c", {"b"}), "b": define("b", {"a"}), "a": define("a", set())}

    @pw.job(resource_defs=resources)
    def chained() -> None:
        use()

    return chained


def test_resources_are_made_in_order_and_torn_down_in_reverse(execute: Execute) -> None:
    told: list[str] = []
    assert execute(chain(told)).run.status is RunStatus.SUCCESS
    assert told == ["+a", "+b", "+c", "abc", "-c", "-b", "-a"]


def test_the_log_tells_the_class_of_each_resource_and_how_long_it_took(execute: Execute) -> None:
    (entry,) = execute(chain([])).of_type(EventType.RESOURCE_INIT_SUCCESS)
    data = entry.get_event().event_specific_data
    assert isinstance(data, EngineEventData)
    assert [data.metadata[key] for key in ("a", "b", "c")] == ["str"] * 3
    assert list(data.metadata)[:4] == ["a", "a:init_time", "b", "b:init_time"]
    assert str(data.metadata["a:init_time"]).endswith(" ms")


def test_a_variable_that_is_not_set_is_told_before_the_run_exists(instance: Instance) -> None:
    class Mail(pw.ConfigurableResource):
        to: str

    @pw.op
    def send(mail: Mail) -> None: ...

    @pw.job(resource_defs={"mail": Mail(to=pw.EnvVar("NOBODY_SETS_THIS"))})
    def sends() -> None:
        send()

    with pytest.raises(pw.InvalidConfigError, match="NOBODY_SETS_THIS"):
        sends.execute_in_process(instance=instance)
    assert instance.get_runs() == []


def test_a_resource_that_no_step_uses_is_neither_made_nor_asked_for_its_variables(
    execute: Execute,
) -> None:
    class Mail(pw.ConfigurableResource):
        to: str

        def setup_for_execution(self, context: pw.InitResourceContext) -> None:
            raise ValueError("nobody uses it")

    @pw.job(resource_defs={"mail": Mail(to=pw.EnvVar("NOBODY_SETS_THIS")), "plain": 1})
    def without() -> None:
        pass

    assert execute(without).run.status is RunStatus.SUCCESS


def test_a_resource_that_cannot_be_made_tears_down_those_before_it(execute: Execute) -> None:
    told: list[str] = []
    stream = execute(chain(told, broken="c"))
    assert told == ["+a", "+b", "-b", "-a"]
    assert stream.types == [
        "RUN_START",
        "ENGINE_EVENT",
        "RESOURCE_INIT_STARTED",
        "RESOURCE_INIT_FAILURE",
        "RUN_FAILURE",
    ]
    (failed,) = stream.of_type(EventType.RESOURCE_INIT_FAILURE)
    assert failed.step_key == "use"


def test_the_result_of_a_run_without_its_resource_tells_all_events(instance: Instance) -> None:
    result = chain([], broken="a").execute_in_process(instance=instance, raise_on_error=False)
    assert [event.event_type for event in result.all_events] == [
        entry.event_type for entry in instance.all_logs(result.run_id) if entry.event_type
    ]
    assert EventType.RESOURCE_INIT_FAILURE in {one.event_type for one in result.all_events}


def test_a_teardown_that_fails_is_told_and_the_others_follow(execute: Execute) -> None:
    told: list[str] = []
    stream = execute(chain(told, clingy="c"))
    assert told[-3:] == ["-c", "-b", "-a"]
    assert stream.run.status is RunStatus.SUCCESS
    errors = [
        entry.get_event().event_specific_data
        for entry in stream.of_type(EventType.ENGINE_EVENT)
        if entry.step_key == "use"
    ]
    (data,) = errors
    assert isinstance(data, EngineEventData)
    assert data.error is not None
    assert data.error.cause is not None
    assert "c cannot be torn down" in data.error.cause.message


@pytest.mark.parametrize("moment", ["before", "during"])
def test_a_signal_around_the_teardown_leaves_no_resource_open(
    execute: Execute, moment: str
) -> None:
    told: list[str] = []

    @pw.resource
    def first() -> Iterator[int]:
        yield 1
        told.append("-first")

    @pw.resource(required_resource_keys={"first"})
    def second(context: pw.InitResourceContext) -> Iterator[int]:
        yield 2
        told.append("-second")
        if moment == "during":
            signal.raise_signal(signal.SIGINT)

    @pw.op(required_resource_keys={"second"}, out={})
    def use() -> None:
        pass

    @pw.job(resource_defs={"first": first, "second": second})
    def interrupted() -> None:
        use()

    if moment == "before":
        with Instance.ephemeral() as instance:
            run_id = "6f1c0f0a-62c8-4f0c-8f3b-2d6a3f1e9b11"

            def stop(record: pw.EventLogRecord) -> None:
                if record.event_type is EventType.STEP_SUCCESS:
                    signal.raise_signal(signal.SIGINT)

            instance.add_event_listener(run_id, stop)
            interrupted.execute_in_process(instance=instance, run_id=run_id, raise_on_error=False)
            status = instance.require_run(run_id).status
    else:
        status = execute(interrupted).run.status
    assert told == ["-second", "-first"]
    assert status is RunStatus.FAILURE


def test_the_instance_provides_a_file_manager_and_an_io_manager(tmp_path: Path) -> None:
    @pw.op(required_resource_keys={"file_manager"})
    def write(context: pw.OpExecutionContext) -> str:
        assert context.resources.file_manager is context.instance.file_manager
        handle = context.resources.file_manager.write_data(b"content")
        return str(handle.path_desc)

    @pw.op
    def read(path: str) -> bytes:
        return Path(path).read_bytes()

    @pw.job
    def files() -> None:
        read(write())

    with Instance.local_temp(str(tmp_path)) as instance:
        result = files.execute_in_process(instance=instance)
        assert result.output_for_node("read") == b"content"
        assert Path(result.output_for_node("write")).is_relative_to(tmp_path)
