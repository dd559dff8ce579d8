"""What is measured, by the names that select it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from bench.figures import Figure
from bench.processes import Runner
from bench.sections.executors import executors, shapes
from bench.sections.growth import growth
from bench.sections.ingest import ingest
from bench.sections.plugins import plugins
from bench.sections.starting import cli, imports, process
from bench.sections.steps import chain, define, fan_out, values

SECTIONS: dict[str, Callable[[Runner], Iterator[Figure]]] = {
    "import": imports,
    "cli": cli,
    "plugins": plugins,
    "process": process,
    "define": define,
    "chain": chain,
    "fan-out": fan_out,
    "shapes": shapes,
    "executors": executors,
    "values": values,
    "growth": growth,
    "ingest": ingest,
}
