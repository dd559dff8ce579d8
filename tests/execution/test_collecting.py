from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest

import plugwork as dg

seen: list[tuple[int, int, int]] = []


@dg.op
def look() -> None:
    seen.append(gc.get_threshold())


@dg.job
def looking() -> None:
    look()


@pytest.fixture(autouse=True)
def thresholds() -> Iterator[tuple[int, int, int]]:
    before = gc.get_threshold()
    seen.clear()
    yield before
    gc.set_threshold(*before)


def test_a_run_collects_less_often_and_puts_it_back(thresholds: tuple[int, int, int]) -> None:
    looking.execute_in_process()
    assert seen[0][0] > thresholds[0]
    assert gc.get_threshold() == thresholds


def test_a_threshold_that_somebody_chose_stays() -> None:
    gc.set_threshold(50, 5, 5)
    looking.execute_in_process()
    assert seen == [(50, 5, 5)]
    assert gc.get_threshold() == (50, 5, 5)
