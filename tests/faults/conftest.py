"""Fixtures of the fault tests; their helpers are in ``faultkit``, which a script uses as well."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

HERE = Path(__file__).parent
if str(HERE) not in sys.path:
    sys.path.insert(0, str(HERE))

from faultkit.disks import MountRefusedError, small_disk  # noqa: E402 - found by the line above
from faultkit.homes import Home  # noqa: E402


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = [item for item in items if HERE in item.path.parents]
    for item in here:
        if not sys.platform.startswith("linux"):
            item.add_marker(pytest.mark.skip(reason="only on Linux: faults are read from /proc"))


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    """A home with short leases; its processes are killed after the test at the latest."""
    with Home(tmp_path / "home") as made:
        yield made


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 6 MiB."""
    try:
        with small_disk(tmp_path / "disk", megabytes=6) as place:
            yield place
    except MountRefusedError as error:
        pytest.skip(str(error))
