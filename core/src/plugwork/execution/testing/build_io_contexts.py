"""Contexts for IO managers and input managers that a unit test calls."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self

from plugwork.definitions.annotations import resolve_type
from plugwork.definitions.input_context import InputContext
from plugwork.definitions.output_context import OutputContext
from plugwork.execution.step.type_checks import EPHEMERAL_RUN_ID
from plugwork.execution.testing.given_resources import AskedResources, GivenResources

if TYPE_CHECKING:
    import logging

    from plugwork.definitions.op import OpDefinition
    from plugwork.definitions.types import Type
    from plugwork.execution.step.step_context import StepExecutionContext
    from plugwork.instance import Instance


class GivenOutputContext(OutputContext):
    """An :class:`OutputContext` that a test made; a context manager over its resources."""

    __slots__ = ("_given", "_range")

    _given: GivenResources
    _range: Any

    def __enter__(self) -> Self:
        self._given.__enter__()
        return self

    def __exit__(self, *error: object) -> None:
        self._given.close()

    @property
    def has_asset_partitions(self) -> bool:
        return self._range is not None or super().has_asset_partitions

    @property
    def asset_partition_key_range(self) -> Any:
        return super().asset_partition_key_range if self._range is None else self._range


class GivenInputContext(InputContext):
    """An :class:`InputContext` that a test made; a context manager over its resources."""

    __slots__ = ("_given", "_range")

    _given: GivenResources
    _range: Any

    def __enter__(self) -> Self:
        self._given.__enter__()
        return self

    def __exit__(self, *error: object) -> None:
        self._given.close()

    @property
    def instance(self) -> Instance:
        return self._given.instance

    @property
    def has_asset_partitions(self) -> bool:
        return self._range is not None or super().has_asset_partitions

    @property
    def asset_partition_key_range(self) -> Any:
        return super().asset_partition_key_range if self._range is None else self._range


def build_output_context(
    step_key: str | None = None,
    name: str | None = None,
    definition_metadata: Mapping[str, Any] | None = None,
    run_id: str | None = None,
    mapping_key: str | None = None,
    config: Any = None,
    type: Any = None,  # noqa: A002 - a public parameter name
    version: str | None = None,
    resource_config: Any = None,
    resources: Mapping[str, Any] | None = None,
    op_def: OpDefinition | None = None,
    asset_key: Any = None,
    partition_key: str | None = None,
    asset_partitions_def: Any = None,
    asset_partition_key_range: Any = None,
    instance: Instance | None = None,
    asset_spec: Any = None,
    metadata: Mapping[str, Any] | None = None,
    output_metadata: Mapping[str, Any] | None = None,
) -> GivenOutputContext:
    """Make a context to call ``handle_output`` of an IO manager with, in a unit test.

    With resources that are torn down, use it as a context manager.

    :param run_id: ``EPHEMERAL`` when not given.
    :param type: a Type, a class or an annotation.
    :param resources: by key: definitions, objects of resource classes, or plain objects.
    :param metadata: stands for what definition and op tell of the output.
    """
    given = GivenResources(resources, instance=instance)
    made = GivenOutputContext(
        step_key=step_key,
        name=name,
        run_id=run_id or EPHEMERAL_RUN_ID,
        definition_metadata=definition_metadata,
        mapping_key=mapping_key,
        config=config,
        type=_typed(type),
        log_manager=_log(),
        version=version,
        resource_config=resource_config,
        resources=AskedResources(given),
        op_def=op_def,
        asset_key=asset_key,
        partition_key=partition_key,
        output_metadata=output_metadata,
        asset_partitions_def=asset_partitions_def,
        asset_spec=asset_spec,
        metadata=metadata,
    )
    made._given = given
    made._range = asset_partition_key_range
    return made


def build_input_context(
    name: str | None = None,
    config: Any = None,
    definition_metadata: Mapping[str, Any] | None = None,
    upstream_output: OutputContext | None = None,
    type: Any = None,  # noqa: A002 - a public parameter name
    resource_config: Any = None,
    resources: Mapping[str, Any] | None = None,
    op_def: OpDefinition | None = None,
    step_context: StepExecutionContext | None = None,
    asset_key: Any = None,
    partition_key: str | None = None,
    asset_partition_key_range: Any = None,
    asset_partitions_def: Any = None,
    instance: Instance | None = None,
    metadata: Mapping[str, Any] | None = None,
) -> GivenInputContext:
    """Make a context to call ``load_input`` of an IO manager or input manager with, in a unit test.

    With resources that are torn down, use it as a context manager.

    :param upstream_output: what feeds the input, made by :func:`build_output_context`.
    :param type: a Type, a class or an annotation.
    :param resources: by key: definitions, objects of resource classes, or plain objects.
    :param metadata: stands for what the definition tells of the input.
    """
    given = GivenResources(resources, instance=instance)
    made = GivenInputContext(
        name=name,
        config=config,
        definition_metadata=definition_metadata,
        upstream_output=upstream_output,
        type=_typed(type),
        log_manager=_log(),
        resource_config=resource_config,
        resources=AskedResources(given),
        op_def=op_def,
        step_context=step_context,
        asset_key=asset_key,
        partition_key=partition_key,
        asset_partitions_def=asset_partitions_def,
        metadata=metadata,
    )
    made._given = given
    made._range = asset_partition_key_range
    return made


def _typed(given: Any) -> Type | None:
    return None if given is None else resolve_type(given)


def _log() -> logging.Logger:
    import logging

    return logging.getLogger("plugwork")
