"""A process that opens the storage of a home, asks it one thing, and ends."""

from __future__ import annotations

import json
import sys

from dagster import (  # type: ignore[import-not-found]  # in an environment of its own
    DagsterInstance,
)

with DagsterInstance.from_config(json.loads(sys.argv[1])["home"]) as instance:
    instance.get_runs_count()
