from __future__ import annotations

from pathlib import Path
from typing import Any

import attrs

from plugwork_environment_audit.findings import FindingKind, Rules
from plugwork_environment_audit.inventory import find_distributions
from plugwork_environment_audit.summary import summarise


def findings(site: Any, kind: FindingKind, *allowed: str) -> list[tuple[str, str]]:
    found = site.report(*allowed).findings
    return [(f.distribution, f.subject) for f in found if f.kind is kind]


def requiring(*lines: str) -> tuple[str, ...]:
    return ("License: MIT", *(f"Requires-Dist: {line}" for line in lines))


def test_a_requirement_that_is_not_installed_is_unmet(site: Any) -> None:
    site.install("app", fields=requiring("gone>=1", "lib>=2", "lib!=9"))
    site.install("lib", version="1.5")
    assert findings(site, FindingKind.UNMET) == [("app", "gone>=1"), ("app", "lib>=2")]


def test_requirements_for_extras_and_other_platforms_are_not_demanded(site: Any) -> None:
    site.install(
        "app",
        fields=requiring(
            "a; extra == 'more'", "b; sys_platform == 'plan9'", "c; python_version < '3'", "?? bad"
        ),
    )
    assert findings(site, FindingKind.UNMET) == []


def test_an_installed_pre_release_fulfils_a_requirement(site: Any) -> None:
    site.install("app", fields=requiring("lib>=2"))
    site.install("lib", version="2.1rc1")
    assert findings(site, FindingKind.UNMET) == []


def test_an_unconditional_import_that_is_not_declared_is_a_hint(site: Any) -> None:
    site.install("app", {"app.py": "import lib, extra_lib\ndef f():\n    import soft\n"},
                 fields=requiring("extra-lib; extra == 'x'"))  # fmt: skip
    for name in ("lib", "extra_lib", "soft"):
        site.install(name, {f"{name}.py": ""})
    assert findings(site, FindingKind.UNDECLARED) == [("app", "lib")]


def test_a_requirement_that_nobody_imports_is_a_hint(site: Any) -> None:
    fields = requiring("used", "idle", "stubs", "absent")
    site.install("app", {"app.py": "import used, os\n"}, fields=fields)
    site.install("used", {"used.py": ""})
    site.install("idle", {"idle.py": ""})
    site.install("stubs", {"idle-stubs/x.pyi": ""})
    assert findings(site, FindingKind.UNUSED) == [("app", "idle")]


def test_an_unknown_licence_is_a_problem_and_says_what_was_written(site: Any) -> None:
    site.install("odd", fields=("License: ask Bob",))
    [finding] = site.report().findings
    assert (finding.kind, finding.is_problem) == (FindingKind.UNKNOWN_LICENCE, True)
    assert finding.detail == 'it says "ask Bob"'


def test_a_licence_out_of_the_list_is_refused(site: Any) -> None:
    site.install("free", fields=("License: MIT",))
    site.install("strict", fields=("License: GPLv3",))
    assert findings(site, FindingKind.REFUSED_LICENCE, "MIT") == [("strict", "GPL-3.0-only")]
    assert findings(site, FindingKind.REFUSED_LICENCE) == []


def test_what_cannot_be_verified_is_a_hint(site: Any) -> None:
    (site.install("bare") / "RECORD").unlink()
    site.install("plain", hashed=False)
    assert findings(site, FindingKind.NO_HASHES) == [("bare", "1.0"), ("plain", "1.0")]


def test_problems_come_before_hints_and_damage_first(site: Any) -> None:
    site.install("z", {"z.py": "x"}, fields=())
    (site.path / "z.py").write_text("y")
    (site.install("a") / "RECORD").unlink()
    kinds = [finding.kind for finding in site.report().findings]
    assert kinds == [FindingKind.DAMAGED, FindingKind.UNKNOWN_LICENCE, FindingKind.NO_HASHES]


def test_a_shadowed_copy_takes_no_part_in_the_import_graph(site: Any, tmp_path: Path) -> None:
    later = type(site)(tmp_path / "later")
    site.install("lib", {"lib.py": ""})
    later.install("lib", {"lib.py": "import app\n"}, version="0.1")
    later.install("app", {"app.py": "import lib\n"})
    paths = (str(site.path), str(later.path))
    audits = [*site.audit().values(), *later.audit().values()]
    shadowed = {(f.location, f.name): f for f in find_distributions(paths)}
    audits = [attrs.evolve(a, found=shadowed[a.found.location, a.found.name]) for a in audits]
    report = summarise(attrs.evolve(site.facts(), paths=paths), audits, Rules())
    assert [(e.importer, e.imported) for e in report.edges] == [("app", "lib")]
    assert [f.subject for f in report.findings if f.kind is FindingKind.SHADOWED] == ["0.1"]


def test_totals_add_up(site: Any) -> None:
    site.install("big", {"big.py": "#" * 5000})
    site.install("small", {"small.py": "x"}, fields=())
    (site.path / "small.py").unlink()
    report = site.report()
    assert [row.name for row in report.rows] == ["big", "small"]
    numbers = report.numbers()
    assert numbers["bytes"] == sum(row.size for row in report.rows)
    assert (numbers["missing"], numbers["unknown_licences"], numbers["problems"]) == (1, 1, 2)
    assert numbers["files"] == 6
