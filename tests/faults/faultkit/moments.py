"""Runs that are killed at random moments, several at a time."""

from __future__ import annotations

import threading
from random import Random
from typing import Any

import attrs

from faultkit.homes import Command, Home
from plugwork.clock import SYSTEM_CLOCK

#: About how many events a whole run of ``work`` has.
EVENTS = 135
TOO_LATE = "too late"
#: Seconds in which ten of them, beside each other, are certainly not at their end.
SPAN = 1.2


@attrs.frozen
class Moment:
    """When to kill: so many seconds after so many events were told."""

    events: int
    seconds: float

    @classmethod
    def choose(cls, random: Random) -> Moment:
        """Choose one anywhere: before the run exists, among its events, after its end."""
        if random.random() < 0.4:
            return cls(0, random.uniform(0, SPAN))
        return cls(random.randint(1, EVENTS), random.uniform(0, 0.02))


@attrs.frozen
class Killed:
    """A run that was killed, and what it had told by then."""

    moment: Moment
    command: Command
    acknowledged: list[dict[str, Any]]

    @property
    def landed(self) -> str:
        """Where the kill came, as far as the run's own words tell."""
        if self.command.process.returncode == 0:
            return TOO_LATE
        if not self.acknowledged:
            return "before its first event"
        ended = self.acknowledged[-1]["type"] == "RUN_SUCCESS"
        return "after its end" if ended else "while it ran"


def kill_wave(home: Home, random: Random, count: int = 10) -> list[Killed]:
    """Start so many runs at once, and kill each at a moment of its own.

    For each kill that came too late another run is started, so that ``count`` were killed in the
    end; those that got away are returned as well.
    """
    done: list[Killed] = []
    while (missing := count - sum(one.landed != TOO_LATE for one in done)) > 0:
        done += _kill_together(home, [Moment.choose(random) for _ in range(missing)])
    return done


def _kill_together(home: Home, moments: list[Moment]) -> list[Killed]:
    commands = [home.start_run("work.py:work") for _ in moments]
    threads = [
        threading.Thread(target=_kill_at, args=pair) for pair in zip(commands, moments, strict=True)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return [
        Killed(moment, command, command.acknowledged())
        for moment, command in zip(moments, commands, strict=True)
    ]


def _kill_at(command: Command, moment: Moment) -> None:
    never = threading.Event()
    while command.process.poll() is None and _told(command) < moment.events:
        never.wait(0.002)
    SYSTEM_CLOCK.wait(never, moment.seconds)
    command.kill()


def _told(command: Command) -> int:
    return command.out.read_bytes().count(b"\n")
