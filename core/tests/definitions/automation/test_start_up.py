"""Who defines no schedule and no sensor imports nothing for them."""

from __future__ import annotations

import json
import subprocess
import sys


def modules_after(program: str) -> set[str]:
    ending = "\nimport json, sys; print(json.dumps(list(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", program + ending], capture_output=True, text=True, check=True
    )
    return set(json.loads(done.stdout))


def test_a_file_of_jobs_imports_no_schedules() -> None:
    found = modules_after(
        "from plugwork import Definitions, job, op\n"
        "@job\ndef j(): ...\n"
        "defs = Definitions(jobs=[j])\n"
        "Definitions.validate_loadable(defs)\n"
    )
    heavy = {"cronsim", "zoneinfo", "plugwork.model.automation"}
    assert heavy & found == set()
    assert [one for one in found if one.startswith("plugwork.definitions.automation")] == []


def test_a_sensor_needs_no_cron() -> None:
    found = modules_after("from plugwork import sensor\n@sensor()\ndef s(): ...\n")
    assert {"cronsim", "zoneinfo"} & found == set()
