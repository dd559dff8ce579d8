"""``plugwork`` without a command: where you stand, and what can be done next."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from plugwork.cli.frames import shown_path
from plugwork.cli.output import bold, colored, dim, emit, facts, say, short_id
from plugwork.cli.settings import Settings
from plugwork.cli.words import ago, plain_error, status_color, status_word

if TYPE_CHECKING:
    from plugwork.config.place import Place
    from plugwork.model import RunRecord

_RUNS = 3


def show_home(settings: Settings) -> int:
    """Print a summary of the instance, and next steps; makes nothing where there is none."""
    from plugwork.config.place import locate

    place = locate(settings.instance, os.environ, Path.cwd())
    records: list[RunRecord] = []
    count, now = 0, 0.0
    # A home that no run has used yet is not opened: it may still lack the plugins.
    if place.home.is_dir() and any(place.home.iterdir()):
        from plugwork.cli.opening import opened

        with opened(settings) as instance:
            records = list(instance.get_run_records(limit=_RUNS))
            count, now = instance.get_runs_count(), instance.clock.now()
    if settings.json:
        emit("home/1", _document(place, records, count))
        return 0
    _where(place, count)
    for record in records:
        _run(record, now)
    say()
    facts([("next", line) for line in _next(records)[:1]])
    facts([("    ", line) for line in _next(records)[1:]])
    return 0


def _where(place: Place, count: int) -> None:
    from plugwork.registry.index import installed_plugins

    say(f"{bold('plugwork')} {installed_plugins().kernel_version}")
    made = "" if place.home.is_dir() else ", made by the first run"
    facts(
        [
            ("home", f"{shown_path(str(place.home))} {dim(f'({place.chosen_by}{made})')}"),
            ("file", shown_path(str(place.file)) if place.file else "none: defaults"),
            ("runs", f"{count:,}"),
        ],
        "  ",
    )


def _run(record: RunRecord, now: float) -> None:
    word = status_word(record.run.status)
    when = ago(now - record.start_time) if record.start_time is not None else "not started"
    failure = record.summary.failure
    why = f"  {plain_error(failure.message)}" if failure else ""
    say(
        f"    {colored(short_id(record.run.run_id), 'cyan')}  {record.run.job_name}  "
        f"{colored(word, status_color(word))}  {when}{why}"
    )


def _next(records: list[RunRecord]) -> list[str]:
    if not records:
        files = sorted(file.name for file in Path.cwd().glob("*.py") if _defines_job(file))
        first = f"plugwork run {files[0]}" if files else "plugwork init     a project that runs"
        return [first, "plugwork --help   all commands"]
    steps = ["plugwork runs list"]
    if any(record.run.is_failure for record in records):
        steps.insert(0, "plugwork runs show @last-failed")
    return [*steps, "plugwork --help   all commands"]


def _defines_job(file: Path) -> bool:
    """Guess from the text; no user code is imported."""
    try:
        text = file.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return False
    return "plugwork" in text and "job" in text


def _document(place: Place, records: list[RunRecord], count: int) -> dict[str, Any]:
    from plugwork.cli.runs.document import run_summary

    return {
        "home": str(place.home),
        "file": str(place.file) if place.file else None,
        "chosen_by": place.chosen_by,
        "runs": count,
        "latest": [run_summary(record) for record in records],
    }
