"""Measure the functions of Python's standard library, one step a package."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator
from pathlib import Path

from plugwork import Config, DynamicOut, DynamicOutput, job, op

LIBRARY = Path(json.__file__).parents[1]


class Rules(Config):
    longest: int = 1000


@op(out=DynamicOut())
def packages() -> Iterator[DynamicOutput[Path]]:
    for name in ("asyncio", "concurrent", "email", "http", "logging", "unittest", "xml"):
        yield DynamicOutput(LIBRARY / name, mapping_key=name)


@op
def measure(config: Rules, package: Path) -> tuple[str, int]:
    lengths = {}
    for path in sorted(package.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_bytes())):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                lengths[f"{path.name}:{node.lineno} {node.name}"] = (
                    (node.end_lineno or 0) - node.lineno + 1
                )
    longest = max(lengths, key=lengths.__getitem__)
    if lengths[longest] > config.longest:
        raise ValueError(f"{longest} has {lengths[longest]} lines, over {config.longest}")
    return longest, lengths[longest]


@op
def report(found: list[tuple[str, int]]) -> None:
    for name, length in sorted(found, key=lambda item: -item[1]):
        print(f"{length:5}  {name}")


@job
def functions() -> None:
    report(packages().map(measure).collect())
