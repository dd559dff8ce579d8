"""What the contexts of outputs and of inputs have in common."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NoReturn, Protocol

from plugwork.errors import InvariantViolationError

if TYPE_CHECKING:
    from plugwork.definitions.op import OpDefinition
    from plugwork.definitions.types import Type
    from plugwork.model import AssetKey, AssetMaterialization, AssetObservation

EMPTY: Mapping[str, Any] = {}


class StepAccess(Protocol):
    """What the contexts take from the running step, when asked for it."""

    @property
    def log(self) -> Any:
        """A logger whose lines stand under the step."""

    def resources_for(self, manager_key: str) -> Any:
        """Return the resources that an IO manager requires, as attributes."""

    def tell_asset_event(self, told: AssetMaterialization | AssetObservation) -> None:
        """Write an asset event of the step."""


class AssetOfValue:
    """Which asset, and which part of it, an output stores or an input loads."""

    __slots__ = ("asset_key", "partition_key", "partitions_def", "spec")

    def __init__(
        self,
        asset_key: AssetKey | None,
        partition_key: str | None,
        partitions_def: Any,
        spec: Any = None,
    ) -> None:
        self.asset_key = asset_key
        self.partition_key = partition_key
        self.partitions_def = partitions_def
        self.spec = spec


class IOContext:
    """What the contexts of outputs and of inputs have in common."""

    __slots__ = (
        "_asset",
        "_log",
        "_resources",
        "_step",
        "config",
        "definition_metadata",
        "job_name",
        "manager_key",
        "name",
        "op_def",
        "resource_config",
        "type",
    )

    def __init__(
        self,
        name: str | None,
        job_name: str | None,
        op_def: OpDefinition | None,
        config: Any,
        definition_metadata: Mapping[str, Any] | None,
        type: Type | None,  # noqa: A002 - a public parameter name
        log_manager: Any,
        resource_config: Any,
        resources: Any,
        step_context: StepAccess | None,
        manager_key: str | None,
        asset: AssetOfValue | None,
    ) -> None:
        self.name = name
        self.job_name = job_name
        self.op_def = op_def
        #: What run config gives to this output or input; None when its manager takes none.
        self.config = config
        #: What the definition tells.
        self.definition_metadata = definition_metadata or EMPTY
        self.type = type
        #: The config of the IO manager's resource.
        self.resource_config = resource_config
        self.manager_key = manager_key
        self._log = log_manager
        self._resources = resources
        self._step = step_context
        self._asset = asset

    @property
    def log(self) -> Any:
        """A logger whose lines stand in the run's log, under the step."""
        if self._log is None:
            self._log = self._running_step("log").log
        return self._log

    @property
    def resources(self) -> Any:
        """The resources that the IO manager requires, as attributes."""
        if self._resources is None:
            step = self._running_step("resources")
            self._resources = step.resources_for(self.manager_key or "")
        return self._resources

    @property
    def step_context(self) -> StepAccess:
        """The running step.

        :raises InvariantViolationError: when none is running.
        """
        return self._running_step("step context")

    @property
    def has_asset_key(self) -> bool:
        """Whether the value is an asset."""
        return self._asset is not None and self._asset.asset_key is not None

    @property
    def asset_key(self) -> AssetKey:
        """The asset that the value is.

        :raises InvariantViolationError: when it is none.
        """
        if self._asset is None or self._asset.asset_key is None:
            self._lacks("asset key")
        return self._asset.asset_key

    @property
    def has_partition_key(self) -> bool:
        """Whether the run is one of a partition."""
        return self._asset is not None and self._asset.partition_key is not None

    @property
    def partition_key(self) -> str:
        """The partition of the run.

        :raises InvariantViolationError: when it has none.
        """
        if self._asset is None or self._asset.partition_key is None:
            self._lacks("partition key")
        return self._asset.partition_key

    @property
    def has_asset_partitions(self) -> bool:
        """Whether the value is one or more partitions of an asset."""
        return self.has_asset_key and self.has_partition_key

    @property
    def asset_partition_key(self) -> str:
        """The one partition of the asset.

        :raises InvariantViolationError: when there is none.
        """
        if not self.has_asset_partitions:
            self._lacks("asset partition")
        return self.partition_key

    @property
    def asset_partition_keys(self) -> list[str]:
        """The partitions of the asset.

        :raises InvariantViolationError: when there is none.
        """
        return [self.asset_partition_key]

    @property
    def asset_partition_key_range(self) -> Any:
        """The partitions of the asset as a range.

        :raises InvariantViolationError: when there is none.
        """
        self._lacks("range of asset partitions")

    @property
    def asset_partitions_time_window(self) -> Any:
        """The time that the partitions of the asset span.

        :raises InvariantViolationError: when there is none.
        """
        self._lacks("time window of asset partitions")

    @property
    def asset_partitions_def(self) -> Any:
        """How the asset is partitioned.

        :raises InvariantViolationError: when it is not.
        """
        if self._asset is None or self._asset.partitions_def is None:
            self._lacks("partitions definition")
        return self._asset.partitions_def

    def get_asset_identifier(self) -> list[str]:
        """Return what names the asset among all: the parts of its key, and the partition if any.

        :raises InvariantViolationError: when the value is no asset.
        """
        parts = list(self.asset_key.path)
        return [*parts, self.partition_key] if self.has_asset_partitions else parts

    def _lacks(self, what: str) -> NoReturn:
        raise InvariantViolationError(f"{self._label} has no {what}")

    @property
    def _label(self) -> str:
        kind = type(self).__name__.removesuffix("Context").lower()
        return f"{kind} {self.name!r}"

    def _running_step(self, what: str) -> StepAccess:
        if self._step is None:
            raise InvariantViolationError(
                f"this {type(self).__name__} has no {what}: no step is running; give it when you "
                "make the context"
            )
        return self._step


def asset_of(
    asset_key: Any, partition_key: str | None, partitions_def: Any, spec: Any = None
) -> AssetOfValue | None:
    """Gather what a context was told of an asset; None when that is nothing."""
    if asset_key is None and partition_key is None and partitions_def is None and spec is None:
        return None
    from plugwork.model import AssetKey

    if asset_key is not None and not isinstance(asset_key, AssetKey):
        asset_key = AssetKey(asset_key)
    return AssetOfValue(asset_key, partition_key, partitions_def, spec)


class AddedMetadata:
    """Metadata that is added to a value key by key, each once."""

    __slots__ = ("_added", "_what")

    def __init__(self, what: str) -> None:
        self._what = what
        self._added: dict[str, Any] = {}

    def add(self, metadata: Mapping[str, Any]) -> None:
        """Add keys.

        :raises InvariantViolationError: for a key that was added before.
        """
        for key, value in metadata.items():
            if key in self._added:
                raise InvariantViolationError(f"{self._what} metadata has {key!r} already")
            self._added[key] = value

    @property
    def values(self) -> dict[str, Any]:
        return self._added
