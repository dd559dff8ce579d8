"""A holder names one process; what cannot be seen from here is not taken for dead."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator

import attrs
import pytest

from plugwork.journal.holder import current_holder, describe_holder, holder_of, is_alive, is_gone
from plugwork.model import Holder

pytestmark = pytest.mark.skipif(os.name == "nt", reason="only on systems with POSIX processes")


@pytest.fixture
def child() -> Iterator[subprocess.Popen[bytes]]:
    """A process that lives until its input is closed."""
    process = subprocess.Popen(
        [sys.executable, "-c", "import sys; sys.stdin.read()"], stdin=subprocess.PIPE
    )
    yield process
    process.kill()
    process.communicate()


def test_this_process_is_alive() -> None:
    here = current_holder()
    assert here.pid == os.getpid()
    assert is_alive(here)
    assert not is_gone(here)
    assert current_holder() is here


def test_a_killed_process_is_gone_before_and_after_it_is_collected(
    child: subprocess.Popen[bytes],
) -> None:
    holder = holder_of(child.pid)
    assert is_alive(holder)
    assert not is_gone(holder)
    child.kill()
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
    assert is_gone(holder), "it has ended and waits to be collected"
    assert not is_alive(holder)
    child.wait()
    assert is_gone(holder)


def test_a_stopped_process_is_not_gone(child: subprocess.Popen[bytes]) -> None:
    child.send_signal(signal.SIGSTOP)
    assert not is_gone(holder_of(child.pid))
    child.send_signal(signal.SIGCONT)


def test_a_pid_that_was_given_again_is_another_holder() -> None:
    before = attrs.evolve(current_holder(), start_time="1")
    assert is_gone(before)
    assert not is_alive(before)


@pytest.mark.parametrize(
    "elsewhere",
    [
        {"host": "other", "boot_id": "other", "pid": 999_999},
        {"host": "other/1234", "boot_id": "other", "pid": 999_999},
        {"pid_namespace": "pid:[1]", "pid": 999_999},
        {"boot_id": "", "pid": 999_999},
    ],
    ids=["other-machine", "other-machine-id", "other-container", "unknown-boot"],
)
def test_a_process_that_cannot_be_seen_from_here_is_not_proven_dead(
    elsewhere: dict[str, str | int],
) -> None:
    holder: Holder = attrs.evolve(current_holder(), **elsewhere)  # type: ignore[arg-type]  # fields
    assert not is_gone(holder)
    assert not is_alive(holder)


def test_a_restart_of_the_machine_ended_every_process() -> None:
    here = current_holder()
    before = attrs.evolve(here, host=f"{here.host.partition('/')[0]}/0123", boot_id="before")
    same_machine = attrs.evolve(here, boot_id="before")
    assert not is_gone(before), "another machine of the same name"
    assert is_gone(same_machine) is ("/" in here.host)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="only on systems that fork")
def test_a_forked_child_is_another_holder() -> None:
    parent = current_holder()
    reader, sender = os.pipe()
    child = os.fork()
    if child == 0:
        mine = current_holder()
        os.write(sender, f"{mine.pid == os.getpid()} {mine != parent}".encode())
        os._exit(0)
    os.waitpid(child, 0)
    assert os.read(reader, 100) == b"True True"
    os.close(reader)
    os.close(sender)


def test_people_read_pid_and_host_alone() -> None:
    assert describe_holder(Holder("web1/3f2a", "b", "n", 12, "9")) == "pid 12 on web1"
