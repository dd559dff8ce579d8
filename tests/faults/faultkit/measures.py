"""What the tests prove, with a watch in hand: seconds from a fault to what must follow."""

from __future__ import annotations

import os
import signal
import sqlite3
import tempfile
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random

from faultkit.disks import MountRefusedError, fill, small_disk
from faultkit.homes import PIPELINES, Home
from faultkit.moments import TOO_LATE, kill_wave
from faultkit.timing import (
    Row,
    fresh,
    hold,
    next_command,
    only_run,
    require,
    resume,
    seconds_of,
    stops,
    until_ended,
    whole,
)
from plugwork.clock import SYSTEM_CLOCK
from plugwork.model import RunStatus
from plugwork_testkit.waiting import eventually

#: As an instance has them whose file says nothing.
DEFAULT_LEASES = {"ttl": "15s"}
REPEATS = 5


def no_fault() -> Row:
    with fresh() as home:
        command = home.start_run("work.py:work")
        require(command.wait() == 0, "a run without a fault succeeds")
        seconds = [next_command(home) for _ in range(REPEATS)]
        whole(home, command)
    return Row("none, to compare with", "-", "-", "`plugwork runs list`, start to exit", seconds)


def random_moments() -> Row:
    landed: Counter[str] = Counter()
    events, seconds = 0, []
    for seed in range(REPEATS):
        with fresh() as home:
            killed = kill_wave(home, Random(seed))
            seconds.append(next_command(home))
            whole(home, *(one.command for one in killed))
            landed.update(one.landed for one in killed if one.landed != TOO_LATE)
            events += sum(len(one.acknowledged) for one in killed)
    places = ", ".join(f"{number} {place}" for place, number in landed.most_common())
    return Row(
        f"run killed at {landed.total()} random moments, ten at a time",
        f"`kill -9`, seeds 0 to {REPEATS - 1}: {places}",
        f"every run terminal, none of {events} acknowledged events lost, no gap, no half file",
        "the next command, which ends those that no other run has ended",
        seconds,
    )


def batches() -> Row:
    seconds, count = [], 0
    for when in ("before", "within", "after"):
        with fresh() as home:
            points = [f"{when} {number}" for number in (*range(1, 8), "end")]
            commands = [
                home.start_run("work.py:work", driver="spoiled", PLUGWORK_FAULT_POINT=point)
                for point in points
            ]
            count += sum(command.wait() == -signal.SIGKILL for command in commands)
            seconds.append(next_command(home))
            whole(home, *commands)
    require(count == 24, "each of 24 runs was killed")
    return Row(
        f"run killed at each of {count} points of its writing, eight at a time",
        "`kill -9` of itself before, within and after each transaction",
        "the log is whole up to the last commit",
        "the next command, which ends those that no other run has ended",
        seconds,
    )


def watched_kill() -> Row:
    seconds = []
    for turn in range(REPEATS):
        with fresh(leases=DEFAULT_LEASES) as home, home.instance() as instance:
            command = hold(home)
            instance.start_reaper()
            # Once in each fifth of the five seconds between two looks.
            SYSTEM_CLOCK.wait(threading.Event(), 0.5 + turn * 5 / REPEATS)
            command.kill()
            seconds.append(until_ended(instance))
            whole(home, command)
    return Row(
        "run killed while another process has the instance open",
        "`kill -9`, leases as by default (15 s, look every 5 s), at five phases between two looks",
        "the other process ends it, without any command",
        "kill to terminal",
        seconds,
    )


def stopped() -> Row:
    with fresh(leases=DEFAULT_LEASES) as home, home.instance() as instance:
        command = hold(home)
        instance.start_reaper()
        command.send(signal.SIGSTOP)
        seconds = until_ended(instance)
        resume(home, instance, command)
    return Row(
        "run that hangs, and returns",
        "`SIGSTOP`, leases as by default; `SIGCONT` after it was ended",
        "taken over after two leases, since its process is seen; its late events are refused",
        "stop to terminal",
        [seconds],
    )


def returned() -> Row:
    seconds = []
    for _ in range(REPEATS):
        with fresh() as home, home.instance() as instance:
            command = hold(home)
            instance.start_reaper()
            command.send(signal.SIGSTOP)
            until_ended(instance)
            seconds.append(resume(home, instance, command))
    return Row(
        "the same, seen from the returned process",
        "`SIGCONT`",
        "it says that the run was taken over, its finally-blocks run, exit 1",
        "continue to exit",
        seconds,
    )


def interrupted() -> Row:
    seconds = []
    for _ in range(REPEATS):
        with fresh() as home:
            command = hold(home, "retried")
            command.send(signal.SIGINT)
            seconds.append(seconds_of(command.wait))
            types = command.told()
            require(types.index("RUN_CANCELING") < types.index("STEP_FAILURE"), "canceling first")
            require("STEP_UP_FOR_RETRY" not in types, "not tried again")
            stops(home, command, RunStatus.CANCELED, 130)
    held = "RUN_CANCELING first, finally-blocks ran, not tried again, CANCELED, exit 130"
    how = "`SIGINT` in a step with a retry policy"
    return Row("Ctrl-C", how, held, "signal to exit", seconds)


def terminated() -> Row:
    seconds = []
    for _ in range(REPEATS):
        with fresh() as home:
            command = hold(home, "retried")
            command.send(signal.SIGTERM)
            seconds.append(seconds_of(command.wait))
            stops(home, command, RunStatus.FAILURE, 143)
    held = "finally-blocks ran, FAILURE, exit 143"
    how = "`SIGTERM` in a step with a retry policy"
    return Row("termination", how, held, "signal to exit", seconds)


def interrupted_twice() -> Row:
    seconds = []
    for _ in range(REPEATS):
        with fresh() as home:
            command = hold(home, "unstoppable")
            command.send(signal.SIGINT)
            home.await_sign("ignored")
            command.send(signal.SIGINT)
            seconds.append(seconds_of(command.wait))
            require(command.process.returncode == 130, "exit 130")
            require(not home.processes(), "no process stays")
            next_command(home)
            whole(home, command)
    held = "exit 130, no process stays, the next command ends the run"
    how = "`SIGINT` to a step that catches everything, and again"
    return Row("Ctrl-C twice", how, held, "second signal to exit", seconds)


def full_disk() -> Row:
    """Fill the disk under a run's events.

    :raises MountRefusedError: where this machine has no small disks.
    """
    with (
        tempfile.TemporaryDirectory() as folder,
        small_disk(Path(folder) / "disk", 6) as disk,
        Home(disk / "home", aside=Path(folder) / "aside") as home,
    ):
        command = home.start_run("filling.py:lines")
        home.await_sign("go-on.reached")
        filler = fill(disk)
        home.give_sign("go-on")
        require(command.wait() == 4, "exit 4")
        require("the disk is full" in command.errors(), "the message says so")
        require(str(home.path / "plugwork.db") in command.errors(), "the path is named")
        filler.unlink()
        seconds = next_command(home)
        whole(home, command)
    return Row(
        "disk full under the events",
        "tmpfs of 6 MiB, filled to the last block",
        'exit 4, "the disk is full" with the path, nothing half written, database sound',
        "next command after there is room again",
        [seconds],
    )


def locked() -> Row:
    with fresh() as home:
        command = home.start_run("held.py:held", driver="spoiled", PLUGWORK_FAULT_BUSY="0.1")
        home.await_sign("go-on.reached")
        other = sqlite3.connect(home.path / "plugwork.db", isolation_level=None)
        other.execute("BEGIN EXCLUSIVE")
        home.give_sign("go-on")
        SYSTEM_CLOCK.wait(threading.Event(), 10)
        other.execute("ROLLBACK")
        other.close()
        seconds = seconds_of(command.wait)
        with home.instance() as instance:
            require(only_run(instance).status is RunStatus.SUCCESS, "SUCCESS")
        whole(home, command)
    return Row(
        "database locked for 10 s, five leases long",
        "`BEGIN EXCLUSIVE` in a program that is not ours",
        "SUCCESS, all events and lines kept, nobody takes the run over",
        "release to the run's end",
        [seconds],
    )


def launched() -> Row:
    seconds = []
    for _ in range(REPEATS):
        with fresh() as home, home.instance() as instance:
            home.run("run", "--detach", f"{PIPELINES / 'held.py'}:held")
            eventually((home.signs / "go-on.reached").exists)
            (lease,) = instance.storage.get_leases("run")
            if lease.holder is None:
                raise SystemExit("no worker holds the run")
            os.kill(lease.holder.pid, signal.SIGKILL)
            seconds.append(next_command(home))
            require(only_run(instance).status is RunStatus.FAILURE, "FAILURE")
            require(not home.processes(), "no process stays")
            whole(home)
    return Row(
        "launched worker killed, its launcher long gone",
        "`kill -9` of the worker after `plugwork run --detach`",
        "FAILURE, its open step closed, no process stays",
        "the next command",
        seconds,
    )


ALL: tuple[Callable[[], Row], ...] = (
    no_fault,
    random_moments,
    batches,
    watched_kill,
    stopped,
    returned,
    interrupted,
    terminated,
    interrupted_twice,
    full_disk,
    locked,
    launched,
)


def measure_all(tell: Callable[[str], None]) -> Iterator[Row]:
    """Yield each row as it is measured; one that this machine refuses is told, and left out."""
    for measure in ALL:
        try:
            row = measure()
        except MountRefusedError as error:
            tell(f"left out: {measure.__name__}: {error}")
            continue
        tell(" | ".join(row.cells()))
        yield row
