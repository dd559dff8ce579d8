"""What it costs that a process starts: imports, commands, an opened storage."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from statistics import median

from bench.figures import Budget, Figure
from bench.processes import Runner, Usage, alternate

_NAMES = "op, job, Config, Definitions"
_PIPELINE = """\
from dagster import Definitions, job, op


@op
def one() -> int:
    return 1


@job
def small() -> None:
    one()


defs = Definitions(jobs=[small])
"""


def imports(runner: Runner) -> Iterator[Figure]:
    """Import what a user's file needs, beyond the bare interpreter."""
    calls: dict[str, Callable[[], Usage]] = {}
    for side, python in runner.sides().items():
        calls[f"{side} bare"] = partial(runner.run, [python, "-c", "pass"])
        code = f"from {side} import {_NAMES}"
        calls[side] = partial(runner.run, [python, "-c", code])
    used = alternate(runner.rounds, calls)
    floor = [usage.cpu * 1000 for usage in used["plugwork bare"]]
    beyond = {side: _beyond(used, side) for side in runner.sides()}
    yield Figure(
        section="import",
        what=f"`import {_NAMES}` beyond the bare interpreter, CPU",
        unit="ms",
        plugwork=beyond["plugwork"],
        dagster=beyond.get("dagster", ()),
        floor=floor,
        budget=Budget(80),
    )
    yield from _whole("import", "process that only imports them", used, "plugwork bare")


def _beyond(used: Mapping[str, Sequence[Usage]], side: str) -> list[float]:
    bare = median(usage.cpu for usage in used[f"{side} bare"])
    return [(usage.cpu - bare) * 1000 for usage in used[side]]


def cli(runner: Runner) -> Iterator[Figure]:
    """Start the command lines."""
    ours = str(Path(runner.python).with_name("plugwork"))
    commands = {"--help": ("--help", "--help"), "version": ("version", "--version")}
    for command, (our_word, their_word) in commands.items():
        calls: dict[str, Callable[[], Usage]] = {
            "bare": partial(runner.run, [runner.python, "-c", "pass"]),
            "plugwork": partial(runner.run, [ours, our_word]),
        }
        if runner.reference is not None:
            theirs = str(Path(runner.reference).with_name("dagster"))
            calls["dagster"] = partial(runner.run, [theirs, their_word])
        used = alternate(_few(runner), calls)
        budget = Budget(100) if command == "--help" else None
        yield from _whole("cli", f"`{command}`", used, "bare", budget)
    yield from _list_jobs(runner, ours)


def _list_jobs(runner: Runner, ours: str) -> Iterator[Figure]:
    """List the jobs of a file."""
    file = runner.scratch / "pipeline.py"
    file.write_text(_PIPELINE.replace("from dagster", "from plugwork"), encoding="utf-8")
    home = _fresh(runner.scratch / "listing")
    (home / "dagster.yaml").write_text("telemetry:\n  enabled: false\n", encoding="utf-8")
    calls: dict[str, Callable[[], Usage]] = {
        "bare": partial(runner.run, [runner.python, "-c", "pass"]),
        "plugwork": partial(
            runner.run, [ours, "jobs", "list", str(file)], {"PLUGWORK_HOME": str(home)}
        ),
    }
    if runner.reference is not None:
        other = runner.scratch / "reference_pipeline.py"
        other.write_text(_PIPELINE, encoding="utf-8")
        theirs = str(Path(runner.reference).with_name("dagster"))
        calls["dagster"] = partial(
            runner.run, [theirs, "job", "list", "-f", str(other)], {"DAGSTER_HOME": str(home)}
        )
    used = alternate(_few(runner), calls)
    yield from _whole("cli", "list the jobs of a file", used, "bare")


def process(runner: Runner) -> Iterator[Figure]:
    """Open a storage that is there already, count its runs, and exit."""
    homes = {side: _fresh(runner.scratch / f"{side}-home") for side in runner.sides()}
    (homes["plugwork"] / "plugwork.yaml").write_text("storage: sqlite\n", encoding="utf-8")
    if "dagster" in homes:
        text = "telemetry:\n  enabled: false\n"
        (homes["dagster"] / "dagster.yaml").write_text(text, encoding="utf-8")
    calls: dict[str, Callable[[], Usage]] = {
        "bare": partial(runner.run, [runner.python, "-c", "pass"])
    }
    for side, home in homes.items():
        calls[side] = partial(runner.work, side, f"open_{side}", home=str(home))
    used = alternate(_few(runner), calls)
    yield from _whole("process", "process with an opened SQLite storage", used, "bare", Budget(100))


def _whole(
    section: str,
    what: str,
    used: Mapping[str, Sequence[Usage]],
    floor: str,
    budget: Budget | None = None,
) -> Iterator[Figure]:
    """Give CPU, wall and memory of whole processes; a budget is of CPU."""
    measures: tuple[tuple[str, str, Callable[[Usage], float], Budget | None], ...] = (
        ("CPU", "ms", lambda usage: usage.cpu * 1000, budget),
        ("user CPU", "ms", lambda usage: usage.user * 1000, None),
        ("wall", "ms", lambda usage: usage.wall * 1000, None),
        ("peak memory", "MiB", lambda usage: usage.rss, None),
    )
    for name, unit, read, limit in measures:
        yield Figure(
            section=section,
            what=f"{what}, {name}",
            unit=unit,
            plugwork=[read(usage) for usage in used["plugwork"]],
            dagster=[read(usage) for usage in used.get("dagster", ())],
            floor=[read(usage) for usage in used[floor]],
            budget=limit,
        )


def _few(runner: Runner) -> int:
    """Rounds of what takes the reference seconds."""
    return max(3, runner.rounds // 2)


def _fresh(folder: Path) -> Path:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    return folder
