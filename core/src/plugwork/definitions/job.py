"""Jobs: graphs with all that is needed to run them."""

from __future__ import annotations

import copy
import functools
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NoReturn

from plugwork._upward import execute_in_process
from plugwork.definitions.executor import ExecutorDefinition, multi_or_in_process_executor
from plugwork.definitions.graph import GraphDefinition
from plugwork.definitions.hook_binding import attached_hooks, joined_hooks
from plugwork.definitions.job_parts import (
    check_default_config,
    executor_of,
    mapping_and_default,
    mapping_of,
    owners_of,
    refuse_absent,
    values_of_inputs,
)
from plugwork.definitions.mapping_check import check_mappings
from plugwork.definitions.names import check_name, check_tags
from plugwork.definitions.place import caller, telling_where
from plugwork.definitions.requirements import (
    check_init_order,
    check_inputs,
    check_node_names,
    check_resources,
    required_resources,
)
from plugwork.definitions.resource_binding import bind_resources
from plugwork.definitions.retry import RetryPolicy, checked_retry_policy
from plugwork.errors import InvalidDefinitionError, InvalidInvocationError

if TYPE_CHECKING:
    from plugwork.config.run_config import RunConfig
    from plugwork.config.schema import Shape
    from plugwork.definitions.config_mapping import ConfigMapping
    from plugwork.definitions.hooks import HookDefinition
    from plugwork.definitions.logger import LoggerDefinition
    from plugwork.execution.results.result import ExecuteInProcessResult
    from plugwork.instance import Instance

#: What is derived from other attributes, and kept until one of them changes.
_DERIVED = ("required_resource_keys", "run_config_schema", "inner_config_schema")


class JobDefinition:
    """A graph with resources, config, an executor and tags. Cannot be changed; see :func:`job`.

    :param config: default run config; what a run is given is laid over it. Or a
        :class:`ConfigMapping`: a run is given what that takes, and it makes the run config.
    :param tags: describe the job.
    :param run_tags: copied to each run; the tags when not given.
    :param hook_defs: run for every op, after those of its use and of the graphs around it.
    :param op_retry_policy: for ops that have none.
    :param input_values: values of the graph's own inputs.
    :param owners: who answers for the job: e-mail addresses, or ``team:NAME``.
    :raises InvalidDefinitionError: when an op needs a resource that is missing, if any resources
        are given; without any, this is checked when the job is loaded or run.
    :raises InvalidConfigError: when the default run config does not fit the ops.
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
        config: RunConfig | ConfigMapping | Mapping[str, Any] | None = None,
        description: str | None = None,
        partitions_def: None = None,
        tags: Mapping[str, Any] | None = None,
        run_tags: Mapping[str, Any] | None = None,
        metadata: Mapping[str, Any] | None = None,
        hook_defs: Iterable[HookDefinition] | None = None,
        op_retry_policy: RetryPolicy | None = None,
        asset_layer: None = None,
        input_values: Mapping[str, Any] | None = None,
        owners: Sequence[str] | None = None,
    ) -> None:
        if not isinstance(graph_def, GraphDefinition):
            raise InvalidDefinitionError(
                f"graph_def of a job must be a graph, got {graph_def!r} ({caller()})"
            )
        self.graph_def = graph_def
        #: File and line that made the job, for messages.
        self.place = caller()
        self.name = name or graph_def.name
        self.description = description or graph_def.description
        owner = f"job {self.name!r}"
        with telling_where(owner):
            check_name(self.name, "job")
            refuse_absent(owner, partitions_def=partitions_def, asset_layer=asset_layer)
            self.tags = {**graph_def.tags, **check_tags(tags, owner)}
            self.run_tags = check_tags(self.tags if run_tags is None else run_tags, owner)
            self.metadata = mapping_of(metadata, "metadata", owner)
            self.owners = owners_of(owners, owner)
            self.hook_defs = attached_hooks(hook_defs, owner)
            self.op_retry_policy = checked_retry_policy(op_retry_policy, owner)
            #: The mapping makes run config of what a run is given; the config is the default.
            self.config_mapping, self.config = mapping_and_default(config, owner)
            self.input_values = values_of_inputs(graph_def, input_values, owner)
            self._executor_def = executor_of(executor_def, owner)
            self.loggers = mapping_of(logger_defs, "logger_defs", owner)
            self._given_resources = mapping_of(resource_defs, "resource_defs", owner)
            self.resource_defs = bind_resources(self._given_resources)
            #: What of the job was chosen; None for all of it.
            self.op_selection: tuple[str, ...] | None = None
            self._check()

    def _check(self) -> None:
        owner = f"job {self.name!r}"
        check_node_names(self.graph_def, owner)
        check_inputs(self.graph_def, self.input_values, owner)
        check_mappings(self.graph_def, owner)
        check_init_order(self.resource_defs)
        if self._given_resources:
            self.check_resources()
        if self.config:
            check_default_config(self)

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
        """Check that every resource that an op, a hook or another resource needs is there.

        :raises InvalidDefinitionError: naming the key, who needs it, and the keys that exist.
        """
        check_resources(self.graph_def, self.hook_defs, self.resource_defs, f"job {self.name!r}")

    @functools.cached_property
    def required_resource_keys(self) -> frozenset[str]:
        """The resources that the ops and hooks of the job use, with their IO managers."""
        return frozenset(required_resources(self.graph_def, self.hook_defs))

    @functools.cached_property
    def run_config_schema(self) -> Shape:
        """What run config of this job may say: with a config mapping, what that takes."""
        if self.config_mapping is None:
            return self.inner_config_schema
        from plugwork.config.schema import Permissive, Shape

        taken = self.config_mapping.config_field.config_type
        return taken if isinstance(taken, Shape) else Permissive({})

    @functools.cached_property
    def inner_config_schema(self) -> Shape:
        """What the job's ops, resources, executor and loggers take, behind a config mapping."""
        from plugwork.definitions.run_config import run_config_schema

        return run_config_schema(self)

    @property
    def resolved_op_selection(self) -> tuple[str, ...] | None:
        """The paths of the ops that were chosen, sorted; None for all."""
        if self.op_selection is None:
            return None
        from plugwork.definitions.subset import op_paths

        return tuple(sorted(op_paths(self.graph_def)))

    def for_subset(self, op_selection: Sequence[str] | None) -> JobDefinition:
        """Return the job with a part of its ops; None or nothing for all of them.

        Config of ops that are left out is dropped, where it is given. An op whose upstream is left
        out takes its inputs from config, a default or an input manager.

        :param op_selection: ``name``; ``*name`` and ``name*`` with all that is up- or downstream,
            ``+name`` and ``name+`` with one level; ``graph.name`` inside a graph.
        :raises InvalidSubsetError: for a clause that matches nothing.
        """
        if not op_selection:
            return self
        from plugwork.definitions.subset import select_nodes, subset_graph

        changed = self._changed()
        changed.graph_def = subset_graph(self.graph_def, select_nodes(self.graph_def, op_selection))
        changed.op_selection = tuple(op_selection)
        given = self.input_values.items()
        changed.input_values = {k: v for k, v in given if k in changed.graph_def.input_dict}
        check_inputs(changed.graph_def, changed.input_values, f"job {self.name!r}")
        return changed

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
        given = values_of_inputs(self.graph_def, input_values, f"job {self.name!r}")
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
        for derived in _DERIVED:
            changed.__dict__.pop(derived, None)
        return changed

    def execute_in_process(
        self,
        run_config: RunConfig | Mapping[str, Any] | None = None,
        instance: Instance | None = None,
        partition_key: None = None,
        raise_on_error: bool = True,
        op_selection: Sequence[str] | None = None,
        asset_selection: None = None,
        run_id: str | None = None,
        input_values: Mapping[str, Any] | None = None,
        tags: Mapping[str, str] | None = None,
        resources: Mapping[str, Any] | None = None,
    ) -> ExecuteInProcessResult:
        """Run the job in this process, step after step; for tests and small work.

        Outputs pass in memory, unless the job binds an IO manager of its own.

        :param instance: an ephemeral one when not given.
        :param raise_on_error: raise what the user's code raised, once its events are stored.
        :param op_selection: see :meth:`for_subset`.
        :param input_values: in the place of the job's own.
        :param resources: in the place of the job's own.
        :raises InvalidConfigError: with every problem of the run config; no run is recorded.
        :raises InvalidSubsetError: when the selection matches nothing.
        """
        from plugwork.config.run_config import run_config_dict

        owner = f"job {self.name!r}"
        refuse_absent(owner, partition_key=partition_key, asset_selection=asset_selection)
        return execute_in_process(
            self.with_overrides(resources, input_values).for_subset(op_selection),
            run_config_dict(run_config),
            instance,
            raise_on_error=raise_on_error,
            run_id=run_id,
            tags=tags,
        )

    def __call__(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Refuse: a job is run, not called.

        :raises InvalidInvocationError: always.
        """
        raise InvalidInvocationError(
            f"job {self.name!r} cannot be called; run it with execute_in_process(), or use a graph "
            "in the body of another graph or job"
        )

    def __repr__(self) -> str:
        return f"<JobDefinition {self.name}>"
