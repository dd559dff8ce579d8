"""Who imports whom in an environment, and how that fits what is declared."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

import attrs
from packaging.requirements import InvalidRequirement, Requirement
from packaging.version import InvalidVersion

from plugwork_environment_audit.audit import DistributionAudit
from plugwork_environment_audit.metadata import canonical_name


@attrs.frozen
class ImportEdge:
    """One distribution imports another."""

    #: Canonical names.
    importer: str
    imported: str
    #: Number of the importer's files that do so.
    files: int
    #: Whether at least one does so whenever it is imported itself.
    hard: bool


@attrs.frozen
class Relations:
    """The import graph of an environment, compared with the declared dependencies."""

    edges: tuple[ImportEdge, ...]
    #: Hard imports of a distribution that the importer does not declare, not even for an extra.
    undeclared: tuple[ImportEdge, ...]
    #: Pairs of a distribution and a requirement of it that no file of it imports.
    unused: tuple[tuple[str, str], ...]
    #: Pairs of a distribution and a requirement line that the environment does not fulfil.
    unmet: tuple[tuple[str, str], ...]


@attrs.frozen
class _Declared:
    """A requirement line of one distribution, understood."""

    owner: str
    requirement: Requirement
    #: Whether it holds here, no extra being asked for.
    applies: bool

    @property
    def name(self) -> str:
        return canonical_name(self.requirement.name)


def relate(
    audits: Iterable[DistributionAudit],
    markers: Mapping[str, str],
    standard_modules: frozenset[str],
) -> Relations:
    """Work out the import graph.

    :param audits: all distributions of the environment; shadowed ones are left out.
    :param markers: the environment's marker values.
    :param standard_modules: top-level names that are never a distribution's.
    """
    active = {canonical_name(a.found.name): a for a in audits if not a.found.shadowed}
    owners = {root: name for name, audit in active.items() for root in audit.roots}
    edges = tuple(_edges(active, owners, standard_modules))
    declared = [each for name, a in active.items() for each in _declared(name, a, markers)]
    return Relations(
        edges=edges,
        undeclared=tuple(_undeclared(edges, declared)),
        unused=tuple(_unused(edges, declared, active)),
        unmet=tuple(_unmet(declared, active)),
    )


def _edges(
    active: Mapping[str, DistributionAudit],
    owners: Mapping[str, str],
    standard_modules: frozenset[str],
) -> Iterator[ImportEdge]:
    for importer, audit in active.items():
        files: defaultdict[str, int] = defaultdict(int)
        hard: set[str] = set()
        for scan in audit.imports:
            firmly = _owners_of(scan.hard, owners, standard_modules)
            for imported in firmly | _owners_of(scan.soft, owners, standard_modules):
                files[imported] += 1
            hard |= firmly
        for imported in sorted(files.keys() - {importer}):
            yield ImportEdge(importer, imported, files[imported], imported in hard)


def _owners_of(
    names: Iterable[str], owners: Mapping[str, str], standard_modules: frozenset[str]
) -> set[str]:
    """Return whose modules these names are, each found by its longest known beginning."""
    found = (
        _owner(name, owners) for name in names if name.partition(".")[0] not in standard_modules
    )
    return {owner for owner in found if owner}


def _owner(name: str, owners: Mapping[str, str]) -> str | None:
    while name:
        if name in owners:
            return owners[name]
        name = name.rpartition(".")[0]
    return None


def _declared(
    owner: str, audit: DistributionAudit, markers: Mapping[str, str]
) -> Iterator[_Declared]:
    environment = {**markers, "extra": ""}
    for line in audit.requires:
        try:
            requirement = Requirement(line)
        except InvalidRequirement:
            continue
        marker = requirement.marker
        yield _Declared(owner, requirement, marker is None or marker.evaluate(environment))


def _undeclared(edges: Iterable[ImportEdge], declared: Iterable[_Declared]) -> list[ImportEdge]:
    known = {(each.owner, each.name) for each in declared}
    return [edge for edge in edges if edge.hard and (edge.importer, edge.imported) not in known]


def _unused(
    edges: Iterable[ImportEdge],
    declared: Iterable[_Declared],
    active: Mapping[str, DistributionAudit],
) -> Iterator[tuple[str, str]]:
    """Find requirements that are never imported, where an import could be expected.

    Not expected: of a distribution without modules, and by one whose source was not seen.
    """
    used = {(edge.importer, edge.imported) for edge in edges}
    for each in declared:
        pair = (each.owner, each.name)
        required = active.get(each.name)
        expected = required is not None and required.roots and active[each.owner].imports
        if each.applies and expected and pair not in used and each.owner != each.name:
            yield pair


def _unmet(
    declared: Iterable[_Declared], active: Mapping[str, DistributionAudit]
) -> Iterator[tuple[str, str]]:
    for each in declared:
        if each.applies and not _fulfilled(each.requirement, active.get(each.name)):
            yield each.owner, str(each.requirement)


def _fulfilled(requirement: Requirement, installed: DistributionAudit | None) -> bool:
    if installed is None:
        return False
    try:
        return requirement.specifier.contains(installed.found.version, prereleases=True)
    except InvalidVersion:
        return True
