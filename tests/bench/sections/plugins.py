"""What plugins cost that are installed and not used."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from statistics import median

from bench.figures import Budget, Figure
from bench.processes import Runner, Usage, alternate

_COUNT = 300
_KINDS = ("storage", "executor", "launcher", "coordinator", "file_manager", "plugin")
_METADATA = """\
Metadata-Version: 2.1
Name: fake-plugin-{number}
Version: 1.0
Summary: A plugin that nobody uses.
Requires-Dist: plugwork>=0.1
"""
#: Whoever imports it leaves a trace.
_MODULE = 'open(__file__ + ".imported", "x").close()\n'
#: 2020, long ago: what lies unchanged that long is cached.
_LONG_AGO = 1_577_836_800


def plugins(runner: Runner) -> Iterator[Figure]:
    """Compare commands with and without three hundred installed plugins."""
    folder = _install(runner.scratch / "fake-plugins")
    home = runner.scratch / "fake-home"
    home.mkdir(exist_ok=True)
    (home / "plugwork.yaml").write_text("storage: sqlite\n", encoding="utf-8")
    ours = str(Path(runner.python).with_name("plugwork"))
    commands = {
        "`import op, job, Config, Definitions`": [
            runner.python, "-c", "from plugwork import op, job, Config, Definitions",
        ],
        "`plugwork --help`": [ours, "--help"],
        "a storage opened": [
            runner.python, "-c",
            f"from plugwork import Instance; Instance.from_config({str(home)!r}).run_storage",
        ],
    }  # fmt: skip
    for what, command in commands.items():
        yield _added(runner, folder, what, command)
    yield _cold(runner, folder, [ours, "--help"])
    traces = [*folder.glob("*.imported")]
    yield Figure(
        section="plugins",
        what="plugin modules imported by all of these",
        unit="modules",
        plugwork=[float(len(traces))],
        budget=Budget(0),
    )


def _added(runner: Runner, folder: Path, what: str, command: list[str]) -> Figure:
    many = {"PYTHONPATH": str(folder)}
    calls: dict[str, Callable[[], Usage]] = {
        "without": partial(runner.run, command),
        "with": partial(runner.run, command, many),
    }
    used = alternate(runner.rounds * 2, calls)
    without = [usage.cpu * 1000 for usage in used["without"]]
    base = median(without)
    return Figure(
        section="plugins",
        what=f"{_COUNT} installed plugins add to {what}, CPU",
        unit="ms",
        plugwork=[usage.cpu * 1000 - base for usage in used["with"]],
        floor=without,
        budget=Budget(20),
    )


def _cold(runner: Runner, folder: Path, command: list[str]) -> Figure:
    """The first time after an installation, the metadata is read."""
    used = []
    for number in range(max(3, runner.rounds // 2)):
        cache = runner.scratch / f"cold-{number}"
        used.append(runner.run(command, {"PYTHONPATH": str(folder), "XDG_CACHE_HOME": str(cache)}))
    return Figure(
        section="plugins",
        what=f"`plugwork --help`, {_COUNT} plugins just installed, whole process, CPU",
        unit="ms",
        plugwork=[usage.cpu * 1000 for usage in used],
    )


def _install(folder: Path) -> Path:
    """Lay out distributions as an installer does."""
    shutil.rmtree(folder, ignore_errors=True)
    for number in range(_COUNT):
        info = folder / f"fake_plugin_{number}-1.0.dist-info"
        info.mkdir(parents=True)
        (info / "METADATA").write_text(_METADATA.format(number=number), encoding="utf-8")
        group = _KINDS[number % len(_KINDS)]
        points = f"[plugwork.{group}]\nfake_{number} = fake_plugin_{number}\n"
        (info / "entry_points.txt").write_text(points, encoding="utf-8")
        (folder / f"fake_plugin_{number}.py").write_text(_MODULE, encoding="utf-8")
        os.utime(info / "entry_points.txt", (_LONG_AGO, _LONG_AGO))
    os.utime(folder, (_LONG_AGO, _LONG_AGO))
    return folder
