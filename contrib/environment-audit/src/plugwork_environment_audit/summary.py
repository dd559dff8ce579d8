"""The audit of a whole environment: one row a distribution, the findings, the totals."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TypeVar

import attrs

from plugwork_environment_audit.audit import Content, DistributionAudit, RecordState
from plugwork_environment_audit.environment import EnvironmentFacts
from plugwork_environment_audit.findings import Finding, Rules, find_all
from plugwork_environment_audit.hashing import FileState
from plugwork_environment_audit.licences import Family
from plugwork_environment_audit.metadata import canonical_name
from plugwork_environment_audit.relations import ImportEdge, Relations, relate

Key = TypeVar("Key")


@attrs.frozen
class DistributionRow:
    """What the report says of one distribution."""

    name: str
    version: str
    summary: str
    location: str
    shadowed: bool
    licence: str
    licence_source: str
    family: Family
    record: RecordState
    files: Mapping[FileState, int]
    sizes: Mapping[Content, int]
    #: Number of distributions that this one imports, and that import it.
    imports: int
    imported_by: int
    unparsed: int

    @property
    def size(self) -> int:
        """Bytes on disk."""
        return sum(self.sizes.values())

    @property
    def file_count(self) -> int:
        """Number of files."""
        return sum(self.files.values())


@attrs.frozen
class AuditReport:
    """Everything that the page and the tables show."""

    python: str
    interpreter: str | None
    prefix: str
    paths: tuple[str, ...]
    #: The heaviest first.
    rows: tuple[DistributionRow, ...]
    edges: tuple[ImportEdge, ...]
    #: Problems first, then hints.
    findings: tuple[Finding, ...]

    @property
    def size(self) -> int:
        """Bytes on disk of all distributions."""
        return sum(row.size for row in self.rows)

    @property
    def file_count(self) -> int:
        """Number of files of all distributions."""
        return sum(row.file_count for row in self.rows)

    @property
    def problems(self) -> tuple[Finding, ...]:
        """What somebody should mend."""
        return tuple(finding for finding in self.findings if finding.is_problem)

    def files(self) -> Counter[FileState]:
        """Count files by state."""
        return _added(row.files for row in self.rows)

    def sizes(self) -> Counter[Content]:
        """Add up bytes by what they are."""
        return _added(row.sizes for row in self.rows)

    def families(self) -> Counter[Family]:
        """Count distributions by the family of their licence."""
        return Counter(row.family for row in self.rows)

    def unknown_licences(self) -> int:
        """Count distributions whose licence is unknown."""
        return self.families()[Family.UNKNOWN]

    def numbers(self) -> dict[str, int]:
        """Return the totals by name, for logs and metadata."""
        files = self.files()
        return {
            "distributions": len(self.rows),
            "files": self.file_count,
            "bytes": self.size,
            "verified": files[FileState.VERIFIED],
            "damaged": files[FileState.DAMAGED],
            "missing": files[FileState.MISSING],
            "unreadable": files[FileState.UNREADABLE],
            "unknown_licences": self.unknown_licences(),
            "problems": len(self.problems),
        }


def summarise(
    environment: EnvironmentFacts, audits: Sequence[DistributionAudit], rules: Rules
) -> AuditReport:
    """Put the audits of all distributions together."""
    relations = relate(audits, environment.markers, environment.standard_modules)
    return AuditReport(
        python=environment.python,
        interpreter=environment.interpreter,
        prefix=environment.prefix,
        paths=environment.paths,
        rows=tuple(_rows(audits, relations)),
        edges=relations.edges,
        findings=tuple(find_all(audits, relations, rules)),
    )


def _rows(audits: Iterable[DistributionAudit], relations: Relations) -> Iterator[DistributionRow]:
    imports = Counter(edge.importer for edge in relations.edges)
    imported = Counter(edge.imported for edge in relations.edges)
    for audit in sorted(audits, key=lambda audit: (-audit.size, audit.found.key)):
        name = "" if audit.found.shadowed else canonical_name(audit.found.name)
        yield _row(audit, imports[name], imported[name])


def _row(audit: DistributionAudit, imports: int, imported_by: int) -> DistributionRow:
    return DistributionRow(
        name=audit.found.name,
        version=audit.found.version,
        summary=audit.summary,
        location=audit.found.location,
        shadowed=audit.found.shadowed,
        licence=audit.licence.expression,
        licence_source=audit.licence.source,
        family=audit.licence.family,
        record=audit.record,
        files=audit.files,
        sizes=audit.sizes,
        imports=imports,
        imported_by=imported_by,
        unparsed=audit.unparsed,
    )


def _added(counts: Iterable[Mapping[Key, int]]) -> Counter[Key]:
    total: Counter[Key] = Counter()
    for count in counts:
        total.update(count)
    return total
