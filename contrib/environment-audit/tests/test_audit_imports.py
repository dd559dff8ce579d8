from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from plugwork_environment_audit.audit import RecordState
from plugwork_environment_audit.imports import FileImports, scan_file, scan_source
from plugwork_environment_audit.sources import import_roots

SOURCE = b'''
"""import docstring_is_no_import"""
import os, plain.sub as p
from package import name, other
from . import sibling
from .near import thing
if TYPE_CHECKING:
    import for_types
else:
    import at_run_time
try:
    import guarded
except ImportError:
    import fallback
try:
    import firm
except KeyError:
    pass
finally:
    import closing
def function():
    import lazy
class Body:
    import in_class
with x:
    import in_with
match x:
    case 1:
        import in_case
for _ in ():
    import in_loop
'''


def scanned(source: bytes, path: str = "pkg/module.py") -> FileImports:
    found = scan_source(source, path)
    assert found is not None
    return found


def test_each_import_is_found_and_its_condition_told() -> None:
    found = scanned(SOURCE)
    assert set(found.hard) == {
        "os", "plain.sub", "package.name", "package.other", "at_run_time", "firm", "closing",
        "in_class", "in_with", "in_loop",
    }  # fmt: skip
    assert set(found.soft) == {"for_types", "guarded", "fallback", "lazy", "in_case"}


def test_an_import_both_ways_is_unconditional() -> None:
    assert scanned(b"import a\ndef f():\n    import a\n") == FileImports("pkg/module.py", ("a",))


@pytest.mark.parametrize("handler", ["", " Exception", " (KeyError, ModuleNotFoundError)"])
def test_every_guard_against_a_missing_module_counts(handler: str) -> None:
    source = f"try:\n    import a\nexcept{handler}:\n    pass\n".encode()
    assert scanned(source).soft == ("a",)


@pytest.mark.parametrize("path", ["pkg/tests/x.py", "test_x.py", "conftest.py", "pkg/testing/y.py"])
def test_what_tests_import_is_conditional(path: str) -> None:
    assert scanned(b"import pytest\n", path).soft == ("pytest",)


def test_source_in_a_declared_encoding_is_read() -> None:
    source = "# -*- coding: latin-1 -*-\nimport a  # größer\n".encode("latin-1")
    assert scanned(source).hard == ("a",)


@pytest.mark.parametrize(
    "source",
    [
        b"import a\nprint 'old'\n",
        b"import a\n\0",
        b'import a\nx = "\xff"\n',
        b"import a\n" + b"(" * 9999,
    ],
)
def test_what_this_python_cannot_parse_is_told_as_nothing(source: bytes) -> None:
    assert scan_source(source, "x.py") is None


def test_old_escapes_in_strings_warn_nobody() -> None:
    assert scanned(b'import a\nx = "\\d"\nif x is "y": pass\n').hard == ("a",)


def test_a_file_beyond_the_limit_is_not_parsed(tmp_path: Path) -> None:
    (tmp_path / "big.py").write_bytes(b"import a\n" * 10)
    assert scan_file(tmp_path, "big.py", limit=89) is None
    assert scan_file(tmp_path, "big.py", limit=90) is not None


def test_roots_are_packages_and_what_stands_in_a_namespace() -> None:
    files = [
        "pkg/__init__.py", "pkg/sub/__init__.py", "single.py", "google/cloud/storage/__init__.py",
        "google/cloud/storage/blob.py", "native.cpython-311-x86_64-linux-gnu.so",
        "pkg-1.0.dist-info/METADATA", "../../bin/tool.py", "pkg/not-a-name.py",
    ]  # fmt: skip
    assert import_roots(files) == ("google.cloud.storage", "native", "pkg", "single")


def edges(site: Any) -> set[tuple[str, str]]:
    return {(edge.importer, edge.imported) for edge in site.report().edges}


def test_the_import_graph_joins_distributions(site: Any) -> None:
    site.install("app", {"app.py": "import json, lib.deep\nfrom other import x\nimport absent\n"})
    site.install("Lib_Name", {"lib/__init__.py": "", "lib/deep.py": "import lib\n"})
    site.install("other", {"other.py": ""})
    assert edges(site) == {("app", "lib-name"), ("app", "other")}


def test_distributions_that_share_a_namespace_are_told_apart(site: Any) -> None:
    site.install("cloud-storage", {"google/cloud/storage/__init__.py": ""})
    site.install("cloud-tasks", {"google/cloud/tasks/__init__.py": "import google\n"})
    site.install("app", {"app.py": "from google.cloud import storage\n"})
    assert edges(site) == {("app", "cloud-storage")}


def test_the_standard_library_is_nobody_s(site: Any) -> None:
    site.install("backport", {"json/__init__.py": ""})
    site.install("app", {"app.py": "import json\n"})
    assert edges(site) == set()


def test_an_edge_counts_files_and_tells_whether_it_binds(site: Any) -> None:
    site.install("lib", {"lib.py": ""})
    soft = "def f():\n    import lib\n"
    site.install("app", {"app/__init__.py": soft, "app/a.py": soft})
    [edge] = site.report().edges
    assert (edge.files, edge.hard) == (2, False)


def editable(site: Any, project: Path, pth: str = "__editable__.pkg-1.0.pth") -> None:
    """Install a project as an editable install does: a path line, and where it came from."""
    source = project / "src" / "pkg"
    source.mkdir(parents=True)
    (source / "__init__.py").write_text("import lib\n")
    origin = json.dumps({"url": project.as_uri(), "dir_info": {"editable": True}})
    site.install("pkg", {pth: f"{project / 'src'}\n", "pkg-1.0.dist-info/direct_url.json": origin})


def test_an_editable_install_is_followed_to_its_source(site: Any, tmp_path: Path) -> None:
    site.install("lib", {"lib.py": ""})
    editable(site, tmp_path / "my project")
    audit = site.audit()["pkg"]
    assert (audit.record, audit.roots) == (RecordState.EDITABLE, ("pkg",))
    assert edges(site) == {("pkg", "lib")}


def test_a_finder_of_setuptools_is_followed_to_its_source(site: Any, tmp_path: Path) -> None:
    project = tmp_path / "project"
    editable(site, project)
    (site.path / "__editable__.pkg-1.0.pth").write_text("import __editable___pkg_1_0_finder\n")
    mapping = {"pkg": str(project / "src" / "pkg")}
    finder = f"MAPPING: dict[str, str] = {mapping!r}\nraise SystemExit\n"
    (site.path / "__editable___pkg_1_0_finder.py").write_text(finder)
    assert site.audit()["pkg"].roots == ("pkg",)


def test_a_path_line_out_of_the_project_is_not_its_source(site: Any, tmp_path: Path) -> None:
    editable(site, tmp_path / "project")
    elsewhere = tmp_path / "elsewhere"
    (elsewhere / "stranger").mkdir(parents=True)
    (elsewhere / "stranger" / "__init__.py").touch()
    (site.path / "__editable__.pkg-1.0.pth").write_text(f"{elsewhere}\n")
    assert site.audit()["pkg"].roots == ()


def test_a_flat_project_s_own_scripts_and_tests_are_no_modules(site: Any, tmp_path: Path) -> None:
    project = tmp_path / "project"
    editable(site, project)
    for name in ("setup.py", "mod.py", "tests/test_x.py", "docs/conf.py", "build/mod2.py"):
        (project / name).parent.mkdir(exist_ok=True)
        (project / name).touch()
    (site.path / "__editable__.pkg-1.0.pth").write_text(f"{project}\n")
    assert site.audit()["pkg"].roots == ("mod", "src.pkg")
