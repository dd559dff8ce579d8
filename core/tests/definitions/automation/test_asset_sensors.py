from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from plugwork import (
    AssetKey,
    AssetMaterialization,
    AssetSensorDefinition,
    EventLogEntry,
    Instance,
    ResourceParam,
    RunRequest,
    SkipReason,
    asset_sensor,
    build_sensor_context,
    job,
)
from plugwork.errors import InvalidDefinitionError, InvariantViolationError
from plugwork.model import (
    Event,
    EventType,
    SensorExecutionData,
    StepMaterializationData,
    make_run_id,
)

pytestmark = pytest.mark.needs_plugins
TABLE = AssetKey(["shop", "orders"])


@job
def follow(): ...


@pytest.fixture
def instance() -> Iterator[Instance]:
    with Instance.ephemeral() as made:
        yield made


def materialize(instance: Instance, key: AssetKey = TABLE, description: str = "") -> None:
    made = StepMaterializationData(AssetMaterialization(key, description))
    event = Event(EventType.ASSET_MATERIALIZATION, "load", made, step_key="load")
    instance.storage.store_event(
        EventLogEntry(None, "DEBUG", "", make_run_id(), 1.0, "load", "load", event)
    )


@asset_sensor(TABLE, job=follow)
def orders(context, asset_event: EventLogEntry):
    made = asset_event.get_event().event_specific_data
    assert isinstance(made, StepMaterializationData)
    return RunRequest(made.materialization.description)


def evaluated(
    instance: Instance, cursor: str | None = None, sensor: AssetSensorDefinition = orders
) -> SensorExecutionData:
    return sensor.evaluate_tick(build_sensor_context(instance, cursor=cursor))


def test_it_is_called_for_the_newest_materialization_alone(instance: Instance) -> None:
    assert "has not been materialized" in str(evaluated(instance).skip_message)
    for number in range(3):
        materialize(instance, description=str(number))
    materialize(instance, AssetKey("other"))
    first = evaluated(instance)
    assert [one.run_key for one in first.run_requests] == ["2"]
    assert first.run_requests[0].tags == {"plugwork/sensor_name": "orders"}
    again = evaluated(instance, first.cursor)
    assert (again.run_requests, again.cursor) == ((), first.cursor)
    assert "shop/orders has not been materialized" in str(again.skip_message)
    materialize(instance, description="new")
    assert [one.run_key for one in evaluated(instance, first.cursor).run_requests] == ["new"]


def test_it_may_skip_and_goes_on_after_it(instance: Instance) -> None:
    skips = AssetSensorDefinition("skips", TABLE, "follow", lambda: SkipReason("not now"))
    materialize(instance)
    data = evaluated(instance, None, skips)
    assert data.skip_message == "not now"
    assert "has not been" in str(evaluated(instance, data.cursor, skips).skip_message)


def test_the_cursor_is_its_own(instance: Instance) -> None:
    @asset_sensor(TABLE)
    def own(context, event):
        context.update_cursor("mine")

    materialize(instance)
    with pytest.raises(InvariantViolationError, match="cursor of an asset sensor is its own"):
        evaluated(instance, None, own)
    with pytest.raises(InvariantViolationError, match="'x' is no cursor of an asset sensor"):
        evaluated(instance, "x")


def test_it_is_called_as_its_function_in_a_unit_test() -> None:
    @asset_sensor(TABLE, job=follow)
    def made(context, event, mail: ResourceParam[str]):
        return f"{mail} {event} {context.cursor}"

    context = build_sensor_context(cursor="7", resources={"mail": "a@b"})
    assert made(context, "event") == "a@b event 7"
    assert made(context, "event", mail="c@d") == "c@d event 7"


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ({"asset_key": "orders"}, "asset_key must be an AssetKey, got 'orders'"),
        ({"asset_materialization_fn": lambda a, b, c: None}, "'c' is neither"),
        ({"asset_materialization_fn": None}, "needs evaluation_fn"),
        ({"job": follow}, "told twice, by job_name and job"),
        ({"name": "a b"}, "'a b' is no name"),
    ],
)
def test_wrong_use_is_refused_with_name_and_place(arguments: dict[str, Any], told: str) -> None:
    given = {
        "name": "made",
        "asset_key": TABLE,
        "job_name": "follow",
        "asset_materialization_fn": lambda: None,
        **arguments,
    }
    with pytest.raises(InvalidDefinitionError) as caught:
        AssetSensorDefinition(**given)
    assert told in str(caught.value)
    assert "test_asset_sensors.py:" in str(caught.value)
