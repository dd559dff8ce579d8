from __future__ import annotations

import csv
import importlib.util
import io
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from plugwork_environment_audit import publishing, tables
from plugwork_environment_audit.relations import ImportEdge
from plugwork_environment_audit.report import graph, words
from plugwork_environment_audit.report.page import render_page

VOID = {"meta", "br", "link", "img", "hr"}


class Outline(HTMLParser):
    """Checks that every element is closed, and collects what the tests ask for."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []
        self.feed(html)
        assert self.open == []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attributes)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attributes)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def broken_site(site: Any) -> Any:
    site.install("app", {"app.py": "import lib\n"}, fields=("License: ask Bob",))
    site.install("lib", {"lib.py": "", "lib/data.bin": b"x" * 4000})
    (site.path / "lib.py").write_text("changed")
    return site


def test_the_page_is_well_formed_and_shows_what_matters(site: Any) -> None:
    outline = Outline(render_page(broken_site(site).report(), note="run 42"))
    text = " ".join(outline.text)
    for phrase in ("2 problems found", "damaged file", "lib.py", "ask Bob", "run 42"):
        assert phrase in text


def test_the_page_of_a_sound_environment_says_so(site: Any) -> None:
    site.install("lib", {"lib.py": ""})
    assert "No problem found" in render_page(site.report())


def test_the_page_of_an_empty_environment_can_be_made(site: Any) -> None:
    assert "No distribution imports another" in render_page(site.report())


def test_the_page_needs_nothing_from_elsewhere_and_runs_nothing(site: Any) -> None:
    outline = Outline(render_page(broken_site(site).report()))
    names = {tag for tag, _ in outline.tags}
    assert not names & {"script", "link", "img", "iframe", "object"}
    attributes = [pair for _, given in outline.tags for pair in given.items()]
    assert not [name for name, _ in attributes if name in ("src", "srcset") or name[:2] == "on"]
    assert all((value or "").startswith("#") for name, value in attributes if name == "href")


def test_what_packages_write_into_their_metadata_stays_text(site: Any) -> None:
    evil = '"><script>alert(1)</script>'
    site.install("evil", {"evil.py": ""}, fields=(f"License: {evil}", f"Summary: {evil}"))
    site.install("host", {f"host/{evil[2:10]}.txt": "x"}, version="1.0<b>")
    html = render_page(site.report())
    assert "<script" not in html
    assert "<b>" not in html


def test_every_drawing_has_a_text_for_those_who_do_not_see_it(site: Any) -> None:
    outline = Outline(render_page(broken_site(site).report()))
    drawings = [given for tag, given in outline.tags if tag == "svg" and given["class"] != "key"]
    assert len(drawings) >= 4
    assert all(given["role"] == "img" and given["aria-label"] for given in drawings)


def test_headings_are_referred_to_by_ids_that_exist_once(site: Any) -> None:
    outline = Outline(render_page(broken_site(site).report()))
    ids = [given["id"] for _, given in outline.tags if "id" in given]
    assert len(ids) == len(set(ids))
    labels = [given["aria-labelledby"] for _, given in outline.tags if "aria-labelledby" in given]
    assert labels
    assert set(labels) <= set(ids)


def test_bars_stay_within_the_drawing(site: Any) -> None:
    files = {f"p{n}/x.{kind}": b"x" for n in range(3) for kind in ("py", "so", "pyc", "txt")}
    site.install("many", files)
    site.install("huge", {"huge.txt": b"x" * 100_000})
    outline = Outline(render_page(site.report()))
    bars = [g for tag, g in outline.tags if tag == "rect" and str(g.get("x", "")).endswith("%")]
    ends = [float(str(g["x"])[:-1]) + float(str(g["width"])[:-1]) for g in bars]
    assert bars
    assert max(ends) <= 100.01


def test_the_graph_is_the_same_for_the_same_edges_and_keeps_the_most_connected() -> None:
    edges = [ImportEdge(f"p{n}", "hub", 1, True) for n in range(80)]
    drawing = graph.import_graph(edges)
    assert drawing == graph.import_graph(edges)
    nodes = ElementTree.fromstring(drawing).findall("g")
    assert len(nodes) == graph.MOST
    assert "hub" in graph.most_connected(edges)


def test_neighbours_stand_together_on_the_circle() -> None:
    pairs = [ImportEdge(f"a{n}", f"z{n}", 1, True) for n in range(6)]
    order = graph.arranged(graph.most_connected(pairs), pairs)
    apart = [abs(order.index(e.importer) - order.index(e.imported)) for e in pairs]
    assert sum(min(gap, len(order) - gap) for gap in apart) < 6 * 6


def test_no_edge_gives_no_graph() -> None:
    assert graph.import_graph([]) == ""


@pytest.mark.parametrize(
    ("count", "text"),
    [(0, "0 B"), (999, "999 B"), (1000, "1.0 kB"), (99_960, "100 kB"), (999_600, "1.0 MB"),
     (50_581_882, "50.6 MB"), (7_000_000_000_000_000, "7000 TB")],
)  # fmt: skip
def test_sizes_are_written_short(count: int, text: str) -> None:
    assert words.size(count) == text


def rows_of(data: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(data.decode())))


def test_the_tables_hold_every_distribution_import_and_finding(site: Any) -> None:
    report = broken_site(site).report()
    files = tables.files_of(report)
    distributions = rows_of(files["distributions.csv"])
    assert [row["name"] for row in distributions] == ["lib", "app"]
    assert distributions[0]["damaged_files"] == "1"
    assert rows_of(files["imports.csv"])[0]["imported"] == "lib"
    kinds = [row["kind"] for row in rows_of(files["findings.csv"])]
    assert kinds[:2] == ["damaged file", "unknown licence"]


def test_tables_of_an_empty_environment_are_empty(site: Any) -> None:
    files = tables.files_of(site.report())
    assert rows_of(files["distributions.csv"]) == []


def test_a_cell_is_no_formula_for_a_spreadsheet(site: Any) -> None:
    site.install("evil", fields=("License: MIT", "Summary: =cmd()"))
    [row] = rows_of(tables.files_of(site.report())["distributions.csv"])
    assert row["summary"] == "'=cmd()"


@pytest.mark.skipif(importlib.util.find_spec("pyarrow") is None, reason="pyarrow is not installed")
def test_parquet_holds_what_the_csv_holds(site: Any) -> None:
    from pyarrow import parquet

    files = tables.files_of(broken_site(site).report())
    for name in ("distributions", "imports", "findings"):
        table = parquet.read_table(io.BytesIO(files[f"{name}.parquet"]))
        assert table.num_rows == len(rows_of(files[f"{name}.csv"]))


def test_without_pyarrow_there_are_csv_files_only(
    site: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tables, "has_parquet", lambda: False)
    assert {Path(name).suffix for name in tables.files_of(site.report())} == {".csv"}


def test_results_are_published_whole_and_replace_older_ones(tmp_path: Path) -> None:
    folder = tmp_path / "deep" / "results"
    publishing.publish(str(folder), {"a.csv": b"old"})
    places = publishing.publish(str(folder), {"a.csv": b"new"})
    assert places == {"a.csv": str(folder / "a.csv")}
    assert [path.read_bytes() for path in folder.iterdir()] == [b"new"]


def test_a_failed_publication_leaves_no_part_behind(tmp_path: Path) -> None:
    (tmp_path / "a.csv").mkdir()
    with pytest.raises(OSError):
        publishing.publish(str(tmp_path), {"a.csv": b"data"})
    assert [path.name for path in tmp_path.iterdir()] == ["a.csv"]


def test_the_log_tells_the_numbers_and_the_places(site: Any) -> None:
    lines = list(publishing.told(broken_site(site).report(), {"page": "/results/page.html"}))
    assert lines[0].startswith("2 distributions, ")
    assert "1 damaged, 0 missing, 1 unknown licence" in lines[1]
    assert lines[-1] == "page: /results/page.html"
