"""Hand the results over: lines for the log, copies in a folder of the reader's choice."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

from plugwork_environment_audit.report import words
from plugwork_environment_audit.summary import AuditReport

PAGE = "environment-audit.html"


def told(report: AuditReport, places: Mapping[str, str]) -> Iterator[str]:
    """Tell the numbers in a few lines, then where each result is."""
    numbers = report.numbers()
    yield (
        f"{words.counted(numbers['distributions'], 'distribution')}, "
        f"{words.counted(numbers['files'], 'file')}, {words.size(report.size)}"
    )
    yield (
        f"{numbers['verified']:,} verified, {numbers['damaged']:,} damaged, "
        f"{numbers['missing']:,} missing, "
        f"{words.counted(numbers['unknown_licences'], 'unknown licence')}"
    )
    heaviest = ", ".join(f"{row.name} {words.size(row.size)}" for row in report.rows[:3])
    yield f"heaviest: {heaviest}"
    yield from (f"{name}: {place}" for name, place in places.items())


def publish(folder: str, contents: Mapping[str, bytes]) -> dict[str, str]:
    """Write files into a folder, each whole or not at all; files of these names are replaced.

    :returns: the path of each file.
    :raises OSError: if the folder cannot be made or written to.
    """
    target = Path(folder).expanduser().absolute()
    target.mkdir(parents=True, exist_ok=True)
    for name, content in contents.items():
        _replace(target / name, content)
    return {name: str(target / name) for name in contents}


def _replace(path: Path, content: bytes) -> None:
    descriptor, part = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(content)
        Path(part).chmod(0o644)
        Path(part).replace(path)
    except OSError:
        Path(part).unlink(missing_ok=True)
        raise
