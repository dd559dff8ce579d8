"""Graphs: ops and other graphs, connected."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from plugwork.definitions.composition import current_composition
from plugwork.definitions.node_definition import NodeDefinition
from plugwork.definitions.place import caller, telling_where, where
from plugwork.definitions.wiring import Wiring, fed_by_inputs
from plugwork.errors import InvalidDefinitionError, InvalidInvocationError

if TYPE_CHECKING:
    from plugwork.config.run_config import RunConfig
    from plugwork.config.schema import Shape
    from plugwork.definitions.config_mapping import ConfigMapping
    from plugwork.definitions.dependency import InputMapping, OutputMapping
    from plugwork.definitions.dependency_graph import Dependencies
    from plugwork.definitions.executor import ExecutorDefinition
    from plugwork.definitions.hooks import HookDefinition
    from plugwork.definitions.job import JobDefinition
    from plugwork.definitions.logger import LoggerDefinition
    from plugwork.definitions.retry import RetryPolicy
    from plugwork.execution.results.result import ExecuteInProcessResult
    from plugwork.instance import Instance

Body = Callable[..., Any]


class GraphDefinition(NodeDefinition):
    """Nodes and what feeds them. Cannot be changed; mostly made by :func:`graph`.

    :param node_defs: the ops and graphs inside.
    :param dependencies: each use of one of them, by name or :class:`NodeInvocation`, with what
        feeds its inputs. What is not named here is used once, fed by nothing.
    :param input_mappings: which inputs inside the graph's own inputs feed.
    :param output_mappings: which outputs inside are the graph's own.
    :param config: a :class:`ConfigMapping`: users of the graph give the config that it takes; or
        a dictionary: what would stand under ``ops``, for good.
    :param composition_fn: the function that stands for the graph in messages.
    :raises InvalidDefinitionError: when a name is not there, nodes depend on each other in a
        circle, or another rule is broken.
    """

    what = "graph"

    def __init__(
        self,
        name: str,
        *,
        description: str | None = None,
        node_defs: Iterable[NodeDefinition] | None = None,
        dependencies: Dependencies | None = None,
        input_mappings: Sequence[InputMapping] | None = None,
        output_mappings: Sequence[OutputMapping] | None = None,
        config: ConfigMapping | Mapping[str, Any] | None = None,
        tags: Mapping[str, Any] | None = None,
        composition_fn: Body | None = None,
    ) -> None:
        from plugwork.definitions.dependency_graph import wire

        owner = f"graph {name!r}"
        with telling_where(owner, composition_fn):
            wiring = wire(
                owner,
                node_defs or (),
                dependencies or {},
                input_mappings or (),
                output_mappings or (),
            )
            self._take(name, wiring, description, config, tags, composition_fn)

    @classmethod
    def of_wiring(
        cls,
        name: str,
        wiring: Wiring,
        description: str | None = None,
        config: ConfigMapping | Mapping[str, Any] | None = None,
        tags: Mapping[str, Any] | None = None,
        composition_fn: Body | None = None,
    ) -> GraphDefinition:
        """Make a graph of nodes that are connected already."""
        made = cls.__new__(cls)
        made._take(name, wiring, description, config, tags, composition_fn)
        return made

    def _take(
        self,
        name: str,
        wiring: Wiring,
        description: str | None,
        config: ConfigMapping | Mapping[str, Any] | None,
        tags: Mapping[str, Any] | None,
        composition_fn: Body | None,
    ) -> None:
        super().__init__(name, wiring.inputs, wiring.outputs, description, tags)
        self.wiring = wiring
        self.nodes = wiring.nodes
        self.output_sources = wiring.output_sources
        self.mapped_outputs = wiring.mapped_outputs
        self.composition_fn = composition_fn
        #: The graph of which a selection left this one over; itself when nothing was left out.
        self.whole = self
        inner = [node.definition for node in self.nodes.values()]
        self.has_dynamic = any(one.has_dynamic for one in inner)
        #: Makes the config of the ops inside from that of the graph; None without one.
        self.config_mapping = None if config is None else self._mapping(config)
        self.maps_config = config is not None or any(one.maps_config for one in inner)

    def _mapping(self, config: ConfigMapping | Mapping[str, Any]) -> ConfigMapping:
        from plugwork.config.run_config import RunConfig, run_config_dict
        from plugwork.config.validation import validate
        from plugwork.definitions.config_mapping import ConfigMapping, hard_coded

        if isinstance(config, ConfigMapping):
            return config
        if not isinstance(config, Mapping):
            raise InvalidDefinitionError(
                f"graph {self.name!r}: config must be a ConfigMapping or a dictionary, got "
                f"{config!r}"
            )
        ops = run_config_dict(RunConfig(ops=config))["ops"]
        problems = validate(self.ops_schema, ops).problems
        if problems:
            told = "".join(f"\n    {one}" for one in problems)
            raise InvalidDefinitionError(
                f"graph {self.name!r}: its config does not fit the ops inside:{told}"
            )
        return hard_coded(ops, f"({where(self.composition_fn)})" if self.composition_fn else "")

    @functools.cached_property
    def ops_schema(self) -> Shape:
        """What config says of the nodes inside, where no mapping hides them."""
        from plugwork.definitions.run_config import derived_ops_schema

        return derived_ops_schema(self, {})

    @property
    def input_mappings(self) -> list[InputMapping]:
        """What the graph's inputs feed."""
        from plugwork.definitions.dependency import InputMapping

        return [
            InputMapping(
                name,
                node.name,
                key,
                place,
                self.input_dict[name].description,
                self.input_dict[name].type,
            )
            for name, node, key, place in fed_by_inputs(self.nodes)
        ]

    @property
    def output_mappings(self) -> list[OutputMapping]:
        """What feeds the graph's outputs."""
        from plugwork.definitions.dependency import OutputMapping

        return [
            OutputMapping(
                name,
                source.node,
                source.output,
                self.output_dict[name].description,
                self.output_dict[name].type,
                name in self.mapped_outputs,
            )
            for name, source in self.output_sources.items()
        ]

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Use the graph in the body of another graph or job."""
        composition = current_composition()
        if composition is None:
            raise InvalidInvocationError(
                f"graph {self.name!r} can be used in the body of a graph or job only; to run it, "
                "make a job of it with to_job()"
            )
        return composition.add(self, args, kwargs)

    def configured(
        self,
        config_or_config_fn: Any,
        name: str | None = None,
        config_schema: Any = None,
        description: str | None = None,
    ) -> GraphDefinition:
        """Return the graph with the config of its mapping filled in.

        :param config_or_config_fn: the config; or a function that makes it from the config of the
            new graph.
        :param name: of the new graph; when not given the function's, else the graph's own.
        :param config_schema: of the function's parameter; None takes any config.
        :raises InvalidDefinitionError: when the graph has no config mapping, or the config given
            does not fit it.
        """
        from plugwork.definitions.config_mapping import configured_mapping
        from plugwork.definitions.configured import function_name

        if self.config_mapping is None:
            raise InvalidDefinitionError(
                f"graph {self.name!r} has no config mapping, so it cannot be configured "
                f"({caller()})"
            )
        mapping = configured_mapping(
            self.config_mapping, f"graph {self.name!r}", config_or_config_fn, config_schema
        )
        return GraphDefinition.of_wiring(
            name or function_name(config_or_config_fn) or self.name,
            self.wiring,
            description or self.description,
            mapping,
            self.tags,
            self.composition_fn,
        )

    def execute_in_process(
        self,
        run_config: RunConfig | Mapping[str, Any] | None = None,
        instance: Instance | None = None,
        resources: Mapping[str, Any] | None = None,
        raise_on_error: bool = True,
        op_selection: Sequence[str] | None = None,
        run_id: str | None = None,
        input_values: Mapping[str, Any] | None = None,
    ) -> ExecuteInProcessResult:
        """Make a job of the graph and run it; see :meth:`JobDefinition.execute_in_process`."""
        job = self.to_job(resource_defs=resources, input_values=input_values)
        return job.execute_in_process(
            run_config,
            instance,
            raise_on_error=raise_on_error,
            op_selection=op_selection,
            run_id=run_id,
        )

    def to_job(
        self,
        name: str | None = None,
        description: str | None = None,
        resource_defs: Mapping[str, Any] | None = None,
        config: RunConfig | ConfigMapping | Mapping[str, Any] | None = None,
        tags: Mapping[str, Any] | None = None,
        metadata: Mapping[str, Any] | None = None,
        logger_defs: Mapping[str, LoggerDefinition] | None = None,
        executor_def: ExecutorDefinition | None = None,
        hooks: Iterable[HookDefinition] | None = None,
        op_retry_policy: RetryPolicy | None = None,
        op_selection: Sequence[str] | None = None,
        partitions_def: None = None,
        asset_layer: None = None,
        input_values: Mapping[str, Any] | None = None,
        run_tags: Mapping[str, Any] | None = None,
        owners: Sequence[str] | None = None,
        automation_condition: None = None,
    ) -> JobDefinition:
        """Make a job of the graph; the parameters are those of :class:`JobDefinition`.

        :param name: the graph's own when not given.
        :param op_selection: the job has only these ops, and what stands between them.
        """
        from plugwork.definitions.job import JobDefinition
        from plugwork.definitions.job_parts import refuse_absent

        chosen = name or self.name
        refuse_absent(f"job {chosen!r}", automation_condition=automation_condition)
        made = JobDefinition(
            graph_def=self,
            name=chosen,
            description=description,
            resource_defs=resource_defs,
            config=config,
            tags=tags,
            metadata=metadata,
            logger_defs=logger_defs,
            executor_def=executor_def,
            hook_defs=hooks,
            op_retry_policy=op_retry_policy,
            partitions_def=partitions_def,
            asset_layer=asset_layer,
            input_values=input_values,
            run_tags=run_tags,
            owners=owners,
        )
        return made.for_subset(op_selection) if op_selection else made
