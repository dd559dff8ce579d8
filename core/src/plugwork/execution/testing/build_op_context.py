"""Contexts for ops that a unit test calls."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NoReturn, Self

from plugwork.config.class_shape import as_config
from plugwork.config.schema import Field, Shape
from plugwork.definitions.configured import checked_config
from plugwork.errors import InvalidInvocationError, InvariantViolationError
from plugwork.execution.step.op_context import OpExecutionContext
from plugwork.execution.step.step_context import StepExecutionContext
from plugwork.execution.step.type_checks import EPHEMERAL_RUN_ID
from plugwork.execution.testing.given_resources import GivenResources

if TYPE_CHECKING:
    from plugwork.definitions.op import OpDefinition
    from plugwork.execution.resources import ScopedResources
    from plugwork.instance import Instance
    from plugwork.model import AssetMaterialization, AssetObservation


class GivenOpStep(StepExecutionContext):
    """A step that no run has, of which a test tells what its op needs.

    :param config: what stands for ``ops.<op>.config``; checked when an op is called with it.
    """

    __slots__ = (
        "_config",
        "_given",
        "_mapping_key",
        "_op",
        "_run_tags",
        "emitted",
        "events",
        "has_config",
        "told",
    )

    def __init__(
        self,
        given: GivenResources,
        config: Any = None,
        run_tags: Mapping[str, str] | None = None,
        mapping_key: str | None = None,
    ) -> None:
        self._given = given
        self._config = as_config(config)
        self.has_config = config is not None
        self._run_tags = dict(run_tags or {})
        self._mapping_key = mapping_key
        self._op: OpDefinition | None = None
        self.number = 1
        self._forget()

    def _forget(self) -> None:
        self._added = None
        #: The outputs that the call gave, and what was told of each.
        self.emitted: set[tuple[str, str | None]] = set()
        self.told: dict[tuple[str, str | None], dict[str, Any]] = {}
        self.events: list[AssetMaterialization | AssetObservation] = []

    def bind(self, definition: OpDefinition, check_resources: bool = True) -> None:
        """Make ready for a call of an op; what an earlier call told is forgotten.

        :param check_resources: whether those that the op requires by key must have been given.
        :raises InvalidInvocationError: when the op requires a resource that is not there.
        """
        missing = sorted(definition.required_resource_keys - self._given.keys)
        if check_resources and missing and not definition.signature.resource_names:
            raise InvalidInvocationError(
                f"op {definition.name!r} requires the resource {missing[0]!r}, which the context "
                "does not have: give it to build_op_context(resources={...})"
            )
        self._op = definition
        self._forget()

    @property
    def op_def(self) -> OpDefinition:
        if self._op is None:
            raise InvariantViolationError("the context has an op_def only while an op is called")
        return self._op

    @property
    def op_config(self) -> Any:
        """The config that was given; once an op is called, checked and with its defaults.

        :raises InvalidConfigError: when it does not fit the op.
        """
        field = self._op.config_field if self._op is not None else None
        if field is None:
            return self._config
        holder = {"config": self._config} if self.has_config else {}
        checked = checked_config(Field(Shape({"config": field})), holder, f"op {self._name!r}")
        return field.config_type.construct(checked["config"]) if "config" in checked else None

    def check_config(self) -> None:
        """Check the config, although nobody asked for it yet.

        :raises InvalidConfigError: when it does not fit the op.
        """
        _ = self.op_config

    @property
    def _name(self) -> str:
        return self._op.name if self._op is not None else "?"

    @property
    def run(self) -> NoReturn:
        self._no("run")

    @property
    def run_id(self) -> str:
        return EPHEMERAL_RUN_ID

    @property
    def run_config(self) -> NoReturn:
        self._no("run config")

    @property
    def run_tags(self) -> Mapping[str, str]:
        return self._run_tags

    @property
    def job_def(self) -> NoReturn:
        self._no("job")

    @property
    def job_name(self) -> NoReturn:
        self._no("job")

    @property
    def step_key(self) -> str:
        return self._name

    @property
    def node_handle(self) -> tuple[str, ...]:
        return (self._name,)

    @property
    def instance(self) -> Instance:
        return self._given.instance

    @property
    def log(self) -> Any:
        import logging

        return logging.getLogger("plugwork")

    @property
    def resources(self) -> ScopedResources:
        return self._given.scoped(self._op.required_resource_keys if self._op else None)

    @property
    def resource_values(self) -> Mapping[str, Any]:
        return self._given.values()

    def get_mapping_key(self) -> str | None:
        return self._mapping_key

    def has_given(self, output_name: str, mapping_key: str | None) -> bool:
        return (output_name, mapping_key) in self.emitted

    def tell_asset_event(self, told: AssetMaterialization | AssetObservation) -> None:
        self.events.append(told)

    def metadata_of(self, output_name: str, mapping_key: str | None) -> dict[str, Any]:
        """Return what the call has told of an output so far."""
        key = (output_name, mapping_key)
        return {**self.told.get(key, {}), **((self._added or {}).get(key, {}))}

    def _no(self, what: str) -> NoReturn:
        raise InvariantViolationError(
            f"{self.describe_op()} is called directly, so its context has no {what}; to test it "
            "with one, use it in a job and call execute_in_process"
        )


class GivenOpContext(OpExecutionContext):
    """An :class:`OpExecutionContext` that a test made; a context manager over its resources."""

    __slots__ = ("_given", "_partition", "_range")

    _step: GivenOpStep

    def __init__(
        self, step: GivenOpStep, given: GivenResources, partition: str | None, key_range: Any
    ) -> None:
        super().__init__(step)
        self._given = given
        self._partition = partition
        self._range = key_range

    def __enter__(self) -> Self:
        self._given.__enter__()
        return self

    def __exit__(self, *error: object) -> None:
        self._given.close()

    @property
    def given_step(self) -> GivenOpStep:
        """What the context takes its answers from."""
        return self._step

    @property
    def resource_keys(self) -> frozenset[str]:
        """The keys of the resources that were given."""
        return self._given.keys

    @property
    def has_partition_key(self) -> bool:
        return self._partition is not None

    @property
    def has_partition_key_range(self) -> bool:
        return self._range is not None

    @property
    def partition_key(self) -> str:
        return self._step.partition_key if self._partition is None else self._partition

    @property
    def partition_key_range(self) -> Any:
        return super().partition_key_range if self._range is None else self._range

    def get_events(self) -> Sequence[AssetMaterialization | AssetObservation]:
        """Return what the op gave to ``log_event`` in its last call."""
        return self._step.events

    def get_output_metadata(
        self, output_name: str = "result", mapping_key: str | None = None
    ) -> Mapping[str, Any]:
        """Return what the op told of an output in its last call."""
        return self._step.metadata_of(output_name, mapping_key)


def build_op_context(
    resources: Mapping[str, Any] | None = None,
    op_config: Any = None,
    resources_config: Mapping[str, Any] | None = None,
    instance: Instance | None = None,
    config: Any = None,
    partition_key: str | None = None,
    partition_key_range: Any = None,
    mapping_key: str | None = None,
    run_tags: Mapping[str, str] | None = None,
    event_loop: Any = None,
) -> GivenOpContext:
    """Make a context to call an op with, in a unit test.

    After the call, the context tells what the op told: ``get_output_metadata``, ``get_events``.
    With resources that are torn down, use it as a context manager.

    :param resources: by key: definitions, objects of resource classes, or plain objects.
    :param op_config: plain values, or an object of a ``Config`` class; checked when an op is
        called.
    :param resources_config: ``{key: {"config": ...}}``.
    :param instance: an ephemeral one when not given.
    :param config: the same as ``op_config``.
    :raises InvalidInvocationError: when config is given twice, or a partition and a range.
    """
    if op_config is not None and config is not None:
        raise InvalidInvocationError(
            "build_op_context: op_config and config are the same; give one"
        )
    if partition_key is not None and partition_key_range is not None:
        raise InvalidInvocationError(
            "build_op_context: give a partition_key or a partition_key_range"
        )
    given = GivenResources(resources, resources_config, instance, event_loop=event_loop)
    chosen = config if op_config is None else op_config
    step = GivenOpStep(given, chosen, run_tags, mapping_key)
    return GivenOpContext(step, given, partition_key, partition_key_range)
