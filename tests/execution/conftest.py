"""What the tests of execution share: a run, and what its log tells."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from plugwork import Instance, JobDefinition
from plugwork_testkit.streams import Told

Execute = Callable[..., Told]


@pytest.fixture
def execute(instance: Instance) -> Execute:
    """Run a job in process, whatever becomes of it, and read its log."""

    def run(job_def: JobDefinition, run_config: Any = None, **options: Any) -> Told:
        result = job_def.execute_in_process(run_config, instance, raise_on_error=False, **options)
        return Told.of(instance, result.run_id)

    return run


@pytest.fixture
def local(tmp_path: Path) -> Iterator[Instance]:
    """A whole persistent instance."""
    with Instance.local_temp(str(tmp_path)) as opened:
        yield opened
