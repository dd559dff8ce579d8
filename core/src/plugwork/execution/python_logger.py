"""Loggers of Python whose lines stand in the log of the step that runs."""

from __future__ import annotations

import logging

from plugwork.execution.running import RUNNING

NAME = "plugwork.user"


class _ToRunningStep(logging.Handler):
    """Gives lines to the step that runs here; outside of one they go where all others go."""

    def emit(self, record: logging.LogRecord) -> None:
        attempt, last = RUNNING.get(), logging.lastResort
        if attempt is not None:
            attempt.log.handle(record)
        elif last is not None and not logging.root.handlers and record.levelno >= last.level:
            # This handler keeps Python from doing so itself.
            last.handle(record)


_HANDLER = _ToRunningStep()


def get_logger(name: str | None = None) -> logging.Logger:
    """Return a logger of Python whose lines stand in the run's log while a step runs.

    For helpers that get no context. In a thread that user code starts itself, its lines go where
    those of other loggers go.

    :param name: of the logger; a common one when not given.
    """
    found = logging.getLogger(NAME if name is None else name)
    if _HANDLER not in found.handlers:
        found.addHandler(_HANDLER)
    if found.level == logging.NOTSET:
        found.setLevel(logging.DEBUG)
    return found
