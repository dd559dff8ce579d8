"""Jobs made of functions that connect ops."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, overload

from plugwork.definitions.body import body_name, compose
from plugwork.definitions.executor import ExecutorDefinition
from plugwork.definitions.graph import Body
from plugwork.definitions.job import JobDefinition
from plugwork.definitions.names import copy_names
from plugwork.definitions.place import telling_where
from plugwork.definitions.retry import RetryPolicy
from plugwork.errors import InvalidDefinitionError

if TYPE_CHECKING:
    from plugwork.config.run_config import RunConfig
    from plugwork.definitions.config_mapping import ConfigMapping
    from plugwork.definitions.hooks import HookDefinition
    from plugwork.definitions.logger import LoggerDefinition


@overload
def job(compose_fn: Body) -> JobDefinition: ...


@overload
def job(
    compose_fn: None = None,
    *,
    name: str | None = ...,
    description: str | None = ...,
    resource_defs: Mapping[str, Any] | None = ...,
    config: RunConfig | ConfigMapping | Mapping[str, Any] | None = ...,
    tags: Mapping[str, Any] | None = ...,
    run_tags: Mapping[str, Any] | None = ...,
    metadata: Mapping[str, Any] | None = ...,
    logger_defs: Mapping[str, LoggerDefinition] | None = ...,
    executor_def: ExecutorDefinition | None = ...,
    hooks: Iterable[HookDefinition] | None = ...,
    op_retry_policy: RetryPolicy | None = ...,
    partitions_def: None = ...,
    input_values: Mapping[str, Any] | None = ...,
    owners: Sequence[str] | None = ...,
) -> Callable[[Body], JobDefinition]: ...


def job(
    compose_fn: Body | None = None,
    *,
    name: str | None = None,
    description: str | None = None,
    resource_defs: Mapping[str, Any] | None = None,
    config: RunConfig | ConfigMapping | Mapping[str, Any] | None = None,
    tags: Mapping[str, Any] | None = None,
    run_tags: Mapping[str, Any] | None = None,
    metadata: Mapping[str, Any] | None = None,
    logger_defs: Mapping[str, LoggerDefinition] | None = None,
    executor_def: ExecutorDefinition | None = None,
    hooks: Iterable[HookDefinition] | None = None,
    op_retry_policy: RetryPolicy | None = None,
    partitions_def: None = None,
    input_values: Mapping[str, Any] | None = None,
    owners: Sequence[str] | None = None,
) -> JobDefinition | Callable[[Body], JobDefinition]:
    """Make a job of a function that connects ops; the function runs once, now.

    The parameters are those of :class:`JobDefinition`.

    :raises InvalidDefinitionError: when the body breaks a rule.
    """

    def define(fn: Body) -> JobDefinition:
        chosen = name or body_name(fn, "job")
        owner = f"job {chosen!r}"
        with telling_where(owner, fn):
            body = compose(fn, chosen, owner, description)
            if body.output_defs:
                raise InvalidDefinitionError(
                    f"the body of {owner} returns outputs; a job has none: remove the return"
                )
        definition = JobDefinition(
            graph_def=body,
            resource_defs=resource_defs,
            executor_def=executor_def,
            logger_defs=logger_defs,
            config=config,
            tags=tags,
            run_tags=run_tags,
            metadata=metadata,
            hook_defs=hooks,
            op_retry_policy=op_retry_policy,
            partitions_def=partitions_def,
            input_values=input_values,
            owners=owners,
        )
        copy_names(definition, fn)
        return definition

    return define(compose_fn) if compose_fn is not None else define
