"""A process that opens the storage of a home, asks it one thing, and ends."""

from __future__ import annotations

import json
import sys

from plugwork import Instance

with Instance.from_config(json.loads(sys.argv[1])["home"]) as instance:
    instance.run_storage.get_runs_count()
