"""Rules for every test of the workspace."""

from __future__ import annotations

import os
from collections.abc import Generator
from typing import TypeVar

import pytest

pytest_plugins = ["pytester"]

Report = TypeVar("Report", pytest.TestReport, pytest.CollectReport)

#: How the reason of a skip begins that is no gap: the test makes no sense on this platform.
ALLOWED = "only on "


def refuse_gap(report: Report) -> Report:
    """Turn a skip into a failure on the build machine, where nothing may be missing."""
    on_build_machine = os.environ.get("CI", "").lower() not in ("", "0", "false")
    if not on_build_machine or not report.skipped or hasattr(report, "wasxfail"):
        return report
    reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
    if not reason.removeprefix("Skipped: ").startswith(ALLOWED):
        report.outcome = "failed"
        report.longrepr = f"skipped under CI, which hides a gap: {reason}"
    return report


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    return refuse_gap((yield))


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    return refuse_gap((yield))
