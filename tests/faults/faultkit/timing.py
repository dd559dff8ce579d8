"""A watch, and what must be so before a figure counts."""

from __future__ import annotations

import signal
import statistics
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import attrs

from faultkit.checks import check_instance
from faultkit.homes import Command, Home
from plugwork import Instance
from plugwork.clock import SYSTEM_CLOCK
from plugwork.model import Run, RunStatus
from plugwork_testkit.waiting import eventually


@attrs.frozen
class Row:
    """One line of the published table."""

    fault: str
    #: How it was injected.
    how: str
    #: What held afterwards.
    held: str
    #: From where to where the seconds are.
    span: str
    seconds: list[float]

    def cells(self) -> list[str]:
        median, worst = statistics.median(self.seconds), max(self.seconds)
        figures = f"{median:.2f} ({worst:.2f})" if len(self.seconds) > 1 else f"{median:.2f}"
        return [self.fault, self.how, self.held, self.span, figures]


@contextmanager
def fresh(**sections: Any) -> Iterator[Home]:
    """Give a home of its own."""
    with tempfile.TemporaryDirectory() as folder, Home(Path(folder) / "home", **sections) as home:
        yield home


def require(fact: bool, text: str) -> None:
    """Stop when something does not hold that the table is to say."""
    if not fact:
        raise SystemExit(f"it did not hold: {text}")


def seconds_of(action: Callable[[], object]) -> float:
    started = SYSTEM_CLOCK.monotonic()
    action()
    return SYSTEM_CLOCK.monotonic() - started


def next_command(home: Home) -> float:
    """Return the seconds of a command that ends what is dead."""
    return seconds_of(lambda: home.run("runs", "list"))


def hold(home: Home, job: str = "held") -> Command:
    """Start a run, and wait until its step waits, and has been told of."""
    command = home.start_run(f"held.py:{job}")
    home.await_sign("never.reached" if job == "unstoppable" else "go-on.reached")
    eventually(lambda: "STEP_START" in command.told())
    return command


def only_run(instance: Instance) -> Run:
    (run,) = instance.get_runs()
    return run


def until_ended(instance: Instance) -> float:
    """Return the seconds until the one run is terminal."""
    return seconds_of(lambda: eventually(lambda: only_run(instance).is_finished, 90))


def whole(home: Home, *commands: Command) -> None:
    """Stop with what does not hold of a home."""
    told = [document for command in commands for document in command.acknowledged()]
    problems = check_instance(home.path, told)
    require(not problems, "\n".join(problems))


def resume(home: Home, instance: Instance, command: Command) -> float:
    """Let a stopped run go on that was taken over; return the seconds until its process ends."""
    run = only_run(instance)
    before = len(instance.all_logs(run.run_id))
    command.send(signal.SIGCONT)
    seconds = seconds_of(command.wait)
    require(len(instance.all_logs(run.run_id)) == before, "late events are refused")
    require(command.process.returncode == 1, "exit 1")
    require("was taken over" in command.errors(), "it says so")
    require((home.signs / "finally.0").exists(), "finally-blocks run")
    whole(home, command)
    return seconds


def stops(home: Home, command: Command, status: RunStatus, code: int) -> None:
    """Require that an interrupted run ended as it must."""
    require(command.process.returncode == code, f"exit {code}")
    require((home.signs / "finally.0").exists(), "finally-blocks ran")
    require(not (home.signs / "finally.1").exists(), "not tried again")
    with home.instance() as instance:
        require(only_run(instance).status is status, str(status))
    whole(home, command)
