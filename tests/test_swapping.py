"""The same job, the same files, other components: only ``plugwork.yaml`` changes."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from importlib import metadata
from pathlib import Path

import attrs
import pytest

#: Installed everywhere where these tests run; together some hundred real files.
AUDITED = ("attrs", "click", "pluggy", "PyYAML")
TARGET = "plugwork_environment_audit.definitions"
FILES = {
    "memory": "storage: memory\n",
    "sqlite": "storage: sqlite\n",
    "outside": """\
storage: sqlite
executor:
  paced: {steps_per_second: 500}
file_manager:
  dated: {base_dir: audit-files}
plugins:
  enable:
    - example_notes: {path: runs.txt}
""",
}
RESULTS = {"environment-audit.html", "distributions.csv", "imports.csv", "findings.csv"}


@attrs.frozen
class Audit:
    """One run of the audit, by the command line, in a folder of its own."""

    folder: Path

    @property
    def home(self) -> Path:
        return self.folder / ".plugwork"

    def run(self, site: Path) -> None:
        self.plugwork(
            "run", TARGET, "--set", f"resources.environment.config.site_packages=[{site}]",
            "--set", f"ops.summary.config.output_dir={self.folder / 'out'}",
        )  # fmt: skip

    def plugwork(self, *words: str) -> str:
        env = {key: value for key, value in os.environ.items() if not key.startswith("PLUGWORK_")}
        done = subprocess.run(
            [str(Path(sys.executable).with_name("plugwork")), *words],
            cwd=self.folder, env=env, capture_output=True, text=True, timeout=110, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def results(self) -> dict[str, str]:
        """Return the text of each result, without what only one run has: its id."""
        return {
            path.name: re.sub(r"run [0-9a-f-]{36}", "run ID", path.read_text(encoding="utf-8"))
            for path in (self.folder / "out").iterdir()
            if path.suffix in (".html", ".csv")
        }


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment of real distributions, small enough for a test."""
    site = tmp_path_factory.mktemp("lib") / "python3.11" / "site-packages"
    for name in AUDITED:
        for file in metadata.files(name) or ():
            source = Path(str(file.locate()))
            if ".." not in file.parts and source.is_file():
                (site / file).parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(source, site / file)
    return site


@pytest.fixture(scope="module")
def audits(site: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Audit]:
    """The audit of the site, once by each file."""
    made = {}
    for name, text in FILES.items():
        made[name] = audit = Audit(tmp_path_factory.mktemp(name))
        (audit.folder / "plugwork.yaml").write_text(text)
        audit.run(site)
    return made


@pytest.mark.parametrize("name", FILES)
def test_the_results_are_the_same_whatever_the_file_names(
    audits: dict[str, Audit], name: str
) -> None:
    results = audits[name].results()
    assert results.keys() == RESULTS
    assert results == audits["memory"].results()
    for distribution in AUDITED:
        assert f"\n{distribution}," in results["distributions.csv"]


def test_memory_forgets_the_run_and_sqlite_keeps_it(audits: dict[str, Audit]) -> None:
    kept = {
        name: len(json.loads(audit.plugwork("--json", "runs", "list"))["runs"])
        for name, audit in audits.items()
    }
    assert kept == {"memory": 0, "sqlite": 1, "outside": 1}


def test_the_outside_plugin_did_the_work(audits: dict[str, Audit]) -> None:
    outside = audits["outside"]
    notes = (outside.home / "runs.txt").read_text().splitlines()
    assert [line.split()[1:] for line in notes] == [
        ["audit", "-", "NOT_STARTED"],
        ["audit", "NOT_STARTED", "STARTED"],
        ["audit", "STARTED", "SUCCESS"],
    ]
    stored = [path for path in (outside.home / "audit-files").glob("2*/*/*/*") if path.is_file()]
    assert {path.suffix for path in stored} >= {".html", ".csv"}
    shown = outside.plugwork("runs", "events", notes[0].split()[0])
    assert "At most a step every 0.002 s: named by the instance" in shown


def test_the_outside_plugin_is_short(root: Path) -> None:
    sources = (root / "contrib" / "example-plugin" / "src").rglob("*.py")
    lines = [line for path in sources for line in path.read_text().splitlines() if line.strip()]
    assert len(lines) < 200
