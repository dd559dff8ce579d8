"""Doing something in another process, for what only another process shows."""

from __future__ import annotations

import pickle
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

_CALL = """
import pickle, sys
out = sys.stdout.buffer
function, arguments = pickle.load(sys.stdin.buffer)
pickle.dump(function(*arguments), out)
"""

#: Real seconds after which a process is given up.
TIMEOUT = 60


def call_elsewhere(function: Callable[..., Any], *arguments: Any) -> Any:
    """Call a function in a fresh process and return its result.

    :param function: importable by name, as all of the arguments' classes.
    :raises AssertionError: with what the process said, when it failed.
    """
    done = subprocess.run(
        [sys.executable, "-c", _CALL],
        input=pickle.dumps((function, arguments)),
        capture_output=True,
        timeout=TIMEOUT,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()
    return pickle.loads(done.stdout)


def start_elsewhere(function: Callable[..., Any], *arguments: Any) -> subprocess.Popen[bytes]:
    """Start a function in a fresh process; its standard output and error are pipes."""
    process = subprocess.Popen(
        [sys.executable, "-c", _CALL],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdin is not None
    process.stdin.write(pickle.dumps((function, arguments)))
    process.stdin.flush()
    return process


@contextmanager
def running_elsewhere(
    function: Callable[..., Any], *arguments: Any
) -> Iterator[subprocess.Popen[bytes]]:
    """Start a function as :func:`start_elsewhere` does; what runs after the block is killed."""
    with start_elsewhere(function, *arguments) as process:
        try:
            yield process
        finally:
            process.kill()
