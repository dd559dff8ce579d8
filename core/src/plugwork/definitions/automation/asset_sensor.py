"""Sensors that react to materializations of one asset."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from plugwork.definitions.automation.function import UserFunction
from plugwork.definitions.automation.sensor import SensorDefinition
from plugwork.definitions.automation.status import DefaultSensorStatus
from plugwork.definitions.names import copy_names
from plugwork.definitions.place import caller
from plugwork.errors import InvalidDefinitionError, InvariantViolationError
from plugwork.model.assets import AssetKey

if TYPE_CHECKING:
    from plugwork.definitions.automation.sensor_context import SensorEvaluationContext


class AssetSensorDefinition(SensorDefinition):
    """Calls a function for the newest materialization of an asset. See :func:`asset_sensor`.

    :param asset_materialization_fn: gets the context and the materialization's
        :class:`EventLogEntry`, and resources.
    :raises InvalidDefinitionError: when anything of it is wrong, with its place.
    """

    _takes = ("context", "asset_event")

    def __init__(
        self,
        name: str,
        asset_key: AssetKey,
        job_name: str | None,
        asset_materialization_fn: Callable[..., Any],
        minimum_interval_seconds: int | None = None,
        description: str | None = None,
        job: Any = None,
        jobs: Sequence[Any] | None = None,
        default_status: DefaultSensorStatus = DefaultSensorStatus.STOPPED,
        required_resource_keys: Collection[str] | None = None,
        tags: Mapping[str, Any] | None = None,
        metadata: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(
            name,
            evaluation_fn=asset_materialization_fn,
            job_name=job_name,
            minimum_interval_seconds=minimum_interval_seconds,
            description=description,
            job=job,
            jobs=jobs,
            default_status=default_status,
            required_resource_keys=required_resource_keys,
            tags=tags,
            metadata=metadata,
        )
        if not isinstance(asset_key, AssetKey):
            raise InvalidDefinitionError(
                f"{self.owner}: asset_key must be an AssetKey, got {asset_key!r}"
            )
        self.asset_key = asset_key

    def _evaluate(self, context: SensorEvaluationContext, resources: Any) -> dict[str, Any]:
        """Call the function if there is a materialization after the cursor, for the newest one."""
        newest = context.instance.fetch_materializations(self.asset_key, 1).records
        if not newest or newest[0].storage_id <= self._place(context.cursor):
            name = self.asset_key.to_user_string()
            reason = f"asset {name} has not been materialized since the evaluation before"
            return {"cursor": context.cursor, "skip_message": reason}
        told = self._told(context, self._called([context, newest[0].event_log_entry], resources))
        if told["cursor"] != context.cursor or context.cursor_updated:
            raise InvariantViolationError(
                f"{self.owner} set a cursor, and the cursor of an asset sensor is its own"
            )
        return {**told, "cursor": str(newest[0].storage_id)}

    def _place(self, cursor: str | None) -> int:
        if cursor is None:
            return 0
        if not cursor.isdecimal():
            raise InvariantViolationError(
                f"{self.owner}: {cursor!r} is no cursor of an asset sensor; it is a number"
            )
        return int(cursor)


def asset_sensor(
    asset_key: AssetKey,
    *,
    job_name: str | None = None,
    name: str | None = None,
    minimum_interval_seconds: int | None = None,
    description: str | None = None,
    job: Any = None,
    jobs: Sequence[Any] | None = None,
    default_status: DefaultSensorStatus = DefaultSensorStatus.STOPPED,
    required_resource_keys: Collection[str] | None = None,
    tags: Mapping[str, Any] | None = None,
    metadata: Mapping[str, Any] | None = None,
) -> Callable[[Callable[..., Any]], AssetSensorDefinition]:
    """Make a sensor of a function that is called when an asset was materialized.

    The function may take the context, a :class:`SensorEvaluationContext`; the
    :class:`EventLogEntry` of the newest materialization; and resources. It returns what the
    function of a :func:`sensor` returns, without a cursor. Of several materializations between two
    evaluations it sees the newest alone.

    :param asset_key: an :class:`AssetKey`.
    :param job_name: the target; or ``job``, or ``jobs``.
    :raises InvalidDefinitionError: when anything of it is wrong, with its place.
    """

    def define(fn: Callable[..., Any]) -> AssetSensorDefinition:
        UserFunction(fn, f"@asset_sensor ({caller()})", AssetSensorDefinition._takes)
        definition = AssetSensorDefinition(
            name or fn.__name__,
            asset_key,
            job_name,
            fn,
            minimum_interval_seconds,
            description or fn.__doc__,
            job,
            jobs,
            default_status,
            required_resource_keys,
            tags,
            metadata,
        )
        copy_names(definition, fn)
        return definition

    return define
