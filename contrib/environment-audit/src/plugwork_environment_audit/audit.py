"""Look into one installed distribution."""

from __future__ import annotations

import enum
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path, PurePosixPath

import attrs

from plugwork_environment_audit import sources
from plugwork_environment_audit.hashing import FileCheck, FileState, check_files
from plugwork_environment_audit.imports import FileImports, scan_file
from plugwork_environment_audit.inventory import FoundDistribution
from plugwork_environment_audit.licences import Licence, LicenceSource, find_licence
from plugwork_environment_audit.metadata import editable_source, read_metadata
from plugwork_environment_audit.record import read_record

#: Source files larger than this are data in disguise; parsing them costs seconds.
MAX_SOURCE_BYTES = 1_000_000


class Content(enum.StrEnum):
    """What the bytes of a distribution are."""

    SOURCE = "Python source"
    NATIVE = "native code"
    BYTE_CODE = "byte code"
    DATA = "data and other"


class RecordState(enum.StrEnum):
    """How a distribution's files can be checked."""

    HASHED = "hashed"
    #: A list of files exists, without hashes.
    LISTED = "listed"
    #: The source lies in a project folder, and changes there.
    EDITABLE = "editable"
    NONE = "no record"


@attrs.frozen
class DistributionAudit:
    """What was found out about one distribution, from its own files alone."""

    found: FoundDistribution
    summary: str
    licence: Licence
    record: RecordState
    #: Number of files by :class:`~hashing.FileState`; states that do not occur are left out.
    files: Mapping[FileState, int]
    #: Bytes on disk by :class:`Content`.
    sizes: Mapping[Content, int]
    #: Files that are damaged, missing or unreadable.
    problems: tuple[FileCheck, ...]
    #: Shortest dotted names that this distribution alone provides.
    roots: tuple[str, ...]
    #: Imports of each source file that has any.
    imports: tuple[FileImports, ...]
    #: Source files that were not parsed: too large, or not for this Python.
    unparsed: int
    requires: tuple[str, ...]

    @property
    def size(self) -> int:
        """Bytes on disk."""
        return sum(self.sizes.values())

    @property
    def file_count(self) -> int:
        """Number of files that belong to the distribution."""
        return sum(self.files.values())


def audit_strictly(
    found: FoundDistribution, max_source_bytes: int = MAX_SOURCE_BYTES
) -> DistributionAudit:
    """Check a distribution's files, and read its licence and imports; all of it can be read.

    :param max_source_bytes: larger source files are not parsed for imports.
    :raises OSError: if a file cannot be read; one that is missing or damaged is a result.
    """
    audit = _look_into(found, max_source_bytes)
    for problem in audit.problems:
        if problem.state is FileState.UNREADABLE:
            raise OSError(f"{problem.path} of {found.name} cannot be read: {problem.detail}")
    return audit


def audit_anyway(
    found: FoundDistribution, max_source_bytes: int = MAX_SOURCE_BYTES
) -> DistributionAudit:
    """Do what :func:`audit_strictly` does, but report a file that cannot be read as a problem."""
    try:
        return _look_into(found, max_source_bytes)
    except OSError as error:
        return _unreadable(found, error)


def _look_into(found: FoundDistribution, max_source_bytes: int) -> DistributionAudit:
    metadata_path = Path(found.metadata_path)
    metadata = read_metadata(metadata_path)
    entries = read_record(metadata_path)
    location = Path(found.location)
    checks = check_files(location, entries or ())
    project = editable_source(metadata_path)
    edited = list(sources.editable_files(metadata_path, project)) if project else []
    recorded = [(location, check.path) for check in checks if check.size]
    imports, unparsed = scan_files([*recorded, *edited], max_source_bytes)
    paths = [*(check.path for check in checks), *(path for _, path in edited)]
    return DistributionAudit(
        found=found,
        summary=metadata.summary,
        licence=find_licence(metadata, metadata_path),
        record=_record_state(checks, recorded=entries is not None, editable=project is not None),
        files=dict(Counter(check.state for check in checks)),
        sizes=sizes_by_content(checks),
        problems=tuple(check for check in checks if is_problem(check)),
        roots=sources.import_roots(paths),
        imports=imports,
        unparsed=unparsed,
        requires=metadata.requires,
    )


def _unreadable(found: FoundDistribution, error: OSError) -> DistributionAudit:
    """Report a distribution whose own metadata cannot be read, as one unreadable file."""
    path = error.filename or found.metadata_path
    problem = FileCheck(str(path), FileState.UNREADABLE, detail=error.strerror or str(error))
    return DistributionAudit(
        found=found,
        summary="",
        licence=Licence("", LicenceSource.NONE),
        record=RecordState.NONE,
        files={FileState.UNREADABLE: 1},
        sizes={},
        problems=(problem,),
        roots=(),
        imports=(),
        unparsed=0,
        requires=(),
    )


def is_problem(check: FileCheck) -> bool:
    """Say whether a file is not as it was installed."""
    return check.state in (FileState.DAMAGED, FileState.MISSING, FileState.UNREADABLE)


def sizes_by_content(checks: Iterable[FileCheck]) -> dict[Content, int]:
    """Add up bytes by what they are."""
    sizes: Counter[Content] = Counter()
    for check in checks:
        sizes[content_of(check.path)] += check.size
    return dict(sizes)


def content_of(path: str) -> Content:
    """Class a file by its name."""
    name = PurePosixPath(path).name
    if name.endswith((".py", ".pyi")):
        return Content.SOURCE
    if name.endswith(".pyc"):
        return Content.BYTE_CODE
    if name.endswith((".so", ".pyd", ".dll", ".dylib", ".a", ".exe")) or ".so." in name:
        return Content.NATIVE
    return Content.DATA


def scan_files(
    files: Iterable[tuple[Path, str]], max_source_bytes: int
) -> tuple[tuple[FileImports, ...], int]:
    """Read the imports of all source files.

    :param files: pairs of a folder and a path relative to it; other files are passed over.
    :returns: what was read, and the number of files that could not be parsed.
    """
    paths = [(root, path) for root, path in files if sources.is_source(path)]
    scans = [scan_file(root, path, max_source_bytes) for root, path in paths]
    kept = tuple(scan for scan in scans if scan is not None and (scan.hard or scan.soft))
    return kept, scans.count(None)


def _record_state(checks: list[FileCheck], *, recorded: bool, editable: bool) -> RecordState:
    if editable:
        return RecordState.EDITABLE
    if not recorded:
        return RecordState.NONE
    plain = (FileState.UNHASHED, FileState.MISSING)
    hashed = any(check.state not in plain for check in checks)
    return RecordState.HASHED if hashed else RecordState.LISTED
