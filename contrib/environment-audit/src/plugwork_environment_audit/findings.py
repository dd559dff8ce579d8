"""What is worth a reader's attention: problems to mend, and hints."""

from __future__ import annotations

import enum
from collections.abc import Iterable, Iterator

import attrs

from plugwork_environment_audit.allowance import is_allowed
from plugwork_environment_audit.audit import DistributionAudit, RecordState
from plugwork_environment_audit.hashing import FileState
from plugwork_environment_audit.relations import Relations


class FindingKind(enum.StrEnum):
    """What was found, in the order of the report."""

    DAMAGED = "damaged file"
    MISSING = "missing file"
    UNREADABLE = "unreadable file"
    UNMET = "unmet requirement"
    UNKNOWN_LICENCE = "unknown licence"
    REFUSED_LICENCE = "licence not allowed"
    SHADOWED = "shadowed"
    NO_HASHES = "not verifiable"
    UNDECLARED = "undeclared import"
    UNUSED = "unused requirement"


#: Kinds that are only a hint: they may well be intended.
HINTS = {
    FindingKind.SHADOWED,
    FindingKind.NO_HASHES,
    FindingKind.UNDECLARED,
    FindingKind.UNUSED,
}

_OF_STATE = {
    FileState.DAMAGED: FindingKind.DAMAGED,
    FileState.MISSING: FindingKind.MISSING,
    FileState.UNREADABLE: FindingKind.UNREADABLE,
}


@attrs.frozen
class Rules:
    """What somebody demands of an environment."""

    #: SPDX identifiers that may be used; empty allows every licence that is known.
    allowed_licences: tuple[str, ...] = ()


@attrs.frozen
class Finding:
    """One thing found about one distribution."""

    kind: FindingKind
    distribution: str
    #: The file, requirement, licence or other distribution that it is about.
    subject: str
    detail: str = ""

    @property
    def is_problem(self) -> bool:
        """Whether somebody should mend it."""
        return self.kind not in HINTS


def find_all(
    audits: Iterable[DistributionAudit], relations: Relations, rules: Rules
) -> list[Finding]:
    """List every finding: by kind, then by distribution and subject."""
    found = [*_of_relations(relations)]
    for audit in audits:
        found += [*_of_files(audit), *_of_licence(audit, rules), *_of_install(audit)]
    order = list(FindingKind)
    return sorted(found, key=lambda f: (order.index(f.kind), f.distribution.lower(), f.subject))


def _of_files(audit: DistributionAudit) -> Iterator[Finding]:
    for check in audit.problems:
        yield Finding(_OF_STATE[check.state], audit.found.name, check.path, check.detail)


def _of_licence(audit: DistributionAudit, rules: Rules) -> Iterator[Finding]:
    licence = audit.licence
    if not licence.expression:
        said = f'it says "{licence.written}"' if licence.written else "its metadata names none"
        yield Finding(FindingKind.UNKNOWN_LICENCE, audit.found.name, audit.found.version, said)
    elif rules.allowed_licences and not is_allowed(licence.expression, rules.allowed_licences):
        detail = f"found in: {licence.source}"
        yield Finding(FindingKind.REFUSED_LICENCE, audit.found.name, licence.expression, detail)


def _of_install(audit: DistributionAudit) -> Iterator[Finding]:
    found = audit.found
    if found.shadowed:
        detail = "another copy stands earlier on the import path"
        yield Finding(FindingKind.SHADOWED, found.name, found.version, detail)
    if audit.record in (RecordState.NONE, RecordState.LISTED):
        detail = "no list of its files" if audit.record is RecordState.NONE else "files, no hashes"
        yield Finding(FindingKind.NO_HASHES, found.name, found.version, detail)


def _of_relations(relations: Relations) -> Iterator[Finding]:
    for owner, requirement in relations.unmet:
        yield Finding(FindingKind.UNMET, owner, requirement)
    for edge in relations.undeclared:
        detail = f"in {edge.files} file{'s' if edge.files > 1 else ''}"
        yield Finding(FindingKind.UNDECLARED, edge.importer, edge.imported, detail)
    for owner, requirement in relations.unused:
        yield Finding(FindingKind.UNUSED, owner, requirement, "declared, never imported")
