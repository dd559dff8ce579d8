from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import pytest

from plugwork_environment_audit.definitions import defs


def run_audit(site: Any, target: Path, **ops: Any) -> Any:
    """Run the whole job over an environment, its results copied to a folder."""
    config = {
        "resources": {"environment": {"config": {"site_packages": [str(site.path)]}}},
        "ops": {"summary": {"config": {"output_dir": str(target)}}, **ops},
    }
    return defs.get_job_def("audit").execute_in_process(run_config=config, raise_on_error=False)


def events_of(result: Any, kind: str) -> list[str]:
    return [event.step_key for event in result.all_events if event.event_type.value == kind]


def table(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(path.read_text(encoding="utf-8").splitlines()))


def test_the_job_runs_one_step_for_each_distribution(site: Any, tmp_path: Path) -> None:
    site.install("app", {"app.py": "import zope.lib\n"})
    site.install("zope.lib", {"zope/lib/__init__.py": ""})
    (site.path / "app.py").write_text("changed")
    result = run_audit(site, tmp_path / "out")
    assert result.success
    steps = set(events_of(result, "STEP_SUCCESS"))
    assert {"audit_distribution[app]", "audit_distribution[zope_lib]", "summary"} <= steps
    assert [row["subject"] for row in table(tmp_path / "out/findings.csv")] == ["app.py"]
    page = (tmp_path / "out/environment-audit.html").read_text(encoding="utf-8")
    assert f"run {result.run_id}" in page


def test_a_read_that_fails_once_is_retried_and_leaves_no_finding(
    site: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.install("pkg", {"pkg.bin": b"x"})
    opened, failures = Path.open, [OSError(5, "Input/output error")]

    def failing(self: Path, *args: Any, **kwargs: Any) -> Any:
        if self.name == "pkg.bin" and failures:
            raise failures.pop()
        return opened(self, *args, **kwargs)

    monkeypatch.setattr(Path, "open", failing)
    result = run_audit(site, tmp_path / "out")
    assert result.success
    assert events_of(result, "STEP_UP_FOR_RETRY") == ["audit_distribution[pkg]"]
    assert table(tmp_path / "out/findings.csv") == []


def test_config_of_the_run_reaches_every_op(site: Any, tmp_path: Path) -> None:
    site.install("strict", {"strict.py": "import os\n"}, fields=("License: GPLv3",))
    result = run_audit(
        site,
        tmp_path / "out",
        summarise={"config": {"allowed_licences": ["MIT"]}},
        audit_distribution={"config": {"max_source_bytes": 3}},
        write_page={"config": {"heaviest": 0}},
    )
    assert result.success
    [row] = table(tmp_path / "out/distributions.csv")
    assert row["unparsed_files"] == "1"
    kinds = [row["kind"] for row in table(tmp_path / "out/findings.csv")]
    assert kinds == ["licence not allowed"]


def test_an_empty_environment_has_a_report_too(site: Any, tmp_path: Path) -> None:
    assert run_audit(site, tmp_path / "out").success
    assert table(tmp_path / "out/distributions.csv") == []


def test_an_environment_that_is_not_there_fails_the_run_and_is_named(
    site: Any, tmp_path: Path
) -> None:
    site.path.rmdir()
    result = run_audit(site, tmp_path / "out")
    assert not result.success
    assert events_of(result, "STEP_FAILURE") == ["describe"]
