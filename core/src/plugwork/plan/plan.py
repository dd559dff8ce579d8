"""Execution plans: the steps of a job under one run config, in order."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from plugwork.definitions.names import did_you_mean
from plugwork.errors import ExecutionStepNotFoundError, InvalidSubsetError
from plugwork.plan.known_state import KnownExecutionState
from plugwork.plan.sources import FromDynamicCollect, resolve_for_key, resolved_key, unresolved_of
from plugwork.plan.step import ExecutionStep, StepInput, StepKind

if TYPE_CHECKING:
    from plugwork.definitions.job import JobDefinition

#: Step key and output name of a dynamic output.
Origin = tuple[str, str]


class ExecutionPlan:
    """The steps of one run.

    Plan order is by topological level; inside a level, by step key as text. Steps that depend on a
    dynamic output are templates (``mul[?]``) until :meth:`resolve` is told the mapping keys. Not
    safe for threads while it is being resolved.

    :param steps: all steps of the job, each after those that it depends on.
    :param run_config: with defaults filled in, references unresolved.
    :param resolved_config: references resolved; never stored or shown.
    :param step_keys_to_execute: a part of the steps; None for all.
    :raises ExecutionStepNotFoundError: for keys that no step has.
    """

    def __init__(
        self,
        job: JobDefinition,
        steps: Iterable[ExecutionStep],
        run_config: Mapping[str, Any],
        resolved_config: Mapping[str, Any],
        step_keys_to_execute: Collection[str] | None = None,
        known_state: KnownExecutionState | None = None,
        tags: Mapping[str, str] | None = None,
    ) -> None:
        self.job = job
        self.run_config = run_config
        self.resolved_config = resolved_config
        self.known_state = known_state or KnownExecutionState()
        self.tags = dict(tags or {})
        self._steps = {step.key: step for step in steps}
        self._mappings: dict[Origin, list[str] | None] = {}
        self._told_mappings: dict[str, dict[str, list[str] | None]] | None = None
        self._templates = _templates_by_origin(self._steps.values())
        self._resolve_known(step_keys_to_execute)
        self._check_keys(step_keys_to_execute or ())
        self._set_order(step_keys_to_execute)
        self._check_origins()

    @property
    def job_name(self) -> str:
        return self.job.name

    @property
    def step_keys_to_execute(self) -> list[str]:
        """In plan order; templates by their own key."""
        return sorted(self._order, key=self.order_of)

    @property
    def steps(self) -> list[ExecutionStep]:
        """The steps to execute, in plan order."""
        return [self._steps[key] for key in self.step_keys_to_execute]

    @property
    def all_steps(self) -> list[ExecutionStep]:
        """Every step of the job, also those that this plan does not execute."""
        return list(self._steps.values())

    @property
    def deps(self) -> dict[str, tuple[str, ...]]:
        """Upstream steps of each step to execute; those that are not executed are left out."""
        return self._deps

    def step(self, key: str) -> ExecutionStep:
        """Return a step, executed or not.

        :raises ExecutionStepNotFoundError: when there is none.
        """
        found = self._steps.get(key)
        if found is None:
            raise self.unknown([key])
        return found

    @property
    def past_steps(self) -> list[ExecutionStep]:
        """The steps that an earlier run has ended, which this one continues."""
        if self.known_state.parent_state is None:
            return []
        return [step for key, step in self._steps.items() if key not in self._order]

    def order_of(self, key: str) -> tuple[int, int]:
        """Return the place of a step in plan order, for sorting."""
        return self._order[key]

    @property
    def pools(self) -> frozenset[str]:
        """The pools of which steps need slots."""
        return frozenset(step.pool for step in self._steps.values() if step.pool is not None)

    def required_resource_keys(self) -> frozenset[str]:
        """Return the resources that the steps to execute need."""
        found: set[str] = set()
        for step in self.steps:
            found |= step.resource_keys
        return frozenset(found)

    @property
    def dynamic_mappings(self) -> dict[str, dict[str, list[str] | None]]:
        """The dynamic outputs that were resolved: step -> output -> keys, None when skipped.

        One and the same object until another one is resolved.
        """
        if self._told_mappings is None:
            found = self._told_mappings = {}
            for (step_key, output_name), keys in self._mappings.items():
                found.setdefault(step_key, {})[output_name] = keys
        return self._told_mappings

    def is_origin(self, step_key: str) -> bool:
        """Tell whether templates wait for dynamic outputs of this step."""
        return step_key in self._templates

    def waiting_for(self, step_key: str) -> Collection[str]:
        """Return the keys of the templates that wait for dynamic outputs of this step."""
        return self._templates.get(step_key, ())

    def resolve(
        self, step_key: str, mapping_keys: Mapping[str, list[str] | None]
    ) -> dict[str, list[ExecutionStep]]:
        """Replace templates by steps, now that the dynamic outputs of a step are known.

        :param mapping_keys: output name to its mapping keys in the order in which they were
            yielded; None for a skipped output: the steps mapped over it vanish.
        :return: template's key to the steps in its place. A step that collects keeps its key, and
            stays a template while it waits for another dynamic output.
        """
        self._told_mappings = None
        for output_name, keys in mapping_keys.items():
            self._mappings[step_key, output_name] = keys
        made: dict[str, list[ExecutionStep]] = {}
        for key in self._templates.pop(step_key, ()):
            template = self._steps[key]
            steps = made[key] = self._resolved(template)
            self._replace(template, steps)
        return made

    def _resolved(self, template: ExecutionStep) -> list[ExecutionStep]:
        if template.kind is StepKind.UNRESOLVED_COLLECT:
            return [self._collected(template)]
        origin = next(one.origin for one in _unresolved(template))
        return [_mapped(template, key) for key in self._mappings[origin] or ()]

    def _collected(self, template: ExecutionStep) -> ExecutionStep:
        inputs = []
        waits = False
        for one in template.inputs:
            source = one.source
            if isinstance(source, FromDynamicCollect):
                if source.origin in self._mappings:
                    source = source.resolve(self._mappings[source.origin])
                else:
                    waits = True
            inputs.append(StepInput(one.definition, source))
        kind = StepKind.UNRESOLVED_COLLECT if waits else StepKind.COMPUTE
        return template.replaced(template.key, tuple(inputs), None, kind)

    def _replace(self, template: ExecutionStep, steps: list[ExecutionStep]) -> None:
        key = template.key
        del self._steps[key]
        self._steps.update((step.key, step) for step in steps)
        if key not in self._order:
            return
        place = self._order.pop(key)[0]
        del self._deps[key]
        for number, step in enumerate(steps):
            self._order[step.key] = (place, number)
            self._deps[step.key] = tuple(one for one in step.upstream_keys if one in self._order)

    def _resolve_known(self, step_keys: Collection[str] | None) -> None:
        """Use mappings that an earlier process or run made; a step executed anew makes its own."""
        self._order: dict[str, tuple[int, int]] = {}
        self._deps: dict[str, tuple[str, ...]] = {}
        if step_keys is None:
            return
        written = list(self._steps)
        in_place: dict[str, list[ExecutionStep]] = {}
        for step_key, made in self.known_state.dynamic_mappings.items():
            if step_key not in step_keys:
                in_place.update(self.resolve(step_key, made))
        if in_place:
            # Each step stands after those before it: what was resolved where its template stood.
            self._steps = {
                step.key: step
                for key in written
                for step in (in_place[key] if key in in_place else [self._steps[key]])
            }

    def _check_keys(self, keys: Iterable[str]) -> None:
        unknown = [key for key in keys if key not in self._steps]
        if unknown:
            raise self.unknown(unknown)

    def unknown(self, keys: list[str]) -> ExecutionStepNotFoundError:
        """Return the error for keys that no step has."""
        named = ", ".join(map(repr, keys))
        return ExecutionStepNotFoundError(
            f"job {self.job_name!r} has no step {named}{did_you_mean(keys[0], self._steps)}",
            step_keys=keys,
        )

    def _check_origins(self) -> None:
        """Refuse a part of the plan whose templates could never be resolved."""
        for origin, templates in self._templates.items():
            waiting = [key for key in templates if key in self._order]
            if waiting and origin not in self._order:
                raise InvalidSubsetError(
                    f"{waiting[0]!r} waits for the dynamic outputs of {origin!r}, which is neither "
                    "executed nor known from before; select it too"
                )

    def _set_order(self, step_keys: Collection[str] | None) -> None:
        chosen = self._steps.keys() if step_keys is None else set(step_keys)
        level: dict[str, int] = {}
        deps: dict[str, tuple[str, ...]] = {}
        for key, step in self._steps.items():
            if key in chosen:
                upstream = step.upstream_keys
                if step_keys is not None:
                    upstream = tuple(one for one in upstream if one in chosen)
                deps[key] = upstream
                level[key] = 1 + max((level[one] for one in upstream), default=-1)
        ordered = sorted(deps, key=lambda key: (level[key], key))
        self._deps = deps
        self._order = {key: (number, 0) for number, key in enumerate(ordered)}

    def _within(self, keys: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(key for key in keys if key in self._order)


def _unresolved(step: ExecutionStep) -> list[Any]:
    return [inner for one in step.inputs for inner in unresolved_of(one.source)]


def _templates_by_origin(steps: Iterable[ExecutionStep]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for step in steps:
        if step.kind is not StepKind.COMPUTE:
            for step_key in dict.fromkeys(one.origin[0] for one in _unresolved(step)):
                found.setdefault(step_key, []).append(step.key)
    return found


def _mapped(template: ExecutionStep, mapping_key: str) -> ExecutionStep:
    inputs = tuple(
        StepInput(one.definition, resolve_for_key(one.source, mapping_key))
        for one in template.inputs
    )
    return template.replaced(resolved_key(template.key, mapping_key), inputs, mapping_key)
