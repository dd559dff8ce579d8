"""What an IO manager gets to store an output."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from plugwork.definitions.io_context import EMPTY, AddedMetadata, IOContext, StepAccess, asset_of
from plugwork.errors import InvariantViolationError

if TYPE_CHECKING:
    from plugwork.definitions.op import OpDefinition
    from plugwork.definitions.types import Type
    from plugwork.model import AssetMaterialization, AssetObservation


class OutputContext(IOContext):
    """One output of one step, to be stored; or, at an input, the output that feeds it.

    In a unit test: :func:`plugwork.build_output_context`.

    :param run_id: the run that produced the value, which may be an ancestor of the one that reads.
    :param output_metadata: what the op told of this value.
    :param metadata: stands for what the definition and the op tell, when given.
    """

    __slots__ = (
        "_added",
        "_events",
        "_metadata",
        "mapping_key",
        "output_metadata",
        "run_id",
        "step_key",
        "version",
    )

    def __init__(
        self,
        step_key: str | None = None,
        name: str | None = None,
        job_name: str | None = None,
        run_id: str | None = None,
        definition_metadata: Mapping[str, Any] | None = None,
        mapping_key: str | None = None,
        config: Any = None,
        type: Type | None = None,  # noqa: A002 - a public parameter name
        log_manager: Any = None,
        version: str | None = None,
        resource_config: Any = None,
        resources: Any = None,
        step_context: StepAccess | None = None,
        op_def: OpDefinition | None = None,
        asset_key: Any = None,
        warn_on_step_context_use: bool = False,
        partition_key: str | None = None,
        output_metadata: Mapping[str, Any] | None = None,
        asset_partitions_def: Any = None,
        asset_partitions_subset: Any = None,
        asset_spec: Any = None,
        metadata: Mapping[str, Any] | None = None,
        manager_key: str | None = None,
    ) -> None:
        super().__init__(
            name,
            job_name,
            op_def,
            config,
            definition_metadata,
            type,
            log_manager,
            resource_config,
            resources,
            step_context,
            manager_key,
            asset_of(asset_key, partition_key, asset_partitions_def, asset_spec),
        )
        self.step_key = step_key
        self.run_id = run_id
        #: Of a dynamic output, or one of a step mapped over such; else None.
        self.mapping_key = mapping_key
        self.version = version
        self.output_metadata = output_metadata or EMPTY
        self._metadata = metadata
        self._added: AddedMetadata | None = None
        self._events: list[AssetMaterialization | AssetObservation] | None = None

    @property
    def metadata(self) -> Mapping[str, Any]:
        """What the definition and the op tell of the output; the op wins."""
        if self._metadata is not None:
            return self._metadata
        return {**self.definition_metadata, **self.output_metadata}

    @property
    def asset_spec(self) -> Any:
        """The declaration of the asset.

        :raises InvariantViolationError: when the value is no asset.
        """
        if self._asset is None or self._asset.spec is None:
            self._lacks("asset spec")
        return self._asset.spec

    def get_identifier(self) -> list[str]:
        """Return what names the value among all: run, step, output, and mapping key if any.

        :raises InvariantViolationError: when one of them is not known.
        """
        if self.run_id is None or self.step_key is None or self.name is None:
            raise InvariantViolationError("an output without run, step or name has no identifier")
        parts = [self.run_id, self.step_key, self.name]
        return parts if self.mapping_key is None else [*parts, self.mapping_key]

    def add_output_metadata(self, metadata: Mapping[str, Any]) -> None:
        """Tell more about the stored value; it stands in the event of the stored output.

        :raises InvariantViolationError: for a key that was told before.
        """
        if self._added is None:
            self._added = AddedMetadata("output")
        self._added.add(metadata)

    def get_logged_metadata(self) -> Mapping[str, Any]:
        """Return what :meth:`add_output_metadata` was given."""
        return self._added.values if self._added is not None else EMPTY

    def log_event(self, event: AssetMaterialization | AssetObservation) -> None:
        """Put an asset event into the run's log at once.

        :raises InvariantViolationError: for anything else.
        """
        from plugwork.model import AssetMaterialization, AssetObservation

        if not isinstance(event, AssetMaterialization | AssetObservation):
            raise InvariantViolationError(
                f"{self._label}: log_event takes an AssetMaterialization or AssetObservation, got "
                f"{event!r}"
            )
        if self._step is not None:
            self._step.tell_asset_event(event)
        self._events = [*(self._events or ()), event]

    def get_logged_events(self) -> list[AssetMaterialization | AssetObservation]:
        """Return what :meth:`log_event` was given; outside a run it goes nowhere else."""
        return list(self._events or ())
