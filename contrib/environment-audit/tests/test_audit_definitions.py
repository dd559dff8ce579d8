from __future__ import annotations

import pickle
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

import plugwork as pw
from plugwork_environment_audit import definitions
from plugwork_environment_audit.hashing import FileState


class Files:
    """A file manager that keeps files in memory."""

    def __init__(self) -> None:
        self.contents: dict[str, bytes] = {}

    def write_data(self, data: bytes, ext: str | None = None) -> SimpleNamespace:
        handle = SimpleNamespace(path_desc=f"memory:{len(self.contents)}.{ext}")
        self.contents[handle.path_desc] = data
        return handle

    def read_data(self, handle: SimpleNamespace) -> bytes:
        return self.contents[handle.path_desc]


@pytest.fixture
def context() -> pw.OpExecutionContext:
    return pw.build_op_context(resources={"file_manager": Files()})


def report_of(context: Any, site: Any, **rules: Any) -> Any:
    """Call the ops up to the report, as the job's graph connects them."""
    environment = definitions.Environment(site_packages=[str(site.path)])
    facts = definitions.describe(context, environment=environment).value
    reading = definitions.ReadConfig()
    audits = [
        definitions.audit_distribution(context, output.value, config=reading).value
        for output in definitions.find_distributions(facts)
    ]
    config = definitions.RulesConfig(**rules)
    return definitions.summarise(facts, audits, config=config).value


def finished(context: Any, report: Any, **config: Any) -> dict[str, str]:
    page = definitions.write_page(context, report, config=definitions.PageConfig()).value
    tables = definitions.write_tables(context, report).value
    last = definitions.SummaryConfig(**config)
    places: dict[str, str] = definitions.summary(context, report, page, tables, config=last).value
    return places


def test_each_distribution_is_one_output_with_a_key_of_its_own(site: Any) -> None:
    site.install("zope.interface")
    site.install("a-b")
    outputs = list(definitions.find_distributions(site.facts()))
    assert [output.mapping_key for output in outputs] == ["a_b", "zope_interface"]


def test_a_failing_read_fails_the_step_until_the_last_attempt(
    site: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.install("pkg", {"pkg.bin": b"x"})
    [found] = site.found()
    opened = Path.open

    def failing(self: Path, *args: Any, **kwargs: Any) -> Any:
        if self.name == "pkg.bin":
            raise OSError(5, "Input/output error", str(self))
        return opened(self, *args, **kwargs)

    monkeypatch.setattr(Path, "open", failing)
    config = definitions.ReadConfig()
    attempt = SimpleNamespace(retry_number=0)
    for attempt.retry_number in range(definitions.READ_RETRIES.max_retries):
        with pytest.raises(OSError, match="cannot be read"):
            definitions.audit_distribution(attempt, found, config=config)
    attempt.retry_number = definitions.READ_RETRIES.max_retries
    audit = definitions.audit_distribution(attempt, found, config=config).value
    assert [problem.state for problem in audit.problems] == [FileState.UNREADABLE]


def test_what_passes_between_steps_can_be_pickled(context: Any, site: Any) -> None:
    site.install("app", {"app.py": "import lib\n"})
    site.install("lib", {"lib.py": ""})
    report = report_of(context, site)
    for value in (site.facts(), site.found(), site.audit(), report):
        assert pickle.loads(pickle.dumps(value)) == value


def test_config_reaches_the_rules(context: Any, site: Any) -> None:
    site.install("strict", fields=("License: GPLv3",))
    assert not report_of(context, site).problems
    assert report_of(context, site, allowed_licences=["MIT"]).problems


def test_results_are_files_of_the_file_manager(
    context: Any, site: Any, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    site.install("pkg", {"pkg.py": ""})
    places = finished(context, report_of(context, site))
    assert {"environment-audit.html", "distributions.csv"} <= places.keys()
    assert all(place in context.resources.file_manager.contents for place in places.values())
    last = caplog.messages[-1]
    assert last.endswith(places["findings.csv"]) or "parquet" in last


def test_results_are_copied_to_the_folder_that_config_names(
    context: Any, site: Any, tmp_path: Path
) -> None:
    site.install("pkg", {"pkg.py": ""})
    target = tmp_path / "results"
    places = finished(context, report_of(context, site), output_dir=str(target))
    assert places["environment-audit.html"] == str(target / "environment-audit.html")
    assert f"run {context.run_id}" in (target / "environment-audit.html").read_text(
        encoding="utf-8"
    )


def test_a_name_that_is_no_text_does_not_spoil_the_results(context: Any, site: Any) -> None:
    (site.path / "bad\udcff-1.0.dist-info").mkdir()
    assert finished(context, report_of(context, site))


def test_the_environment_is_the_only_resource_that_the_job_binds() -> None:
    keys = {
        node.name: node.required_resource_keys
        for node in vars(definitions).values()
        if hasattr(node, "compute_fn")
    }
    assert keys["describe"] == {"environment"}
    assert keys["write_page"] == keys["write_tables"] == keys["summary"] == {"file_manager"}
