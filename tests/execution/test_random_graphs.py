"""Graphs of chance, run by each executor of one process, against a model of the rules.

Those that fail are mended and run again from the failure.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import attrs
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

import plugwork as pw
from plugwork.code.reconstruct import ReconstructableJob
from plugwork.execution.starting import RunExecution
from plugwork.journal.holder import current_holder
from plugwork.model import CodeRef, JobOrigin
from plugwork.plan import create_plan
from plugwork_testkit.streams import Told, by_step

EXECUTORS: list[Any] = [
    "in_process",
    {"threads": {"max_concurrent": 3}},
    {"async": {"max_concurrent": 5}},
]
ABSENT = object()


@attrs.frozen
class Node:
    """An op of a random graph."""

    name: str
    #: "plain"; "gen" gives dynamic outputs; "map" takes each of them; "collect" takes all.
    role: str
    #: The node whose dynamic outputs it takes.
    over: str | None
    #: Each a source, or a tuple of sources: a fan-in.
    inputs: tuple[str | tuple[str, ...], ...]
    is_generator: bool
    is_async: bool
    is_optional: bool
    #: Mapping keys for a "gen"; for others 1, or 0 where the optional output is left out.
    gives: int
    #: How many attempts fail; of a "map" those for the first mapping key alone.
    fails: int
    #: It fails after it gave its outputs.
    fails_late: bool
    max_retries: int

    def fails_at(self, attempt: int, mapping_key: str | None) -> bool:
        return attempt <= self.fails and mapping_key in (None, "k0")


@st.composite
def graphs(draw: st.DrawFn) -> list[Node]:
    nodes: list[Node] = []
    for number in range(draw(st.integers(1, 7))):
        nodes.append(draw(node(f"n{number}", nodes)))
    return nodes


@st.composite
def node(draw: st.DrawFn, name: str, before: list[Node]) -> Node:
    static = [one.name for one in before if one.role in ("plain", "collect")]
    dynamic = [one.name for one in before if one.role in ("gen", "map")]
    role = draw(st.sampled_from(["plain", "plain", "gen"] + ["map", "collect"] * bool(dynamic)))
    one = st.sampled_from(static)
    fan = st.lists(one, min_size=1, max_size=3, unique=True).map(tuple)
    inputs = draw(st.lists(one | fan, max_size=2)) if static else []
    is_optional = draw(st.booleans())
    is_generator = role == "gen" or is_optional or draw(st.booleans())
    return Node(
        name,
        role,
        draw(st.sampled_from(dynamic)) if role in ("map", "collect") else None,
        tuple(inputs),
        is_generator,
        draw(st.booleans()),
        is_optional,
        draw(st.integers(0, 3)) if role == "gen" else draw(st.integers(1 - is_optional, 1)),
        draw(st.sampled_from([0, 0, 0, 1, 2])),
        is_generator and draw(st.booleans()),
        draw(st.integers(0, 2)),
    )


def graph_of(nodes: list[Node]) -> pw.JobDefinition:
    @pw.job(resource_defs={"io_manager": pw.mem_io_manager})
    def random_graph() -> None:
        made: dict[str, Any] = {}
        for one in nodes:
            given_to = {
                f"a{number}": [made[source] for source in sources]
                if isinstance(sources, tuple)
                else made[sources]
                for number, sources in enumerate(one.inputs)
            }
            made[one.name] = invoke(one, made, given_to)

    return random_graph


def invoke(one: Node, made: dict[str, Any], given_to: dict[str, Any]) -> Any:
    op_def = op_of(one)
    if one.role == "map":
        return made[one.over or ""].map(lambda item: op_def(item=item, **given_to))
    if one.role == "collect":
        return op_def(item=made[one.over or ""].collect(), **given_to)
    return op_def(**given_to)


def op_of(one: Node) -> pw.OpDefinition:
    names = ["item"] * (one.over is not None) + [f"a{n}" for n in range(len(one.inputs))]
    values = "[" + ", ".join(names) + "]"
    body = f"    yield from outputs(context, {values})\n"
    if not one.is_generator:
        body = f"    return next(outputs(context, {values})).value\n"
    elif one.is_async:
        body = f"    for one in outputs(context, {values}):\n        yield one\n"
    start = "async def" if one.is_async else "def"
    source = f"{start} fn({', '.join(['context', *names])}):\n{body}"

    def outputs(context: pw.OpExecutionContext, taken: list[Any]) -> Iterator[Any]:
        fails = one.fails_at(context.retry_number + 1, context.get_mapping_key())
        if fails and not one.fails_late:
            raise ValueError("on purpose")
        for number in range(one.gives):
            value = total(taken) + number
            if one.role == "gen":
                yield pw.DynamicOutput(value, mapping_key=f"k{number}")
            else:
                yield pw.Output(value)
        if fails:
            raise ValueError("on purpose, late")

    space = {"outputs": outputs}
    exec(source, space)  # noqa: S102 - a function that really has these parameters
    out = pw.DynamicOut if one.role == "gen" else pw.Out
    policy = pw.RetryPolicy(max_retries=one.max_retries) if one.max_retries else None
    made = pw.op(name=one.name, out=out(is_required=not one.is_optional), retry_policy=policy)
    return made(space["fn"])


def total(taken: list[Any]) -> int:
    return 1 + sum(sum(each) if isinstance(each, list) else each for each in taken)


@attrs.frozen
class End:
    """How a step ended, in the model."""

    status: str
    value: Any = ABSENT

    @property
    def is_missing(self) -> bool:
        """Whether its output is missing for good, and by nobody's fault."""
        return self.value is ABSENT and self.status in ("success", "skipped")


class Model:
    """What must become of a graph, by the rules of execution alone."""

    def __init__(self, nodes: list[Node]) -> None:
        self.lives: dict[str, list[str]] = {}
        self.values: dict[tuple[str, str, str | None], int] = {}
        self.abandoned: set[str] = set()
        self.has_failed = False
        #: Of static nodes, and of those that give dynamic outputs as such.
        self.ends: dict[str, End] = {}
        #: Of each mapping key; None: there will never be one.
        self.mapped: dict[str, dict[str, End] | None] = {}
        for one in nodes:
            self.run(one)

    def run(self, one: Node) -> None:
        static = [
            [self.ends[source] for source in sources]
            if isinstance(sources, tuple)
            else [self.ends[sources]]
            for sources in one.inputs
        ]
        if one.role == "gen":
            self.ends[one.name] = end = self.step(one, one.name, None, static)
            self.mapped[one.name] = self.keys_of(one, end)
        elif one.role == "map":
            self.run_mapped(one, static)
        elif one.role == "collect":
            self.ends[one.name] = self.collect(one, static)
        else:
            self.ends[one.name] = self.step(one, one.name, None, static)

    def keys_of(self, one: Node, end: End) -> dict[str, End] | None:
        if end.status != "success" or not (one.gives or not one.is_optional):
            return None
        return {key: End("success", value) for key, value in end.value.items()}

    def run_mapped(self, one: Node, static: list[list[End]]) -> None:
        items = self.mapped[one.over or ""]
        # Nobody can say of each key how it ended where there is none.
        self.ends[one.name] = self.ends[one.over or ""]
        self.mapped[one.name] = None
        if items is not None:
            self.mapped[one.name] = {
                key: self.step(one, f"{one.name}[{key}]", key, [[item], *static])
                for key, item in items.items()
            }

    def collect(self, one: Node, static: list[list[End]]) -> End:
        items = self.mapped[one.over or ""]
        if items is not None:
            return self.step(one, one.name, None, [list(items.values()), *static])
        if self.ends[one.over or ""].status in ("failed", "abandoned"):
            # What to collect is not known, so there is no step that could be skipped.
            self.abandoned.add(one.name)
            return End("abandoned")
        return self.step(one, one.name, None, [[End("skipped")], *static])

    def step(self, one: Node, step_key: str, key: str | None, inputs: list[list[End]]) -> End:
        if any(sources and all(each.is_missing for each in sources) for sources in inputs):
            self.lives[step_key] = ["SKIPPED"]
            return End("skipped")
        if any(end.status in ("failed", "abandoned") for sources in inputs for end in sources):
            self.abandoned.add(step_key)
            return End("abandoned")
        return self.live(one, step_key, key, inputs)

    def live(self, one: Node, step_key: str, key: str | None, inputs: list[list[End]]) -> End:
        is_list = [one.role == "collect", *(isinstance(each, tuple) for each in one.inputs)]
        present = [[end.value for end in each if end.value is not ABSENT] for each in inputs]
        taken = [
            values if listed else values[0]
            for listed, values in zip(is_list[one.over is None :], present, strict=True)
        ]
        loads = ["LOADED"] * sum(map(len, present)) + ["INPUT"] * len(inputs)
        words = self.lives.setdefault(step_key, [])
        for attempt in range(1, one.max_retries + 2):
            fails = one.fails_at(attempt, key)
            words += ["START" if attempt == 1 else "RESTARTED", *loads]
            words += ["OUTPUT", "HANDLED"] * one.gives * (not fails or one.fails_late)
            if not fails:
                words.append("SUCCESS")
                return self.succeed(one, step_key, total(taken))
            words.append("UP_FOR_RETRY" if attempt <= one.max_retries else "FAILURE")
        self.has_failed = True
        return End("failed")

    def succeed(self, one: Node, step_key: str, value: int) -> End:
        if one.role == "gen":
            values = {f"k{number}": value + number for number in range(one.gives)}
            self.values |= {(step_key, "result", key): each for key, each in values.items()}
            return End("success", values)
        if not one.gives:
            return End("success")
        self.values[step_key, "result", None] = value
        return End("success", value)


@pytest.fixture(scope="module")
def instances() -> Iterator[list[pw.Instance]]:
    with ExitStack() as stack:
        opened = [pw.Instance.ephemeral(settings={"executor": one}) for one in EXECUTORS]
        yield [stack.enter_context(one) for one in opened]


@settings(
    max_examples=200,
    deadline=None,
    derandomize="CI" in os.environ,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
@given(nodes=graphs())
def test_every_executor_does_what_the_rules_say(
    instances: list[pw.Instance], nodes: list[Node]
) -> None:
    model = Model(nodes)
    job_def = graph_of(nodes)
    status = pw.RunStatus.FAILURE if model.has_failed else pw.RunStatus.SUCCESS
    for instance in instances:
        told, values = run(instance, job_def)
        assert told.run.status is status
        assert by_step(told.steps) == model.lives
        kept = {place: value for place, value in values.items() if place in model.values}
        assert kept == model.values
        assert {key for key in told.abandoned if "[?]" not in key} == model.abandoned


def run(instance: pw.Instance, job_def: pw.JobDefinition) -> tuple[Told, dict[Any, Any]]:
    plan = create_plan(job_def, None)
    stored, lease = instance.create_held_run(job_def, plan, holder=current_holder())
    assert lease is not None
    values: dict[Any, Any] = {}
    execution = RunExecution(instance, job_def, plan, stored, lease, captured=values)
    list(execution.events())
    return Told.of(instance, stored.run_id), values


ORIGIN = JobOrigin(CodeRef("module", "made_by_chance"), "random_graph")


@attrs.frozen
class Place:
    instance: pw.Instance
    values: str

    def job(self, nodes: list[Node]) -> ReconstructableJob:
        stored = pw.fs_io_manager.configured({"base_dir": self.values})
        made = graph_of(nodes).graph_def.to_job(
            resource_defs={"io_manager": stored}, executor_def=pw.in_process_executor
        )
        return ReconstructableJob(ORIGIN, made)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    root: Path = tmp_path_factory.mktemp("resumes")
    with pw.Instance.local_temp(str(root)) as instance:
        yield Place(instance, str(root / "values"))


@settings(
    max_examples=100,
    deadline=None,
    derandomize="CI" in os.environ,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
@given(nodes=graphs())
def test_a_mended_graph_gives_what_it_would_have_given_at_once(
    place: Place, nodes: list[Node]
) -> None:
    assume(Model(nodes).has_failed)
    failed = pw.execute_job(place.job(nodes), place.instance)
    assert not failed.success
    mended = [attrs.evolve(one, fails=0) for one in nodes]
    options = pw.ReexecutionOptions.from_failure(failed.run_id, place.instance)
    again = pw.execute_job(place.job(mended), place.instance, reexecution_options=options)
    assert again.success
    ends = Model(mended).ends
    with again:
        for one in mended:
            if one.role in ("plain", "collect") and ends[one.name].value is not ABSENT:
                assert again.output_for_node(one.name) == ends[one.name].value
