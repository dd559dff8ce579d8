"""One step of a plan: one use of an op, with all that is decided before it runs."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Any

from plugwork.definitions.loaders import type_loader_of
from plugwork.definitions.manager_config import NO_MANAGER_CONFIG, ManagerConfig
from plugwork.definitions.requirements import op_resources
from plugwork.plan.sources import (
    FromConfig,
    FromMultipleSources,
    FromStepOutput,
    Source,
    unresolved_of,
)

if TYPE_CHECKING:
    from plugwork.definitions.hooks import HookDefinition
    from plugwork.definitions.inputs import InputDefinition
    from plugwork.definitions.op import OpDefinition
    from plugwork.definitions.outputs import OutputDefinition
    from plugwork.definitions.retry import RetryPolicy
    from plugwork.definitions.types import Type

PRIORITY_TAG = "priority"
#: What named a pool before ops had one.
POOL_TAG = "plugwork/concurrency_key"


class StepKind(Enum):
    """How much of a step is known."""

    #: It can run.
    COMPUTE = "COMPUTE"
    #: Stands for one step for each key of a dynamic output.
    UNRESOLVED_MAPPED = "UNRESOLVED_MAPPED"
    #: Can run when the mapping that it collects is known.
    UNRESOLVED_COLLECT = "UNRESOLVED_COLLECT"


class StepInput:
    """One input of a step."""

    __slots__ = ("definition", "name", "source")

    def __init__(self, definition: InputDefinition, source: Source) -> None:
        self.name = definition.name
        self.definition = definition
        self.source = source

    @property
    def type(self) -> Type:
        return self.definition.type

    @property
    def is_nothing(self) -> bool:
        """Whether the input only orders: nothing is loaded, told or given to the function."""
        return self.definition.type.is_nothing

    def __repr__(self) -> str:
        return f"<StepInput {self.name} {type(self.source).__name__}>"


class ExecutionStep:
    """One step.

    :param path: names of the nodes from the job down to the op.
    :param hooks: of the op's use, of the graphs around it and of the job, in the order in which
        they run.
    :param config: of the op, references resolved: plain values, or an object of its ``Config``
        class.
    :param mapping_key: of a step mapped over a dynamic output.
    :param manager_config: what run config gives to single outputs and inputs of the step.
    """

    __slots__ = (
        "config",
        "hooks",
        "inputs",
        "key",
        "kind",
        "manager_config",
        "mapping_key",
        "op_def",
        "path",
        "retry_policy",
        "tags",
    )

    def __init__(
        self,
        key: str,
        path: tuple[str, ...],
        op_def: OpDefinition,
        inputs: tuple[StepInput, ...],
        tags: dict[str, str],
        hooks: tuple[HookDefinition, ...],
        retry_policy: RetryPolicy | None,
        config: Any,
        kind: StepKind = StepKind.COMPUTE,
        mapping_key: str | None = None,
        manager_config: ManagerConfig = NO_MANAGER_CONFIG,
    ) -> None:
        self.key = key
        self.path = path
        self.op_def = op_def
        self.inputs = inputs
        self.tags = tags
        self.hooks = hooks
        self.retry_policy = retry_policy
        self.config = config
        self.kind = kind
        self.mapping_key = mapping_key
        self.manager_config = manager_config

    @property
    def name(self) -> str:
        """The node's name, without the graphs around it."""
        return self.path[-1]

    @property
    def outputs(self) -> tuple[OutputDefinition, ...]:
        return self.op_def.output_defs

    @property
    def pool(self) -> str | None:
        """The op's, or what the tag ``plugwork/concurrency_key`` names."""
        return self.op_def.pool or self.tags.get(POOL_TAG)

    @property
    def priority(self) -> int:
        """From the tag ``priority``; higher runs first. Text that is no integer is 0."""
        text = self.tags.get(PRIORITY_TAG)
        if text is None:
            return 0
        try:
            return int(text)
        except ValueError:
            return 0

    @property
    def is_resolved(self) -> bool:
        return self.kind is StepKind.COMPUTE

    @property
    def upstream_keys(self) -> tuple[str, ...]:
        """Keys of the steps that this one waits for, each once; of templates where unresolved."""
        found: dict[str, None] = {}
        for one in self.inputs:
            source = one.source
            if isinstance(source, FromStepOutput):
                found[source.handle.step_key] = None
                continue
            for handle in source.handles:
                found[handle.step_key] = None
            for inner in unresolved_of(source):
                found[inner.step_key] = None
        return tuple(found)

    @property
    def resource_keys(self) -> frozenset[str]:
        """The resources of the function, of what stores and loads its values, and of the hooks."""
        loaders = (_loaders(one) for one in self.inputs)
        hooks = (one.required_resource_keys for one in self.hooks)
        return op_resources(self.op_def).union(*loaders, *hooks)

    def replaced(
        self,
        key: str,
        inputs: tuple[StepInput, ...],
        mapping_key: str | None,
        kind: StepKind = StepKind.COMPUTE,
    ) -> ExecutionStep:
        """Return the step that a template stands for, now that its inputs are known."""
        return ExecutionStep(
            key,
            self.path,
            self.op_def,
            inputs,
            self.tags,
            self.hooks,
            self.retry_policy,
            self.config,
            kind,
            mapping_key,
            self.manager_config,
        )

    def __repr__(self) -> str:
        return f"<ExecutionStep {self.key}>"


def _loaders(one: StepInput) -> set[str]:
    """The resources that load an input, unless it has an input manager of its own."""
    if one.is_nothing or one.definition.input_manager_key:
        return set()
    source = one.source
    if isinstance(source, FromConfig):
        loader = type_loader_of(one.type)
        return set(loader.required_resource_keys()) if loader is not None else set()
    members = source.sources if isinstance(source, FromMultipleSources) else (source,)
    found = {getattr(member, "manager_key", None) for member in members}
    return {key for key in found if key is not None}
