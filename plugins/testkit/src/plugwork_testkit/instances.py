"""Instances for the tests of components."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from plugwork import Instance

#: Short, so that nothing waits long for a process that died.
LEASES = {"ttl": "2s", "heartbeat": "500ms"}


def open_instance(home: Path, **sections: Any) -> Instance:
    """Open an instance with a home directory.

    :param sections: of ``plugwork.yaml``: ``run_launcher="subprocess"``.
    """
    home.mkdir(exist_ok=True)
    return Instance.local_temp(str(home), overrides={"leases": LEASES, **sections})
