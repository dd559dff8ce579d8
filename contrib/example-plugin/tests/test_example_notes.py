from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from plugwork_testkit.instances import open_instance
from plugwork_testkit.jobs import store_run


def test_each_change_of_a_runs_status_is_a_line(tmp_path: Path) -> None:
    plugins = {"enable": [{"example_notes": {"path": "runs.txt"}}]}
    with open_instance(tmp_path, plugins=plugins, run_launcher="in_process") as instance:
        run_id = store_run(instance).run_id
        instance.launch_run(run_id)
    assert (tmp_path / "runs.txt").read_text().splitlines() == [
        f"{run_id} quick {change}"
        for change in (
            "- NOT_STARTED",
            "NOT_STARTED STARTING",
            "STARTING STARTED",
            "STARTED SUCCESS",
        )
    ]


def test_installed_is_not_enabled(tmp_path: Path) -> None:
    code = (
        "import sys; from plugwork_testkit.instances import *; from pathlib import Path;"
        "open_instance(Path(sys.argv[1])).dispose(); sys.exit('plugwork_example' in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code, str(tmp_path)], check=True, timeout=60)
