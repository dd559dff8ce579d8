"""The values that a run stored, loaded by the IO managers of its job."""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterable
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from plugwork.boundary import user_code_error_boundary
from plugwork.definitions.io_manager import InputContext, OutputContext
from plugwork.errors import LoadInputError
from plugwork.execution.resources import ResourceSet, ScopedResources
from plugwork.model.payloads import StepOutputData, StepOutputHandle

if TYPE_CHECKING:
    from plugwork.execution.contexts import PlanOrchestrationContext
    from plugwork.execution.results.result import OutputKey
    from plugwork.model import Event

_LOG = logging.getLogger("plugwork")


class StoredOutputs:
    """Loads stored outputs; a context manager that closes the resources which do it.

    They are made when the first value is asked for.

    :param context: of the run, which may have ended.
    """

    def __init__(self, context: PlanOrchestrationContext) -> None:
        self._context = context
        section = context.run_config.get("resources", {})
        self._config = {key: holder.get("config") for key, holder in section.items()}
        self._resources = ResourceSet(
            context.resource_defs,
            self._config,
            context.instance,
            context.run,
            lambda: _LOG,
            lambda key, error: _LOG.error("tearing down resource %r failed: %s", key, error),
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._resources.close()

    def given(self, events: Iterable[Event]) -> Collection[OutputKey]:
        """Return the outputs that can be loaded: of the run, and of those that it continued.

        :param events: of the run.
        """
        found = {
            data.step_output_handle: None
            for event in events
            if isinstance(data := event.event_specific_data, StepOutputData)
        }
        found |= dict.fromkeys(self._context.plan.known_state.ready_outputs)
        return {(one.step_key, one.output_name, one.mapping_key): None for one in found}

    def load(self, step_key: str, output_name: str, mapping_key: str | None) -> Any:
        """Load one value; what is of type Nothing is None.

        :raises LoadInputError: when it could not be loaded.
        """
        context = self._context
        step = context.plan.step(step_key)
        out = step.op_def.output_dict[output_name]
        if out.type.is_nothing:
            return None
        key = out.io_manager_key
        handle = StepOutputHandle(step_key, output_name, mapping_key)
        shared: dict[str, Any] = {
            "job_name": context.job.name,
            "op_def": step.op_def,
            "type": out.type,
            "resource_config": self._config.get(key),
            "resources": self._scoped(key),
            "log_manager": _LOG,
            "manager_key": key,
        }
        stored = OutputContext(
            step_key=step_key,
            name=output_name,
            run_id=context.producing_run_id(handle),
            definition_metadata=out.metadata,
            mapping_key=mapping_key,
            **shared,
        )
        with user_code_error_boundary(
            LoadInputError,
            lambda: f'Error occurred while loading output "{output_name}" of step "{step_key}":',
            step_key=step_key,
            input_name=output_name,
        ):
            return self._manager(key).load_input(InputContext(upstream_output=stored, **shared))

    def _manager(self, key: str) -> Any:
        if key not in self._resources.values:
            outs = (out for step in self._context.plan.all_steps for out in step.outputs)
            self._resources.open({out.io_manager_key for out in outs if not out.type.is_nothing})
        return self._resources.values[key]

    def _scoped(self, key: str) -> ScopedResources:
        needed = self._context.resource_defs[key].required_resource_keys
        return ScopedResources(self._resources.values, needed)
