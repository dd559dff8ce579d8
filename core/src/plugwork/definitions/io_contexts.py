"""What IO managers get: which output to store, which input to load."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Protocol

from plugwork.errors import InvariantViolationError

if TYPE_CHECKING:
    from plugwork.definitions.op import OpDefinition
    from plugwork.definitions.types import Type
    from plugwork.model import AssetMaterialization, AssetObservation

_EMPTY: Mapping[str, Any] = {}


class StepAccess(Protocol):
    """What the contexts take from the running step, when asked for it."""

    @property
    def log(self) -> Any:
        """A logger whose lines stand under the step."""

    def resources_for(self, manager_key: str) -> Any:
        """Return the resources that an IO manager requires, as attributes."""

    def tell_asset_event(self, told: AssetMaterialization | AssetObservation) -> None:
        """Write an asset event of the step."""


class _IOContext:
    """What both contexts have."""

    __slots__ = (
        "_log",
        "_resources",
        "_step",
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
        *,
        name: str | None = None,
        job_name: str | None = None,
        op_def: OpDefinition | None = None,
        definition_metadata: Mapping[str, Any] | None = None,
        type: Type | None = None,  # noqa: A002 - a public parameter name
        log_manager: Any = None,
        resource_config: Any = None,
        resources: Any = None,
        step_context: StepAccess | None = None,
        manager_key: str | None = None,
    ) -> None:
        self.name = name
        self.job_name = job_name
        self.op_def = op_def
        self.definition_metadata = definition_metadata or _EMPTY
        self.type = type
        self.resource_config = resource_config
        self.manager_key = manager_key
        self._log = log_manager
        self._resources = resources
        self._step = step_context

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

    def _running_step(self, what: str) -> StepAccess:
        if self._step is None:
            raise InvariantViolationError(
                f"this {type(self).__name__} has no {what}: no step is running; give it when you "
                "make the context"
            )
        return self._step


class OutputContext(_IOContext):
    """One output of one step, to be stored; or, at an input, the output that feeds it.

    :param run_id: the run that produced the value, which may be an ancestor of the one that reads.
    :param output_metadata: what the op told of this value.
    """

    __slots__ = ("_added", "mapping_key", "output_metadata", "run_id", "step_key")

    def __init__(
        self,
        step_key: str | None = None,
        name: str | None = None,
        job_name: str | None = None,
        run_id: str | None = None,
        definition_metadata: Mapping[str, Any] | None = None,
        mapping_key: str | None = None,
        type: Type | None = None,  # noqa: A002 - a public parameter name
        log_manager: Any = None,
        resource_config: Any = None,
        resources: Any = None,
        step_context: StepAccess | None = None,
        op_def: OpDefinition | None = None,
        output_metadata: Mapping[str, Any] | None = None,
        manager_key: str | None = None,
    ) -> None:
        super().__init__(
            name=name,
            job_name=job_name,
            op_def=op_def,
            definition_metadata=definition_metadata,
            type=type,
            log_manager=log_manager,
            resource_config=resource_config,
            resources=resources,
            step_context=step_context,
            manager_key=manager_key,
        )
        self.step_key = step_key
        self.run_id = run_id
        self.mapping_key = mapping_key
        self.output_metadata = output_metadata or _EMPTY
        self._added: dict[str, Any] | None = None

    @property
    def metadata(self) -> Mapping[str, Any]:
        """What the definition and the op tell of the output; the op wins."""
        return {**self.definition_metadata, **self.output_metadata}

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
        self._added = self._added or {}
        for key, value in metadata.items():
            if key in self._added:
                raise InvariantViolationError(f"output metadata has {key!r} already")
            self._added[key] = value

    def consume_metadata(self) -> dict[str, Any]:
        """Return what was added, once."""
        added, self._added = self._added, None
        return added or {}

    def log_event(self, event: AssetMaterialization | AssetObservation) -> None:
        """Put an asset event into the run's log at once."""
        self._running_step("log").tell_asset_event(event)


class InputContext(_IOContext):
    """One input of one step, to be loaded.

    :param upstream_output: the output that feeds it; None when nothing does.
    """

    __slots__ = ("upstream_output",)

    def __init__(
        self,
        *,
        name: str | None = None,
        job_name: str | None = None,
        op_def: OpDefinition | None = None,
        definition_metadata: Mapping[str, Any] | None = None,
        upstream_output: OutputContext | None = None,
        type: Type | None = None,  # noqa: A002 - a public parameter name
        log_manager: Any = None,
        resource_config: Any = None,
        resources: Any = None,
        step_context: StepAccess | None = None,
        manager_key: str | None = None,
    ) -> None:
        super().__init__(
            name=name,
            job_name=job_name,
            op_def=op_def,
            definition_metadata=definition_metadata,
            type=type,
            log_manager=log_manager,
            resource_config=resource_config,
            resources=resources,
            step_context=step_context,
            manager_key=manager_key,
        )
        self.upstream_output = upstream_output

    @property
    def has_input_name(self) -> bool:
        return self.name is not None

    @property
    def metadata(self) -> Mapping[str, Any]:
        """What the definition tells of the input."""
        return self.definition_metadata

    def get_identifier(self) -> list[str]:
        """Return what names the value among all; see :meth:`OutputContext.get_identifier`.

        :raises InvariantViolationError: when no output feeds the input.
        """
        if self.upstream_output is None:
            raise InvariantViolationError(
                f"no output feeds the input {self.name!r}, so it has no identifier"
            )
        return self.upstream_output.get_identifier()
