"""Fixtures for the tests of plugins; pytest finds them by itself."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from plugwork_testkit.clock import ManualClock
from plugwork_testkit.waiting import Eventually
from plugwork_testkit.waiting import eventually as wait_for

if TYPE_CHECKING:
    from plugwork import Instance


@pytest.fixture
def clock() -> ManualClock:
    """A clock that stands still until the test moves it."""
    return ManualClock()


@pytest.fixture
def eventually() -> Eventually:
    """Wait for a fact: ``eventually(lambda: path.exists())``."""
    return wait_for


@pytest.fixture
def instance() -> Iterator[Instance]:
    """An ephemeral instance of the test's own."""
    from plugwork import Instance  # most tests need none

    with Instance.ephemeral() as opened:
        yield opened
