"""The page: its head, its headline numbers, its sections."""

from __future__ import annotations

from html import escape
from importlib.resources import files

from plugwork_environment_audit.report import sections, words
from plugwork_environment_audit.summary import AuditReport

#: The browser runs nothing and loads nothing, whatever a package wrote into its metadata.
POLICY = "default-src 'none'; style-src 'unsafe-inline'"
HEAVIEST = 15


def render_page(report: AuditReport, *, heaviest: int = HEAVIEST, note: str = "") -> str:
    """Render the report as one self-contained HTML document.

    :param heaviest: number of distributions in the chart of sizes.
    :param note: a line at the end, such as which run made the page.
    """
    title = f"Environment audit: {report.prefix}"
    style = files(__package__).joinpath("page.css").read_text(encoding="utf-8")
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{escape(POLICY)}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="color-scheme" content="light dark">'
        f"<title>{escape(title)}</title><style>{style}</style></head><body>"
        '<a class="skip" href="#problems">Skip to the problems</a>'
        f"{_header(report)}<main>{_body(report, heaviest)}</main>{_footer(note)}</body></html>\n"
    )


def _header(report: AuditReport) -> str:
    where = report.interpreter or ", ".join(report.paths)
    return (
        f'<header><p class="kind">Environment audit</p><h1>{escape(report.prefix)}</h1>'
        f'<p class="where">{escape(report.python)} · {escape(where)}</p>{_verdict(report)}</header>'
    )


def _verdict(report: AuditReport) -> str:
    count = len(report.problems)
    if not count:
        return '<p class="verdict good"><span aria-hidden="true">✓</span> No problem found</p>'
    text = f"{words.counted(count, 'problem')} found"
    return f'<p class="verdict bad"><span aria-hidden="true">!</span> {text}</p>'


def _body(report: AuditReport, heaviest: int) -> str:
    return "".join(
        [
            _tiles(report),
            sections.problems(report),
            sections.heaviest(report, heaviest),
            f'<div class="pair">{sections.integrity(report)}{sections.licences(report)}</div>',
            sections.imports(report),
            sections.hints(report),
            sections.distributions(report),
        ]
    )


def _tiles(report: AuditReport) -> str:
    numbers = report.numbers()
    tiles = [
        ("distributions", words.number(numbers["distributions"]), False),
        ("files", words.number(numbers["files"]), False),
        ("on disk", words.size(report.size), False),
        ("damaged", words.number(numbers["damaged"]), numbers["damaged"] > 0),
        ("missing", words.number(numbers["missing"]), numbers["missing"] > 0),
        (
            "unknown licences",
            words.number(report.unknown_licences()),
            report.unknown_licences() > 0,
        ),
    ]
    items = "".join(
        f'<div class="tile{" bad" if bad else ""}"><dt>{label}</dt><dd>{value}</dd></div>'
        for label, value, bad in tiles
    )
    return f'<dl class="tiles" aria-label="Totals">{items}</dl>'


def _footer(note: str) -> str:
    made = f" · {escape(note)}" if note else ""
    return f"<footer><p>Made by plugwork-environment-audit{made}</p></footer>"
