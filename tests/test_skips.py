"""On the build machine a skipped test fails, unless it makes no sense on the platform."""

from __future__ import annotations

from pathlib import Path

import pytest

SKIPS = """
import pytest

def test_gap():
    pytest.skip("no server here")

def test_platform():
    pytest.skip("only on Windows")
"""


@pytest.fixture
def run(root: Path, pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    monkeypatch.delenv("CI", raising=False)
    pytester.makeconftest((root / "conftest.py").read_text(encoding="utf-8"))
    return pytester


def test_a_skip_that_hides_a_gap_fails_under_ci(
    run: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CI", "true")
    run.makepyfile(SKIPS)
    run.runpytest_inprocess().assert_outcomes(failed=1, skipped=1)


def test_a_module_that_skips_itself_fails_under_ci(
    run: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CI", "true")
    run.makepyfile("import pytest\npytest.importorskip('no_such_library')")
    run.runpytest_inprocess().assert_outcomes(errors=1)


def test_skips_are_free_elsewhere(run: pytest.Pytester) -> None:
    run.makepyfile(SKIPS)
    run.runpytest_inprocess().assert_outcomes(skipped=2)
