"""Read the metadata of installed distributions; the one module that uses importlib_metadata."""

from __future__ import annotations

import os
import re

from plugwork.registry.entries import PREFIX, Distribution, normalised

KERNEL = "plugwork"
_FILE = "entry_points.txt"
_FOLDERS = (".dist-info", ".egg-info", "egg-info")
_REQUIREMENT = re.compile(
    r"\s*(?P<name>[\w.-]+)\s*(?:\[[^]]*\])?\s*\(?(?P<versions>[^;)@]*)\)?\s*$"
)


def scan(folder: str) -> tuple[list[Distribution], int]:
    """Read what the distributions of one ``sys.path`` folder announce.

    :return: those that concern plugwork, and the number of all.
    :raises OSError: the folder cannot be listed.
    """
    names = sorted(name for name in os.listdir(folder) if name.lower().endswith(_FOLDERS))
    found = [_read(os.path.join(folder, name)) for name in names]
    return [each for each in found if each is not None], len(names)


def _read(place: str) -> Distribution | None:
    file = os.path.join(place, _FILE)
    try:
        changed = os.stat(file).st_mtime_ns
        with open(file, encoding="utf-8", errors="replace") as stream:
            if KERNEL not in stream.read():
                return None
    except OSError:
        return None
    try:
        return _parse(place, file, changed)
    except Exception as error:  # noqa: BLE001 - one damaged distribution must not hide the others
        name, _, version = os.path.basename(place).rpartition(".")[0].partition("-")
        problem = f"its metadata cannot be read: {type(error).__name__}: {error}"
        return Distribution(name, version, "", "", file, changed, problem=problem)


def _parse(place: str, file: str, changed: int) -> Distribution | None:
    import importlib_metadata

    found = importlib_metadata.Distribution.at(place)
    points = tuple(
        (point.group.removeprefix(PREFIX), point.name, point.value.partition("[")[0].strip())
        for point in found.entry_points
        if point.group.startswith(PREFIX)
    )
    if not points and normalised(found.name) != KERNEL:
        return None
    return Distribution(
        name=found.name,
        version=found.version,
        summary=found.metadata["Summary"] or "" if "Summary" in found.metadata else "",
        requires=kernel_requirement(found.requires or []),
        file=file,
        changed=changed,
        points=points,
    )


def kernel_requirement(requires: list[str]) -> str:
    """Return the version clauses of the unconditional requirements of the kernel.

    A requirement under a marker (an extra, a Python version) is the installer's affair.
    """
    matches = (_REQUIREMENT.match(text) for text in requires)
    return ",".join(
        match["versions"].strip()
        for match in matches
        if match and normalised(match["name"]) == KERNEL and match["versions"].strip()
    )
