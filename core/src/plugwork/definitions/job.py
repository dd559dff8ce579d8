"""Jobs: graphs with all that is needed to run them."""

from __future__ import annotations

import copy
import functools
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, overload

from plugwork._upward import execute_in_process
from plugwork.definitions.executor import ExecutorDefinition, multi_or_in_process_executor
from plugwork.definitions.graph import Body, GraphDefinition, compose
from plugwork.definitions.hook_binding import attached_hooks, joined_hooks
from plugwork.definitions.names import check_name, check_tags, copy_names
from plugwork.definitions.requirements import (
    check_init_order,
    check_inputs,
    check_op_names,
    check_resources,
    required_resources,
)
from plugwork.definitions.resource import ResourceDefinition
from plugwork.definitions.resource_binding import bind_resources
from plugwork.definitions.retry import RetryPolicy
from plugwork.errors import InvalidDefinitionError

if TYPE_CHECKING:
    from plugwork.config.run_config import RunConfig
    from plugwork.config.schema import Shape
    from plugwork.definitions.hooks import HookDefinition
    from plugwork.definitions.logger import LoggerDefinition
    from plugwork.execution.result import ExecuteInProcessResult
    from plugwork.instance import Instance


class JobDefinition:
    """A graph with resources, config, an executor and tags. Cannot be changed; see :func:`job`.

    :param config: default run config; what a run is given is laid over it.
    :param tags: describe the job.
    :param run_tags: copied to each run; the tags when not given.
    :param hook_defs: run for every op, after those of its use and of the graphs around it.
    :param op_retry_policy: for ops that have none.
    :param input_values: values of the graph's own inputs.
    :raises InvalidDefinitionError: when an op needs a resource that is missing, if any resources
        are given; without any, this is checked when the job is loaded or run.
    :raises InvariantViolationError: when resources require each other in a circle.
    """

    def __init__(
        self,
        *,
        graph_def: GraphDefinition,
        resource_defs: Mapping[str, Any] | None = None,
        executor_def: ExecutorDefinition | None = None,
        logger_defs: Mapping[str, LoggerDefinition] | None = None,
        name: str | None = None,
        config: RunConfig | Mapping[str, Any] | None = None,
        description: str | None = None,
        tags: Mapping[str, Any] | None = None,
        run_tags: Mapping[str, Any] | None = None,
        metadata: Mapping[str, Any] | None = None,
        hook_defs: Iterable[HookDefinition] | None = None,
        op_retry_policy: RetryPolicy | None = None,
        input_values: Mapping[str, Any] | None = None,
    ) -> None:
        self.graph_def = graph_def
        self.name = check_name(name or graph_def.name, "job")
        self.description = description or graph_def.description
        self.tags = {**graph_def.tags, **check_tags(tags, f"job {self.name!r}")}
        own = self.tags if run_tags is None else run_tags
        self.run_tags = check_tags(own, f"job {self.name!r}")
        self.metadata = dict(metadata or {})
        self.hook_defs = attached_hooks(hook_defs, f"job {self.name!r}")
        self.op_retry_policy = op_retry_policy
        self.config = _default_config(config, self.name)
        self.input_values = _input_values(graph_def, input_values or {}, self.name)
        self._executor_def = _executor(executor_def, self.name)
        self.loggers = dict(logger_defs or {})
        self._given_resources = dict(resource_defs or {})
        self.resource_defs: dict[str, ResourceDefinition] = bind_resources(self._given_resources)
        check_op_names(graph_def, f"job {self.name!r}")
        check_inputs(graph_def, self.input_values, f"job {self.name!r}")
        check_init_order(self.resource_defs)
        if resource_defs:
            self.check_resources()

    @property
    def executor_def(self) -> ExecutorDefinition:
        return self._executor_def or multi_or_in_process_executor

    @property
    def has_specified_executor(self) -> bool:
        return self._executor_def is not None

    @property
    def has_specified_loggers(self) -> bool:
        return bool(self.loggers)

    def check_resources(self) -> None:
        """Check that every resource that an op, or another resource, needs is there.

        :raises InvalidDefinitionError: naming the key, who needs it, and the keys that exist.
        """
        check_resources(self.graph_def, self.hook_defs, self.resource_defs, f"job {self.name!r}")

    @functools.cached_property
    def required_resource_keys(self) -> frozenset[str]:
        """The resources that the ops and hooks of the job use, with their IO managers."""
        return frozenset(required_resources(self.graph_def, self.hook_defs))

    @functools.cached_property
    def run_config_schema(self) -> Shape:
        """What run config of this job may say."""
        from plugwork.definitions.run_config import run_config_schema

        return run_config_schema(self)

    def with_hooks(self, hook_defs: Iterable[HookDefinition]) -> JobDefinition:
        """Return the job with these hooks after its own."""
        more = attached_hooks(hook_defs, f"job {self.name!r}")
        changed = self._changed()
        changed.hook_defs = joined_hooks(self.hook_defs, more)
        if self._given_resources:
            changed.check_resources()
        return changed

    def with_top_level_resources(self, resource_defs: Mapping[str, Any]) -> JobDefinition:
        """Return the job with these resources; its own of the same key win."""
        return self.with_defaults(resource_defs=resource_defs)

    def with_defaults(
        self,
        resource_defs: Mapping[str, Any] | None = None,
        executor_def: ExecutorDefinition | None = None,
        logger_defs: Mapping[str, LoggerDefinition] | None = None,
    ) -> JobDefinition:
        """Return the job with these where it has none of its own. Resources are not checked."""
        bound = self._with_resources({**(resource_defs or {}), **self._given_resources})
        bound._executor_def = self._executor_def or executor_def
        bound.loggers = self.loggers or dict(logger_defs or {})
        return bound

    def with_overrides(
        self,
        resource_defs: Mapping[str, Any] | None = None,
        input_values: Mapping[str, Any] | None = None,
    ) -> JobDefinition:
        """Return the job with these in the place of its own of the same name."""
        changed = self._with_resources({**self._given_resources, **(resource_defs or {})})
        given = _input_values(self.graph_def, input_values or {}, self.name)
        changed.input_values = {**self.input_values, **given}
        return changed

    def _with_resources(self, resource_defs: Mapping[str, Any]) -> JobDefinition:
        changed = self._changed()
        changed._given_resources = dict(resource_defs)
        changed.resource_defs = bind_resources(resource_defs)
        check_init_order(changed.resource_defs)
        return changed

    def _changed(self) -> JobDefinition:
        """Return a copy that is still to be changed, without what was derived before."""
        changed = copy.copy(self)
        for derived in ("required_resource_keys", "run_config_schema"):
            changed.__dict__.pop(derived, None)
        return changed

    def execute_in_process(
        self,
        run_config: RunConfig | Mapping[str, Any] | None = None,
        instance: Instance | None = None,
        *,
        raise_on_error: bool = True,
        run_id: str | None = None,
        input_values: Mapping[str, Any] | None = None,
        tags: Mapping[str, str] | None = None,
        resources: Mapping[str, Any] | None = None,
    ) -> ExecuteInProcessResult:
        """Run the job in this process, step after step; for tests and small work.

        Outputs pass in memory, unless the job binds an IO manager of its own.

        :param instance: an ephemeral one when not given.
        :param raise_on_error: raise what the user's code raised, once its events are stored.
        :param input_values: in the place of the job's own.
        :param resources: in the place of the job's own.
        :raises InvalidConfigError: with every problem of the run config; no run is recorded.
        """
        from plugwork.config.run_config import run_config_dict

        return execute_in_process(
            self.with_overrides(resources, input_values),
            run_config_dict(run_config),
            instance,
            raise_on_error=raise_on_error,
            run_id=run_id,
            tags=tags,
        )

    def __repr__(self) -> str:
        return f"<JobDefinition {self.name}>"


def _executor(definition: ExecutorDefinition | None, job: str) -> ExecutorDefinition | None:
    if definition is None or isinstance(definition, ExecutorDefinition):
        return definition
    raise InvalidDefinitionError(
        f"job {job!r}: executor_def must be an executor definition, got {definition!r}"
    )


def _default_config(config: RunConfig | Mapping[str, Any] | None, job: str) -> dict[str, Any]:
    from plugwork.config.run_config import RunConfig, run_config_dict

    if config is not None and not isinstance(config, (Mapping, RunConfig)):
        raise InvalidDefinitionError(
            f"job {job!r}: config must be a dictionary or a RunConfig, got {config!r}"
        )
    return run_config_dict(config)


def _input_values(graph_def: GraphDefinition, given: Mapping[str, Any], job: str) -> dict[str, Any]:
    for name in given:
        if name not in graph_def.input_dict:
            known = ", ".join(graph_def.input_dict) or "none"
            raise InvalidDefinitionError(
                f"job {job!r}: input_values has {name!r}; the job's inputs are: {known}"
            )
    return dict(given)


@overload
def job(compose_fn: Body) -> JobDefinition: ...


@overload
def job(
    compose_fn: None = None,
    *,
    name: str | None = ...,
    description: str | None = ...,
    resource_defs: Mapping[str, Any] | None = ...,
    config: RunConfig | Mapping[str, Any] | None = ...,
    tags: Mapping[str, Any] | None = ...,
    run_tags: Mapping[str, Any] | None = ...,
    metadata: Mapping[str, Any] | None = ...,
    logger_defs: Mapping[str, LoggerDefinition] | None = ...,
    executor_def: ExecutorDefinition | None = ...,
    hooks: Iterable[HookDefinition] | None = ...,
    op_retry_policy: RetryPolicy | None = ...,
    input_values: Mapping[str, Any] | None = ...,
) -> Callable[[Body], JobDefinition]: ...


def job(
    compose_fn: Body | None = None,
    *,
    name: str | None = None,
    description: str | None = None,
    resource_defs: Mapping[str, Any] | None = None,
    config: RunConfig | Mapping[str, Any] | None = None,
    tags: Mapping[str, Any] | None = None,
    run_tags: Mapping[str, Any] | None = None,
    metadata: Mapping[str, Any] | None = None,
    logger_defs: Mapping[str, LoggerDefinition] | None = None,
    executor_def: ExecutorDefinition | None = None,
    hooks: Iterable[HookDefinition] | None = None,
    op_retry_policy: RetryPolicy | None = None,
    input_values: Mapping[str, Any] | None = None,
) -> JobDefinition | Callable[[Body], JobDefinition]:
    """Make a job of a function that connects ops; the function runs once, now.

    The parameters are those of :class:`JobDefinition`.

    :raises InvalidDefinitionError: when the body breaks a rule.
    """

    def define(fn: Body) -> JobDefinition:
        chosen = name or fn.__name__
        body = compose(fn, chosen, f"job {chosen!r}", description)
        if body.output_defs:
            raise InvalidDefinitionError(
                f"the body of job {chosen!r} returns outputs; a job has none: remove the return"
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
            input_values=input_values,
        )
        copy_names(definition, fn)
        return definition

    return define(compose_fn) if compose_fn is not None else define
