"""What the events of assets carry."""

from __future__ import annotations

import attrs

from plugwork.model.assets import AssetKey, AssetMaterialization, AssetObservation
from plugwork.model.record import Record, tagged


@tagged("step_materialization")
@attrs.frozen
class StepMaterializationData(Record):
    materialization: AssetMaterialization

    @property
    def asset_key(self) -> AssetKey:
        return self.materialization.asset_key

    @property
    def partition(self) -> str | None:
        return self.materialization.partition


@tagged("asset_observation")
@attrs.frozen
class AssetObservationData(Record):
    observation: AssetObservation

    @property
    def asset_key(self) -> AssetKey:
        return self.observation.asset_key

    @property
    def partition(self) -> str | None:
        return self.observation.partition


@tagged("asset_planned")
@attrs.frozen
class AssetMaterializationPlannedData(Record):
    asset_key: AssetKey
    partition: str | None = None
