"""Every command, as text: what is listed costs no import of what it does."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple


class Entry(NamedTuple):
    """A command, or a group of commands."""

    help: str
    #: ``"package.module:attribute"`` of a click command; empty for a group.
    target: str = ""
    #: Of a group.
    commands: Mapping[str, Entry] = {}


COMMANDS: Mapping[str, Entry] = {
    "init": Entry("Make a small project that runs.", "plugwork.cli.init:init"),
    "run": Entry("Run a job here, and show how it goes.", "plugwork.cli.run:run"),
    "check": Entry(
        "List every mistake in the configuration and in code.", "plugwork.cli.check:check"
    ),
    "explain": Entry(
        "Tell what an error code means, or why a run or step is as it is.",
        "plugwork.cli.explain:explain",
    ),
    "runs": Entry(
        "What has run, what runs, and why it failed.",
        commands={
            "list": Entry("List runs, newest first.", "plugwork.cli.runs.listing:list_runs"),
            "show": Entry("Show one run: why it failed, its steps.", "plugwork.cli.runs.show:show"),
            "logs": Entry(
                "Print what a run's steps printed and logged.", "plugwork.cli.runs.logs:logs"
            ),
            "events": Entry("List the events of a run.", "plugwork.cli.runs.events:events"),
            "watch": Entry("Follow a run until it ends.", "plugwork.cli.runs.watch:watch"),
            "cancel": Entry("Stop a run.", "plugwork.cli.runs.cancel:cancel"),
            "retry": Entry(
                "Run again what failed, and what follows it.", "plugwork.cli.runs.retry:retry"
            ),
            "delete": Entry(
                "Delete a run with its events and logs.", "plugwork.cli.runs.delete:delete"
            ),
        },
    ),
    "jobs": Entry(
        "The jobs of a file or module.",
        commands={
            "list": Entry("List the jobs.", "plugwork.cli.jobs:list_jobs"),
            "show": Entry("Show the steps of a job.", "plugwork.cli.jobs:show"),
            "config": Entry("Show what run config a job takes.", "plugwork.cli.jobs:config"),
        },
    ),
    "automation": Entry(
        "The schedules and sensors of a file or module.",
        commands={
            "list": Entry(
                "List the schedules and sensors.",
                "plugwork.cli.automation.listing:list_automations",
            ),
            "show": Entry(
                "Show one schedule or sensor, with its next times.",
                "plugwork.cli.automation.listing:show",
            ),
            "tick": Entry(
                "Evaluate a schedule or sensor here, and show what it would request.",
                "plugwork.cli.automation.tick:tick",
            ),
        },
    ),
    "instance": Entry(
        "Where things are kept, and by which components.",
        commands={
            "info": Entry("Show home, file and components.", "plugwork.cli.instance:info"),
            "config": Entry(
                "Show the configuration, secrets masked.", "plugwork.cli.instance:config"
            ),
        },
    ),
    "queue": Entry(
        "Slots that steps of all runs share.",
        commands={
            "pools": Entry(
                "List pools, who has their slots, and who waits.", "plugwork.cli.queue:pools"
            ),
            "set-limit": Entry("Give a pool a number of slots.", "plugwork.cli.queue:set_limit"),
        },
    ),
    "plugins": Entry(
        "What is installed, and how it is.",
        commands={
            "list": Entry("List components and plugins.", "plugwork.cli.plugins:list_plugins"),
            "show": Entry(
                "Show one plugin: who brings it, its settings.", "plugwork.cli.plugins:show"
            ),
            "doctor": Entry(
                "Import every plugin and name what is broken.", "plugwork.cli.plugins:doctor"
            ),
        },
    ),
    "completion": Entry(
        "Print the completion script of a shell.", "plugwork.cli.completion:completion"
    ),
    "version": Entry("Print the version.", "plugwork.cli.version:version"),
}
