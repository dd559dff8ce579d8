"""One run worker as a process, from its start until it holds its run.

The launcher holds the run's lease and hands it over:

1. ``python -m plugwork.execution.worker RUN_ID`` is started in a session of its own, without a
   shell; the argument is for people who list processes. Its output and errors go to a file.
2. On its standard input it gets one JSON object and then the end of the file: ``instance`` (what
   ``InstanceRef.to_dict()`` returned) and ``run_id``.
3. The worker opens the instance, and acquires the run's lease with ``seen``, before it imports any
   user code. The launcher renews the lease meanwhile: when that came between reading and
   acquiring, the worker tries again.

The launcher knows the lease's fence: when it has grown, the run is the worker's.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from plugwork_local.whole_files import make_private_dirs

#: User code is found by its code reference, not because it lies in the working directory.
OPTIONS = ("-P", "-m", "plugwork.execution.worker")
#: Of the log of a worker that died: bytes, and lines, that are told.
TAIL_BYTES = 8192
TAIL_LINES = 20


class WorkerProcess:
    """A worker that was started.

    :param instructions: JSON values, see above.
    :param environment: all of the worker's variables.
    :param log_path: is appended to.
    :raises OSError: when there is no such interpreter, or no more processes are allowed.
    """

    def __init__(
        self,
        instructions: Mapping[str, Any],
        environment: Mapping[str, str],
        log_path: Path,
        interpreter: str | None = None,
    ) -> None:
        self.log_path = log_path
        make_private_dirs(str(log_path.parent))
        argv = [interpreter or sys.executable, *OPTIONS, instructions["run_id"]]
        self._process = self._start(argv, environment)
        self._tell(json.dumps(instructions).encode())

    @property
    def pid(self) -> int:
        return self._process.pid

    def poll(self) -> int | None:
        """Return the exit code, see :meth:`wait`; None while the worker goes on."""
        return self._process.poll()

    def wait(self) -> int:
        """Wait for the end, and return the exit code; negative: the signal."""
        return self._process.wait()

    def kill(self) -> None:
        """End the worker and its children at once, if it has not ended."""
        if self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()

    def last_words(self) -> str:
        """Return the end of what the worker printed, to follow a message: its last line first."""
        with open(self.log_path, "rb") as log:
            log.seek(max(0, os.fstat(log.fileno()).st_size - TAIL_BYTES))
            lines = log.read().decode("utf-8", "replace").splitlines()
        if not lines:
            return f"; it said nothing ({self.log_path})"
        return "\n".join([f": {lines[-1]}", *lines[-TAIL_LINES:-1]])

    def _start(self, argv: list[str], environment: Mapping[str, str]) -> subprocess.Popen[bytes]:
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC
        log = os.open(self.log_path, flags, 0o600)
        try:
            return subprocess.Popen(
                argv,
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                env=dict(environment),
                start_new_session=True,
            )
        finally:
            os.close(log)

    def _tell(self, data: bytes) -> None:
        stdin = self._process.stdin
        try:
            if stdin is not None:
                stdin.write(data)
                stdin.close()
        except BrokenPipeError:
            pass  # it died, which is found out soon enough


def describe_end(code: int) -> str:
    """Tell in words how a process ended: ``"exited with code 3"``."""
    if code >= 0:
        return f"exited with code {code}"
    try:
        return f"was killed by {signal.Signals(-code).name}"
    except ValueError:
        return f"was killed by signal {-code}"
