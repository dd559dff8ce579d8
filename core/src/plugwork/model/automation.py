"""What schedules and sensors ask for."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import attrs

from plugwork.errors import ParameterCheckError
from plugwork.model.record import Record, tagged

if TYPE_CHECKING:
    from plugwork.model.assets import AssetKey

#: On each run that a schedule requested: the schedule's name.
SCHEDULE_NAME_TAG = "plugwork/schedule_name"
#: On each run that a sensor requested: the sensor's name.
SENSOR_NAME_TAG = "plugwork/sensor_name"
NAME_TAGS: Mapping[str, str] = {"schedule": SCHEDULE_NAME_TAG, "sensor": SENSOR_NAME_TAG}


def _optional_text(instance: Any, field: attrs.Attribute[Any], value: object) -> None:
    if value is not None and not isinstance(value, str):
        raise ParameterCheckError(
            f"{type(instance).__name__}: {field.name} must be text, got {value!r}"
        )


def _plain_config(value: Any) -> Mapping[str, Any]:
    if value is None:
        return {}
    plain = value.to_config_dict() if hasattr(value, "to_config_dict") else value
    if not isinstance(plain, Mapping):
        raise ParameterCheckError(
            f"RunRequest: run_config must be a dictionary or a RunConfig, got {value!r}"
        )
    return plain


def _tags(value: Any) -> Mapping[str, str]:
    if value is not None and not isinstance(value, Mapping):
        raise ParameterCheckError(f"RunRequest: tags must be a dictionary, got {value!r}")
    return {_tag_key(key): _tag_text(key, one) for key, one in (value or {}).items()}


def _tag_key(key: object) -> str:
    if not isinstance(key, str):
        raise ParameterCheckError(f"RunRequest: the key of a tag must be text, got {key!r}")
    return key


def _tag_text(key: str, value: object) -> str:
    if isinstance(value, str):
        return value
    try:
        text = json.dumps(value)
    except (TypeError, ValueError):
        text = None
    if text is None or json.loads(text) != value:
        raise ParameterCheckError(
            f"RunRequest: tag {key!r} is {value!r}, neither text nor a value that JSON can hold"
        )
    return text


def _asset_keys(value: Any) -> tuple[AssetKey, ...] | None:
    if value is None:
        return None
    from plugwork.model.assets import AssetKey

    if isinstance(value, (str, AssetKey)) or not isinstance(value, Iterable):
        raise ParameterCheckError(
            f"RunRequest: asset_selection must be a list of asset keys, got {value!r}"
        )
    return tuple(one if isinstance(one, AssetKey) else AssetKey(one) for one in value)


def _optional_tuple(value: Iterable[Any] | None) -> tuple[Any, ...] | None:
    return None if value is None else tuple(value)


@tagged("run_request")
@attrs.frozen
class RunRequest(Record):
    """Asks for one run; returned or yielded by schedules and sensors.

    :param run_key: a sensor requests no second run with a key that it used before; a schedule
        that asks for several runs at once gives each a key of its own.
    :param run_config: of the run, over the job's own; a :class:`RunConfig` is taken too.
    :param tags: of the run, besides those of the job.
    :param job_name: which job, where schedule or sensor have several targets.
    :raises ParameterCheckError: for a value of the wrong type.
    """

    run_key: str | None = attrs.field(default=None, validator=_optional_text)
    run_config: Mapping[str, Any] = attrs.field(default=None, converter=_plain_config)
    tags: Mapping[str, str] = attrs.field(default=None, converter=_tags)
    job_name: str | None = attrs.field(default=None, validator=_optional_text)
    asset_selection: tuple[AssetKey, ...] | None = attrs.field(default=None, converter=_asset_keys)
    stale_assets_only: bool = False
    partition_key: str | None = attrs.field(default=None, validator=_optional_text)
    asset_check_keys: tuple[Any, ...] | None = attrs.field(default=None, converter=_optional_tuple)


def _keys(value: Any) -> tuple[str, ...]:
    if isinstance(value, str) or not isinstance(value, Iterable):
        raise ParameterCheckError(f"partition_keys must be a list of text, got {value!r}")
    keys = tuple(value)
    for key in keys:
        if not isinstance(key, str):
            raise ParameterCheckError(f"a partition key must be text, got {key!r}")
    return keys


def _text(instance: Any, field: attrs.Attribute[Any], value: object) -> None:
    if not isinstance(value, str) or not value:
        raise ParameterCheckError(
            f"{type(instance).__name__}: {field.name} must be text, got {value!r}"
        )


@tagged("add_partitions")
@attrs.frozen
class AddDynamicPartitionsRequest(Record):
    """Asks to add keys to a dynamic partitions definition, in a :class:`SensorResult`."""

    partitions_def_name: str = attrs.field(validator=_text)
    partition_keys: Sequence[str] = attrs.field(converter=_keys)


@tagged("delete_partitions")
@attrs.frozen
class DeleteDynamicPartitionsRequest(Record):
    """Asks to delete keys of a dynamic partitions definition, in a :class:`SensorResult`."""

    partitions_def_name: str = attrs.field(validator=_text)
    partition_keys: Sequence[str] = attrs.field(converter=_keys)
