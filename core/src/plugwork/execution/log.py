"""``context.log``: lines of user code, into the run's log."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import TYPE_CHECKING

from plugwork.model.error_info import SerializableErrorInfo

if TYPE_CHECKING:
    from plugwork.execution.emitter import Emitter


class _ToRunLog(logging.Handler):
    def __init__(self, emitter: Emitter, step_key: str | None, attempt: int | None) -> None:
        super().__init__()
        self._emitter = emitter
        self._step_key = step_key
        self._attempt = attempt

    def emit(self, record: logging.LogRecord) -> None:
        error = record.exc_info[1] if record.exc_info else None
        info = SerializableErrorInfo.from_exception(error) if error else None
        self._emitter.line(record.levelno, record.getMessage(), self._step_key, self._attempt, info)


class _Forward(logging.Handler):
    """Gives lines to the job's own loggers, each at its own level."""

    def __init__(self, loggers: Sequence[logging.Logger]) -> None:
        super().__init__()
        self._loggers = loggers

    def emit(self, record: logging.LogRecord) -> None:
        for logger in self._loggers:
            if logger.isEnabledFor(record.levelno):
                logger.handle(record)


class LogManager(logging.Logger):
    """The logger of a step or of a run: a :class:`logging.Logger` that belongs to nobody else.

    A line is committed with the step's other events, at the latest when the writer's time is
    over. What the logger itself raises is not swallowed: it is the user's line.
    """

    def __init__(self, handler: logging.Handler, level: int = logging.DEBUG) -> None:
        super().__init__("plugwork", level)
        self.addHandler(handler)


def run_log(
    emitter: Emitter,
    step_key: str | None = None,
    attempt: int | None = None,
    loggers: Sequence[logging.Logger] = (),
) -> LogManager:
    """Return the logger of a run, or of one attempt of a step.

    :param loggers: the job's own, which get each line after the run's log.
    """
    made = LogManager(_ToRunLog(emitter, step_key, attempt))
    if loggers:
        made.addHandler(_Forward(loggers))
    return made
