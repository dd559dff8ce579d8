"""The sections of the page, each from the report alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from plugwork_environment_audit.audit import Content, RecordState
from plugwork_environment_audit.findings import Finding
from plugwork_environment_audit.hashing import FileState
from plugwork_environment_audit.licences import Family
from plugwork_environment_audit.report import charts, graph, words
from plugwork_environment_audit.report.markup import details, section, table
from plugwork_environment_audit.summary import AuditReport, DistributionRow

#: Problems shown before the rest is left to the tables.
MOST_FINDINGS = 200
MOST_LICENCES = 12
MOST_IMPORTED = 12
FINDING_HEAD = ("Distribution", "What", "Which", "Detail")
RECORDS = {
    RecordState.HASHED: "by the hash of every file",
    RecordState.EDITABLE: "editable: the source is a project's folder",
    RecordState.LISTED: "only whether files exist",
    RecordState.NONE: "not at all: no list of files",
}


def problems(report: AuditReport) -> str:
    """List what somebody should mend."""
    found = report.problems
    if not found:
        lead = "Nothing to mend: every file is as it was installed, every licence is known."
        return section("problems", "Problems", lead)
    lead = f"{words.counted(len(found), 'thing')} to mend."
    return section("problems", "Problems", lead, _findings("Problems", found))


def heaviest(report: AuditReport, count: int) -> str:
    """Draw the heaviest distributions, each split by what its bytes are."""
    rows = [row for row in report.rows[:count] if row.size]
    share = 100 * sum(row.size for row in rows) // (report.size or 1)
    lead = (
        f"The first {len(rows)} of {len(report.rows)} hold {share} % of {words.size(report.size)}."
    )
    totals = report.sizes()
    kinds = [kind for kind in Content if totals[kind]]
    keys = [(_style(kind), f"{kind} {words.size(totals[kind])}") for kind in kinds]
    chart = charts.bar_chart([_size_bar(row) for row in rows], "Heaviest distributions by size")
    head = ("Distribution", *(kind[0].upper() + kind[1:] for kind in Content), "Bytes")
    cells = [_size_cells(row) for row in rows]
    figures = details("Figures", table("Bytes by what they are", head, cells))
    return section("heaviest", "Heaviest packages", lead, charts.legend(keys), chart, figures)


def integrity(report: AuditReport) -> str:
    """Draw how the files compare with their record."""
    files = report.files()
    lead = f"{words.counted(report.file_count, 'file')} compared with what was installed."
    parts = [_state_part(state, files[state]) for state in FileState]
    bar = charts.split_bar(parts, "Files by state")
    keys = [
        (_style(state), f"{state} {words.number(files[state])}")
        for state in FileState
        if files[state] or state in (FileState.DAMAGED, FileState.MISSING)
    ]
    chart = charts.bar_chart(_record_bars(report), "Distributions by kind of record")
    how = "<h3>How the distributions can be checked</h3>"
    return section("integrity", "Integrity", lead, bar, charts.legend(keys), how, chart)


def licences(report: AuditReport) -> str:
    """Draw which licences the distributions have."""
    rows = [row for row in report.rows if not row.shadowed]
    names = {row.licence or "unknown": row.family for row in rows}
    counts = {name: [row for row in rows if (row.licence or "unknown") == name] for name in names}
    order = sorted(counts, key=lambda name: (name != "unknown", -len(counts[name]), name))
    bars = [_licence_bar(name, names[name], counts[name]) for name in order[:MOST_LICENCES]]
    if others := [row for name in order[MOST_LICENCES:] for row in counts[name]]:
        bars.append(_licence_bar("others", Family.OTHER, others))
    chart = charts.bar_chart(bars, "Distributions by licence")
    families = report.families()
    keys = [(_style(family), str(family)) for family in Family if families[family]]
    lead = (
        f"{words.counted(len(order), 'licence')} over {words.counted(len(rows), 'distribution')}."
    )
    who = ((name, len(counts[name]), ", ".join(row.name for row in counts[name])) for name in order)
    figures = details("Who has which", table("Licences", ("Licence", "Number", "Who"), who))
    return section("licences", "Licences", lead, charts.legend(keys), chart, figures)


def imports(report: AuditReport) -> str:
    """Draw who imports whom."""
    drawing = graph.import_graph(report.edges)
    if not drawing:
        return section("imports", "Imports", "No distribution imports another.")
    lead = (
        "Point at a name: what it imports and who imports it light up. "
        "A broken line is an import made only on some condition."
    )
    label = 'tabindex="0" role="region" aria-label="Import graph"'
    frame = f'<div class="scroll" {label}>{drawing}</div>'
    aside = f"<div><h3>Most imported</h3>{_most_imported(report)}</div>"
    head = ("Importer", "Imports", "Files", "Condition")
    rows = ((e.importer, e.imported, e.files, "none" if e.hard else "some") for e in report.edges)
    listing = details("As a table", table("Imports", head, rows))
    keys = charts.legend([("outgoing", "what it imports"), ("incoming", "who imports it")])
    both = f'<div class="beside">{frame}{aside}</div>'
    return section("imports", "Import graph", lead, keys, both, listing)


def hints(report: AuditReport) -> str:
    """List what may well be intended; nothing when there is none."""
    found = [finding for finding in report.findings if not finding.is_problem]
    if not found:
        return ""
    lead = (
        "Worth a look, often intended: a dependency may be used without an import, "
        "and an import may stand in code that only some need."
    )
    title = words.counted(len(found), "hint")
    return section("hints", "Hints", lead, details(title, _findings("Hints", found)))


def distributions(report: AuditReport) -> str:
    """List every distribution."""
    head = (
        "Distribution",
        "Version",
        "Licence",
        "Size",
        "Files",
        "Imports",
        "Imported by",
        "Record",
    )
    rows = ((
        row.name, row.version, row.licence or "unknown", words.size(row.size), row.file_count,
        row.imports, row.imported_by, str(row.record),
    ) for row in report.rows)  # fmt: skip
    lead = "All that is installed, the heaviest first. An editable install's source is not weighed."
    return section("all", "All distributions", lead, table("All distributions", head, rows))


def _findings(caption: str, findings: Iterable[Finding]) -> str:
    found = list(findings)
    rows = [(f.distribution, str(f.kind), f.subject, f.detail) for f in found[:MOST_FINDINGS]]
    listing = table(caption, FINDING_HEAD, rows)
    if len(found) <= MOST_FINDINGS:
        return listing
    rest = words.number(len(found) - MOST_FINDINGS)
    return f'{listing}<p class="lead">{rest} more stand in the table of findings.</p>'


def _size_bar(row: DistributionRow) -> charts.Bar:
    parts = tuple(
        charts.Part(_style(kind), size, f"{row.name}: {kind} {words.size(size)}")
        for kind in Content
        if (size := row.sizes.get(kind, 0))
    )
    return charts.Bar(f"{row.name} {row.version}", words.size(row.size), parts)


def _size_cells(row: DistributionRow) -> list[str | int]:
    return [row.name, *(row.sizes.get(kind, 0) for kind in Content), row.size]


def _record_bars(report: AuditReport) -> list[charts.Bar]:
    counts = Counter(row.record for row in report.rows)
    bars = []
    for record in RecordState:
        if count := counts[record]:
            part = charts.Part(_style(record), count, words.counted(count, "distribution"))
            bars.append(charts.Bar(RECORDS[record], words.number(count), (part,)))
    return bars


def _most_imported(report: AuditReport) -> str:
    importers: dict[str, list[str]] = {}
    for edge in report.edges:
        importers.setdefault(edge.imported, []).append(edge.importer)
    order = sorted(importers, key=lambda name: (-len(importers[name]), name))[:MOST_IMPORTED]
    bars = [
        charts.Bar(
            name,
            words.number(len(importers[name])),
            (charts.Part("incoming", len(importers[name]), ", ".join(importers[name])),),
        )
        for name in order
    ]
    return charts.bar_chart(bars, "Most imported distributions")


def _licence_bar(name: str, family: Family, rows: list[DistributionRow]) -> charts.Bar:
    part = charts.Part(_style(family), len(rows), ", ".join(row.name for row in rows))
    return charts.Bar(name, words.number(len(rows)), (part,))


def _state_part(state: FileState, count: int) -> charts.Part:
    return charts.Part(_style(state), count, f"{state}: {words.counted(count, 'file')}")


def _style(value: str) -> str:
    return f"is-{words.slug(value)}"
