"""What a hook's function gets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Protocol

from plugwork.errors import InvalidInvocationError

if TYPE_CHECKING:
    from plugwork.definitions.hooks import HookDefinition
    from plugwork.instance import Instance


class NamedOp(Protocol):
    """What ran: an op under the name that it has in its job."""

    @property
    def name(self) -> str: ...

    @property
    def tags(self) -> Mapping[str, str]: ...


class HookedStep(Protocol):
    """What the context takes from the step that has ended."""

    @property
    def job_name(self) -> str: ...

    @property
    def run_id(self) -> str: ...

    @property
    def step_key(self) -> str: ...

    @property
    def op(self) -> NamedOp: ...

    @property
    def op_config(self) -> Any: ...

    @property
    def instance(self) -> Instance: ...

    @property
    def log(self) -> Any: ...

    @property
    def op_exception(self) -> BaseException | None: ...

    @property
    def op_output_values(self) -> Mapping[str, Any]: ...

    @property
    def op_output_metadata(self) -> Mapping[str, Any]: ...

    def resources_for_hook(self, hook_def: HookDefinition | None) -> Any: ...


class HookContext:
    """The step that has ended, for one hook. Not to be kept after the call.

    In a unit test, make one with :func:`plugwork.build_hook_context`.
    """

    __slots__ = ("_hook_def", "_step")

    def __init__(
        self, step_execution_context: HookedStep, hook_def: HookDefinition | None = None
    ) -> None:
        self._step = step_execution_context
        self._hook_def = hook_def

    def bound_to(self, hook_def: HookDefinition) -> HookContext:
        """Return the context for a hook that is called directly."""
        return HookContext(self._step, hook_def)

    @property
    def hook_def(self) -> HookDefinition:
        """The hook that is called."""
        if self._hook_def is None:
            raise InvalidInvocationError("no hook is called with this context yet")
        return self._hook_def

    @property
    def job_name(self) -> str:
        return self._step.job_name

    @property
    def run_id(self) -> str:
        return self._step.run_id

    @property
    def step_key(self) -> str:
        return self._step.step_key

    @property
    def op(self) -> NamedOp:
        """What ran: ``name`` is the one that it has in the job, with its ``tags``."""
        return self._step.op

    @property
    def op_config(self) -> Any:
        """The op's config: plain values, or an object of its ``Config`` class."""
        return self._step.op_config

    @property
    def instance(self) -> Instance:
        return self._step.instance

    @property
    def log(self) -> Any:
        """A standard logger whose lines stand in the run's log, under the step."""
        return self._step.log

    @property
    def required_resource_keys(self) -> frozenset[str]:
        """Those of the hook."""
        return self.hook_def.required_resource_keys

    @property
    def resources(self) -> Any:
        """The resources that the hook requires, as attributes."""
        return self._step.resources_for_hook(self._hook_def)

    @property
    def op_exception(self) -> BaseException | None:
        """What the step's code raised in this attempt; None when it raised nothing."""
        return self._step.op_exception

    @property
    def op_output_values(self) -> Mapping[str, Any]:
        """The outputs that the attempt gave: value by name; of a dynamic one, by mapping key."""
        return self._step.op_output_values

    @property
    def op_output_metadata(self) -> Mapping[str, Any]:
        """What the op told of each output that it gave, as :attr:`op_output_values`."""
        return self._step.op_output_metadata
