"""What an IO manager or input manager gets to load an input."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from plugwork.definitions.io_context import EMPTY, AddedMetadata, IOContext, StepAccess, asset_of
from plugwork.errors import InvariantViolationError

if TYPE_CHECKING:
    from plugwork.definitions.op import OpDefinition
    from plugwork.definitions.output_context import OutputContext
    from plugwork.definitions.types import Type
    from plugwork.instance import Instance


class InputContext(IOContext):
    """One input of one step, to be loaded. In a unit test: :func:`plugwork.build_input_context`.

    :param upstream_output: the output that feeds it; None when nothing does.
    :param metadata: stands for what the definition tells, when given.
    """

    __slots__ = ("_added", "_instance", "_metadata", "upstream_output")

    def __init__(
        self,
        *,
        name: str | None = None,
        job_name: str | None = None,
        op_def: OpDefinition | None = None,
        config: Any = None,
        definition_metadata: Mapping[str, Any] | None = None,
        upstream_output: OutputContext | None = None,
        type: Type | None = None,  # noqa: A002 - a public parameter name
        log_manager: Any = None,
        resource_config: Any = None,
        resources: Any = None,
        step_context: StepAccess | None = None,
        asset_key: Any = None,
        partition_key: str | None = None,
        asset_partitions_subset: Any = None,
        asset_partitions_def: Any = None,
        instance: Instance | None = None,
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
            asset_of(asset_key, partition_key, asset_partitions_def),
        )
        self.upstream_output = upstream_output
        self._instance = instance
        self._metadata = metadata
        self._added: AddedMetadata | None = None

    @property
    def has_input_name(self) -> bool:
        """Whether an input of a step is loaded; else a value is loaded for its own sake."""
        return self.name is not None

    @property
    def metadata(self) -> Mapping[str, Any]:
        """What the definition tells of the input."""
        return self.definition_metadata if self._metadata is None else self._metadata

    @property
    def instance(self) -> Instance:
        """The instance that was given to the context.

        :raises InvariantViolationError: when none was.
        """
        if self._instance is None:
            self._lacks("instance")
        return self._instance

    def get_identifier(self) -> list[str]:
        """Return what names the value among all; see :meth:`OutputContext.get_identifier`.

        :raises InvariantViolationError: when no output feeds the input.
        """
        if self.upstream_output is None:
            raise InvariantViolationError(
                f"no output feeds the input {self.name!r}, so it has no identifier"
            )
        return self.upstream_output.get_identifier()

    def add_input_metadata(self, metadata: Mapping[str, Any]) -> None:
        """Tell more about the loaded value; it stands in the event of the loaded input.

        :raises InvariantViolationError: for a key that was told before.
        """
        if self._added is None:
            self._added = AddedMetadata("input")
        self._added.add(metadata)

    def get_logged_metadata(self) -> Mapping[str, Any]:
        """Return what :meth:`add_input_metadata` was given."""
        return self._added.values if self._added is not None else EMPTY
