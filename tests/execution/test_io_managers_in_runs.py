"""IO managers of a run: what they get, what they tell, and what becomes of their mistakes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

import plugwork as pw
from plugwork import EventType, Instance, RunStatus
from plugwork.model import (
    ErrorSource,
    HandledOutputData,
    LoadedInputData,
    StepFailureData,
    StepMaterializationData,
)
from plugwork_testkit.streams import Told, expected

Execute = Callable[..., Told]


class Kept(pw.IOManager):
    """Keeps values in a dictionary, and notes its contexts."""

    def __init__(self, told: Any = None) -> None:
        self.values: dict[tuple[str, ...], Any] = {}
        self.stored: list[pw.OutputContext] = []
        self.loaded: list[pw.InputContext] = []
        self._told = told

    def handle_output(self, context: pw.OutputContext, obj: Any) -> Any:
        self.values[tuple(context.get_identifier())] = obj
        self.stored.append(context)
        return self._told(context) if self._told is not None else None

    def load_input(self, context: pw.InputContext) -> Any:
        self.loaded.append(context)
        return self.values[tuple(context.get_identifier())]


@pw.op
def one() -> int:
    return 1


@pw.op
def add_one(x: int) -> int:
    return x + 1


@pw.job
def chain() -> None:
    add_one(one())


def with_manager(manager: Any, job_def: pw.JobDefinition = chain) -> pw.JobDefinition:
    return job_def.with_defaults(resource_defs={"io_manager": manager})


def failure_of(told: Told) -> StepFailureData:
    (entry,) = told.of_type(EventType.STEP_FAILURE)
    data = entry.get_event().event_specific_data
    assert isinstance(data, StepFailureData)
    return data


def test_a_manager_gets_what_is_to_know_of_an_output_and_an_input(execute: Execute) -> None:
    manager = Kept()
    told = execute(with_manager(manager))
    assert told.run.status is RunStatus.SUCCESS
    stored = manager.stored[0]
    assert (stored.step_key, stored.name, stored.run_id) == ("one", "result", told.run.run_id)
    assert (stored.job_name, stored.config, stored.resource_config) == ("chain", None, None)
    assert (stored.op_def, stored.type, stored.mapping_key) == (one, one.outs["result"].type, None)
    (loaded,) = manager.loaded
    assert (loaded.name, loaded.has_input_name, loaded.op_def) == ("x", True, add_one)
    assert loaded.upstream_output is not None
    assert loaded.upstream_output.get_identifier() == [told.run.run_id, "one", "result"]
    assert not loaded.has_asset_key


def test_events_of_assets_come_before_the_output_is_stored(execute: Execute) -> None:
    def tell(context: pw.OutputContext) -> Iterator[Any]:
        context.log_event(pw.AssetObservation("seen"))
        yield pw.AssetMaterialization("made", metadata={"rows": 1})
        yield {"size": 7}
        yield {"path": "x"}

    told = execute(with_manager(Kept(tell)))
    assert told.steps[:6] == expected(
        "one: START OUTPUT ASSET_OBSERVATION ASSET_MATERIALIZATION HANDLED SUCCESS"
    )
    made = told.of_type(EventType.ASSET_MATERIALIZATION)[0].get_event().event_specific_data
    assert isinstance(made, StepMaterializationData)
    assert made.materialization.asset_key == pw.AssetKey("made")
    handled = told.of_type(EventType.HANDLED_OUTPUT)[0].get_event().event_specific_data
    assert isinstance(handled, HandledOutputData)
    assert {key: value.value for key, value in handled.metadata.items()} == {
        "size": 7,
        "path": "x",
    }


@pytest.mark.parametrize("returned", [{"rows": 2}, [{"rows": 2}]])
def test_a_manager_may_return_metadata_or_an_event(execute: Execute, returned: Any) -> None:
    told = execute(with_manager(Kept(lambda context: returned)))
    handled = told.of_type(EventType.HANDLED_OUTPUT)[0].get_event().event_specific_data
    assert isinstance(handled, HandledOutputData)
    assert handled.metadata["rows"].value == 2
    told = execute(with_manager(Kept(lambda context: pw.AssetMaterialization("a"))))
    assert len(told.of_type(EventType.ASSET_MATERIALIZATION)) == 2


def test_metadata_is_given_in_one_of_two_ways(execute: Execute) -> None:
    def both(context: pw.OutputContext) -> Any:
        context.add_output_metadata({"rows": 2})
        return {"size": 2}

    failure = failure_of(execute(with_manager(Kept(both))))
    assert failure.error is not None
    assert 'IO manager "io_manager" of output "result" of step "one"' in failure.error.message
    assert "both by add_output_metadata()" in failure.error.message


@pytest.mark.parametrize("returned", [5, "text", [5], True])
def test_what_a_manager_may_not_return_is_told(execute: Execute, returned: Any) -> None:
    failure = failure_of(execute(with_manager(Kept(lambda context: returned))))
    assert failure.error is not None
    assert 'IO manager "io_manager" of output "result" of step "one"' in failure.error.message


def test_a_manager_that_yields_and_raises_fails_the_step(execute: Execute) -> None:
    def tell(context: pw.OutputContext) -> Iterator[Any]:
        yield pw.AssetMaterialization("made")
        raise OSError("disk")

    told = execute(with_manager(Kept(tell)))
    assert told.steps == expected("one: START OUTPUT ASSET_MATERIALIZATION FAILURE")
    failure = failure_of(told)
    assert failure.error is not None
    assert failure.error.cls_name == "HandleOutputError"
    assert failure.error_source is ErrorSource.USER_CODE_ERROR


def test_a_missing_value_is_an_error_of_loading_and_is_tried_again(execute: Execute) -> None:
    class Forgetful(Kept):
        def load_input(self, context: pw.InputContext) -> Any:
            value = super().load_input(context)
            if len(self.loaded) == 1:
                raise FileNotFoundError("gone")
            return value

    @pw.job(op_retry_policy=pw.RetryPolicy(max_retries=1))
    def patient() -> None:
        add_one(one())

    told = execute(with_manager(Forgetful(), patient))
    assert told.run.status is RunStatus.SUCCESS
    assert told.steps[4:] == expected("add_one: START UP_FOR_RETRY RESTARTED IN OUT SUCCESS")
    failure = failure_of(execute(with_manager(Forgetful())))
    assert failure.error is not None
    assert failure.error.cls_name == "LoadInputError"
    assert failure.error.cause is not None
    assert failure.error.cause.cls_name == "FileNotFoundError"


def test_metadata_of_a_loaded_input_is_told(execute: Execute) -> None:
    class Tells(Kept):
        def load_input(self, context: pw.InputContext) -> Any:
            context.add_input_metadata({"rows": 3})
            return super().load_input(context)

    (entry,) = execute(with_manager(Tells())).of_type(EventType.LOADED_INPUT)
    data = entry.get_event().event_specific_data
    assert isinstance(data, LoadedInputData)
    assert data.metadata["rows"].value == 3


def test_run_config_gives_to_single_outputs_and_inputs(execute: Execute) -> None:
    manager = Kept()

    @pw.io_manager(
        output_config_schema={"path": str}, input_config_schema={"limit": pw.Field(int, 10)}
    )
    def configurable() -> pw.IOManager:
        return manager

    @pw.op(out=pw.DynamicOut(io_manager_key="lake"))
    def gives() -> Iterator[Any]:
        yield pw.DynamicOutput(1, "a")

    @pw.op(ins={"x": pw.In(input_manager_key="lake")}, out=pw.Out(io_manager_key="lake"))
    def takes(x: int) -> int:
        return x

    @pw.graph
    def inner() -> None:
        gives().map(takes)

    @pw.job(resource_defs={"lake": configurable})
    def stores() -> None:
        inner()

    config = {
        "ops": {
            "inner": {
                "ops": {
                    "gives": {"outputs": {"result": {"path": "p"}}},
                    "takes": {"inputs": {"x": {}}, "outputs": {"result": {"path": "q"}}},
                }
            }
        }
    }
    assert execute(stores, config).run.status is RunStatus.SUCCESS
    assert [one.config for one in manager.stored] == [{"path": "p"}, {"path": "q"}]
    (loaded,) = manager.loaded
    assert loaded.config == {"limit": 10}
    assert loaded.upstream_output is not None
    assert loaded.upstream_output.config == {"path": "p"}
    with pytest.raises(pw.InvalidConfigError, match=r"required and missing(.|\n)*outputs"):
        pw.validate_run_config(stores, {})


def test_config_for_an_input_manager_of_an_input_that_nothing_feeds(execute: Execute) -> None:
    @pw.input_manager(input_config_schema={"n": int})
    def reader(context: pw.InputContext) -> int:
        assert context.upstream_output is None
        return int(context.config["n"])

    @pw.op(ins={"x": pw.In(input_manager_key="reader")})
    def reads(x: int) -> int:
        return x * 2

    @pw.job(resource_defs={"reader": reader})
    def reading() -> None:
        reads()

    result = reading.execute_in_process({"ops": {"reads": {"inputs": {"x": {"n": 4}}}}})
    assert result.output_for_node("reads") == 8


def test_several_managers_in_one_job(execute: Execute) -> None:
    left, right = Kept(), Kept()

    @pw.op(out={"a": pw.Out(io_manager_key="left"), "b": pw.Out(io_manager_key="right")})
    def both() -> Any:
        return 1, 2

    @pw.op(ins={"b": pw.In(input_manager_key="other")})
    def use(a: int, b: int) -> int:
        return a + b

    @pw.input_manager
    def other(context: pw.InputContext) -> int:
        assert context.upstream_output is not None
        return int(right.values[tuple(context.upstream_output.get_identifier())]) * 10

    @pw.job(resource_defs={"left": left, "right": right, "other": other})
    def two() -> None:
        use(*both())

    result = two.execute_in_process()
    assert result.output_for_node("use") == 21
    assert [len(left.values), len(right.values), len(left.loaded), len(right.loaded)] == [
        1,
        1,
        1,
        0,
    ]


def test_an_io_manager_has_resources_and_a_log(execute: Execute) -> None:
    class Talks(Kept):
        def handle_output(self, context: pw.OutputContext, obj: Any) -> None:
            context.log.info("storing in %s", context.resources.place)
            super().handle_output(context, obj)

    @pw.io_manager(required_resource_keys={"place"}, config_schema={"n": int})
    def talks(context: pw.InitResourceContext) -> pw.IOManager:
        assert context.resources.place == "here"
        return Talks()

    bound = chain.with_defaults(
        resource_defs={"io_manager": talks.configured({"n": 1}), "place": "here"}
    )
    told = execute(bound)
    assert [entry.user_message for entry in told.entries].count("storing in here") == 2


def test_a_factory_makes_the_manager_that_is_used(execute: Execute) -> None:
    made: list[Kept] = []

    class Factory(pw.ConfigurableIOManagerFactory):
        base: str

        def create_io_manager(self, context: pw.InitResourceContext) -> pw.IOManager:
            made.append(Kept(lambda context: {"base": self.base}))
            return made[-1]

    told = execute(with_manager(Factory(base="b")))
    assert told.run.status is RunStatus.SUCCESS
    assert len(made[0].values) == 2


class Private(pw.ConfigurableIOManager):
    shares_between_processes = False

    def handle_output(self, context: pw.OutputContext, obj: Any) -> None: ...

    def load_input(self, context: pw.InputContext) -> Any: ...


class PrivateObject(Kept):
    shares_between_processes = False


@pytest.mark.parametrize("manager", [pw.mem_io_manager, Private(), PrivateObject()])
def test_a_run_whose_outputs_stay_in_memory_is_refused_before_it_exists(
    local: Instance, manager: Any
) -> None:
    @pw.executor(requirements=[pw.ExecutorRequirement.PERSISTENT_OUTPUTS])
    def demanding(context: pw.InitExecutorContext) -> Any:
        raise AssertionError("it is not made")

    @pw.job(executor_def=demanding, resource_defs={"io_manager": manager})
    def leaves() -> None:
        add_one(one())

    with pytest.raises(pw.UnmetExecutorRequirementsError, match=r"'demanding'.*'io_manager'"):
        local.create_run_for_job(leaves)
    assert local.get_runs() == []
    assert leaves.execute_in_process(instance=local, raise_on_error=False).run_id
