"""A whole instance for the length of a test."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from plugwork.instance.instance import Instance

_HOME = "PLUGWORK_HOME"


@contextmanager
def instance_for_test(
    overrides: Mapping[str, Any] | None = None,
    set_home: bool = True,
    temp_dir: str | None = None,
    synchronous_run_coordinator: bool = False,
    synchronous_run_launcher: bool = False,
) -> Iterator[Instance]:
    """Open a persistent instance for a test, as a context manager that disposes of it.

    For tests of what other processes see of a run; all others are faster with
    :meth:`Instance.ephemeral`.

    :param overrides: sections of ``plugwork.yaml``.
    :param set_home: let ``PLUGWORK_HOME`` name the instance, for this process and its children.
    :param temp_dir: its home, kept afterwards; by default a directory that goes with it.
    :param synchronous_run_coordinator: launch each run when it is submitted.
    :param synchronous_run_launcher: execute each run in this process when it is launched.
    """
    sections = dict(overrides or {})
    if synchronous_run_coordinator:
        sections.setdefault("run_coordinator", "immediate")
    if synchronous_run_launcher:
        sections.setdefault("run_launcher", "in_process")
    with ExitStack() as stack:
        home = Path(temp_dir or stack.enter_context(tempfile.TemporaryDirectory()))
        file = home / "plugwork.yaml"
        if sections and not file.exists():
            # JSON is YAML; so who opens the home by its name sees the same sections.
            file.write_text(json.dumps(sections), encoding="utf-8")
        if set_home:
            stack.enter_context(_home_named(str(home)))
        yield stack.enter_context(Instance.local_temp(str(home), sections or None))


@contextmanager
def _home_named(home: str) -> Iterator[None]:
    before = os.environ.get(_HOME)
    os.environ[_HOME] = home
    try:
        yield
    finally:
        if before is None:
            os.environ.pop(_HOME, None)
        else:
            os.environ[_HOME] = before
