"""The instance's configuration: defaults, below the file, below the file of a profile."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path as FilePath
from typing import Any

import attrs

from plugwork.abc.specs import KINDS
from plugwork.config.document import Document, load_document
from plugwork.config.merging import merge_documents
from plugwork.config.place import FILE_NAME, Place
from plugwork.config.places import DEFAULT, Path, PositionMap, Source
from plugwork.config.walk import closest
from plugwork.errors import InvalidConfigError, Problem

PROFILE_VARIABLE = "PLUGWORK_PROFILE"

_PROFILE = re.compile(r"[A-Za-z0-9_-]+")
#: Sections that name a component: a profile replaces them whole, for the settings of one component
#: mean nothing to another.
COMPONENT_KEYS = frozenset(key for info in KINDS.values() for key in info.keys)


@attrs.frozen
class Layered:
    """What the files of an instance say together."""

    value: Mapping[str, Any]
    positions: PositionMap
    place: Place
    #: The files that were read, the strongest last.
    files: tuple[FilePath, ...]
    profile: str | None

    def provenance(self, path: Path) -> Source:
        """Tell what gave a value: a place in a file, or the default."""
        found = self.positions.places.get(path)
        return found[1] if found and path else DEFAULT


def load_layers(
    place: Place,
    profile: str | None,
    environ: Mapping[str, str],
    cwd: FilePath | None = None,
) -> Layered:
    """Read the file of a place, and that of the profile over it.

    :param profile: what ``--profile`` gave; else PLUGWORK_PROFILE counts.
    :param cwd: files below it are named from there in messages.
    :raises InvalidConfigError: with the problems of the first file that cannot be read.
    """
    profile = profile or environ.get(PROFILE_VARIABLE) or None
    files = [place.file] if place.file else []
    if profile:
        files.append(_profile_file(place, profile))
    documents = [load_document(file, _shown(file, cwd)) for file in files]
    merged = Document({}, PositionMap(FILE_NAME))
    for n, document in enumerate(documents):
        merged = overlay(merged, document) if n else document
    return Layered(merged.value, merged.positions, place, tuple(files), profile)


def overlay(below: Document, above: Document) -> Document:
    """Lay one document over another: mappings merge; lists and component sections are replaced."""
    return merge_documents(below, above, COMPONENT_KEYS)


def _profile_file(place: Place, profile: str) -> FilePath:
    """Return the file of a profile, which must be there: a profile that is not is a mistake."""
    if not _PROFILE.fullmatch(profile):
        message = f'a profile is named by letters, digits, "_" and "-", got "{profile}"'
        raise _refused(Problem("PW-CFG-012", message, source="--profile"))
    stem = (place.file or FilePath(FILE_NAME)).stem
    file = place.folder / f"{stem}.{profile}.yaml"
    if file.exists():
        return file
    known = sorted(each.name.split(".")[-2] for each in place.folder.glob(f"{stem}.*.yaml"))
    close = closest(profile, known)
    hint = f"profiles here: {', '.join(known)}" if known else f"make {file.name} beside the file"
    better = f'; did you mean "{close}"?' if close else ""
    message = f'the profile "{profile}" has no file {file.name}{better}'
    raise _refused(Problem("PW-CFG-008", message, source="--profile", hint=hint))


def _refused(problem: Problem) -> InvalidConfigError:
    return InvalidConfigError("the profile cannot be used:", [problem])


def _shown(file: FilePath, cwd: FilePath | None) -> str:
    if cwd is not None and file.is_relative_to(cwd):
        return str(file.relative_to(cwd))
    return str(file)
