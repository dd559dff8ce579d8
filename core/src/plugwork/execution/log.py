"""``context.log``: lines of user code, into the run's log."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from plugwork.model.error_info import SerializableErrorInfo

if TYPE_CHECKING:
    from plugwork.execution.emitter import Emitter
    from plugwork.model import EventLogEntry


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
    """Gives lines to the job's own loggers, each at its own level, with what they belong to."""

    def __init__(
        self, loggers: Sequence[logging.Logger], emitter: Emitter, step_key: str | None
    ) -> None:
        super().__init__()
        self._loggers = loggers
        self._more = {
            "run_id": emitter.run_id,
            "job_name": emitter.job_name,
            "step_key": step_key,
        }

    def emit(self, record: logging.LogRecord) -> None:
        vars(record).update(self._more)
        for logger in self._loggers:
            if logger.isEnabledFor(record.levelno):
                logger.handle(record)


def event_forwarder(
    loggers: Sequence[logging.Logger],
) -> Callable[[EventLogEntry], None]:
    """Return what gives the events of a run to the job's own loggers, as lines."""

    def forward(entry: EventLogEntry) -> None:
        for logger in loggers:
            if logger.isEnabledFor(entry.level):
                logger.handle(_record_of(entry))

    return forward


def _record_of(entry: EventLogEntry) -> logging.LogRecord:
    told = {
        "name": "plugwork",
        "levelno": entry.level,
        "levelname": logging.getLevelName(entry.level),
        "msg": f"{entry.event_type} - {entry.message}" if entry.message else str(entry.event_type),
        "created": entry.timestamp,
        "run_id": entry.run_id,
        "job_name": entry.job_name,
        "step_key": entry.step_key,
        "event_type": str(entry.event_type),
    }
    return logging.makeLogRecord(told)


class _OfThread(logging.Handler):
    """Gives a manager what one thread writes."""

    def __init__(self, manager: LogManager, thread: int) -> None:
        super().__init__()
        self._manager = manager
        self._thread = thread

    def emit(self, record: logging.LogRecord) -> None:
        if record.thread == self._thread and self._manager.isEnabledFor(record.levelno):
            self._manager.handle(record)


class LogManager(logging.Logger):
    """The logger of a step or of a run: a :class:`logging.Logger` that belongs to nobody else.

    A line is committed with the step's other events, at the latest when the writer's time is
    over. What the logger itself raises is not swallowed: it is the user's line.

    :param level: lines below it are left out; 0 takes all.
    :param managed_loggers: loggers of Python whose lines :meth:`capture_python_logs` takes.
    """

    def __init__(
        self,
        handler: logging.Handler,
        level: int = logging.NOTSET,
        managed_loggers: Sequence[logging.Logger] | None = None,
    ) -> None:
        super().__init__("plugwork", level)
        self.addHandler(handler)
        self.managed_loggers = list(managed_loggers or ())

    @contextmanager
    def capture_python_logs(self) -> Iterator[None]:
        """Take, meanwhile, what this thread writes to the managed loggers."""
        handler = _OfThread(self, threading.get_ident())
        for logger in self.managed_loggers:
            logger.addHandler(handler)
        try:
            yield
        finally:
            for logger in self.managed_loggers:
                logger.removeHandler(handler)


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
        made.addHandler(_Forward(loggers, emitter, step_key))
    return made
