"""Names that the shell completes, remembered: TAB must open no storage and run no user code."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from plugwork.registry.cache import cache_dir

_RUNS = 50
_FILES = 100


def remembered() -> dict[str, Any]:
    """Return ``{"runs": {id: words}, "jobs": {file: names}}``; what is odd is as good as absent."""
    empty: dict[str, Any] = {"runs": {}, "jobs": {}}
    file = _file()
    try:
        found = json.loads(file.read_bytes()) if file else empty
    except (OSError, ValueError):
        return empty
    is_ours = isinstance(found, dict) and all(isinstance(found.get(k), dict) for k in empty)
    return found if is_ours else empty


def remember_runs(runs: Iterable[tuple[str, str]]) -> None:
    """Keep run ids, each with words that tell of it; the newest first."""
    known = remembered()
    known["runs"] = dict([*runs, *known["runs"].items()][:_RUNS])
    _write(known)


def remember_jobs(file: str, names: Iterable[str]) -> None:
    """Keep the names of the jobs of a file."""
    known = remembered()
    known["jobs"].pop(file, None)
    known["jobs"] = dict([(file, sorted(names)), *known["jobs"].items()][:_FILES])
    _write(known)


def _file() -> Path | None:
    place = cache_dir()
    return place.parent / "names.json" if place else None


def _write(known: dict[str, Any]) -> None:
    file = _file()
    if file is None:
        return
    draft = file.with_suffix(f".{os.getpid()}.tmp")
    try:
        draft.write_text(json.dumps(known))
        draft.replace(file)
    except OSError:
        draft.unlink(missing_ok=True)
