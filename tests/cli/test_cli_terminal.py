"""What a terminal shows: the tree, colours, and when neither is wanted."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import struct
import subprocess
import termios
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from conftest import Shell

JOBS = """
from plugwork import DynamicOut, DynamicOutput, job, op

@op(out=DynamicOut())
def gen():
    for n in range(3):
        yield DynamicOutput(n, mapping_key=f"k{n}")

@op
def work(x: int) -> int:
    print("never on the screen")
    return x

@op
def total(xs: list[int]) -> int:
    return sum(xs)

@job
def fan():
    total(gen().map(work).collect())
"""


def on_terminal(shell: Shell, *args: str, **environ: str) -> str:
    """Return all that a terminal of 80 by 24 is sent."""
    leader, follower = pty.openpty()
    fcntl.ioctl(follower, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    env = {**shell.environ, "TERM": "xterm-256color", **environ}
    for name in ("COLUMNS", "LINES"):
        env.pop(name, None)
    process = subprocess.Popen(
        [str(shell.command), *args],
        cwd=shell.folder,
        env=env,
        stdin=follower,
        stdout=follower,
        stderr=follower,
    )
    os.close(follower)
    said = b""
    while True:
        try:
            part = os.read(leader, 65536)
        except OSError:
            break
        if not part:
            break
        said += part
    os.close(leader)
    assert process.wait(timeout=60) == 0
    return said.decode()


def plain(text: str) -> str:
    return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", text)


@pytest.fixture(autouse=True)
def jobs(shell: Shell) -> None:
    shell.write("jobs.py", JOBS)


def test_a_terminal_shows_a_tree_that_is_redrawn(shell: Shell) -> None:
    said = on_terminal(shell, "run", "jobs.py")
    assert "\x1b[" in said
    shown = plain(said)
    assert re.search(r"fan  [0-9a-f]{8} +\d\d:\d\d  5/5  #{20}", shown)
    assert "v gen" in shown
    assert re.search(r"v work +3 steps", shown)
    assert "of 5] gen ok" not in shown
    assert "never on the screen" not in shown
    assert max(len(line.rstrip("\r")) for line in shown.split("\n")) <= 80


@pytest.mark.parametrize(
    "environ", [{"CI": "true"}, {"TERM": "dumb"}], ids=["under CI", "on a dumb terminal"]
)
def test_where_nothing_may_move_there_are_lines(environ: dict[str, str], shell: Shell) -> None:
    shown = plain(on_terminal(shell, "run", "jobs.py", **environ))
    assert "[5 of 5] total ok" in shown


def test_no_color_sends_no_colour(shell: Shell) -> None:
    said = on_terminal(shell, "run", "jobs.py", "--progress", "lines", NO_COLOR="1")
    assert "\x1b[" not in said
    assert "\x1b[" in on_terminal(shell, "run", "jobs.py", "--progress", "lines")
    assert "\x1b[3" not in on_terminal(shell, "--no-color", "runs", "list")


def test_a_table_is_cut_to_the_terminal_and_its_ids_are_not(shell: Shell) -> None:
    shell.write(
        "wrong.py",
        "from plugwork import job, op\n\n@op\ndef one():\n    raise ValueError('long ' * 50)\n\n"
        "@job\ndef wrong():\n    one()\n",
    )
    shell("run", "wrong.py")
    shown = plain(on_terminal(shell, "runs", "list")).replace("\r", "")
    row = shown.splitlines()[1]
    assert len(row) <= 80
    assert re.match(r"[0-9a-f]{8}  wrong  failed ", row)
    assert row.endswith("...")
