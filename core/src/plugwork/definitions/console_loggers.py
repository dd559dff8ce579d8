"""Loggers that write the log of a run to standard error, for jobs that bind them."""

from __future__ import annotations

import json
import logging
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from plugwork.config.schema import Field
from plugwork.definitions.logger import InitLoggerContext, LoggerDefinition, logger
from plugwork.errors import InvalidDefinitionError

if TYPE_CHECKING:
    from plugwork.instance import Instance

_SCHEMA = {
    "log_level": Field(str, default_value="INFO", description="Lines below it are left out."),
    "name": Field(
        str, default_value="plugwork", description="Of the logger; shown in lines for people."
    ),
}
#: Attributes that every record has; others came with the line.
_USUAL = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}
_COLOURS = {
    logging.WARNING: "\x1b[33m",
    logging.ERROR: "\x1b[31m",
    logging.CRITICAL: "\x1b[1;31m",
}
_PLAIN = "\x1b[0m"


class JsonLogFormatter(logging.Formatter):
    """Writes a line as one JSON object: time, level, logger, message, and what came with it.

    Lines of a run carry ``run_id``, ``job_name``, and ``step_key`` where there is one. Takes the
    arguments of :class:`logging.Formatter`, of which only ``datefmt`` changes anything.
    """

    def format(self, record: logging.LogRecord) -> str:
        told: dict[str, Any] = {
            "time": self._time(record),
            "level": record.levelname,
            "name": record.name,
            "message": record.getMessage(),
        }
        more = {key: value for key, value in vars(record).items() if key not in _USUAL}
        told.update((key, value) for key, value in more.items() if value is not None)
        if record.exc_info:
            told["error"] = self.formatException(record.exc_info)
        return json.dumps(told, default=repr)

    def _time(self, record: logging.LogRecord) -> str:
        if self.datefmt is not None:
            return self.formatTime(record, self.datefmt)
        return datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")


class _ColouredFormatter(logging.Formatter):
    """Colours warnings and errors where the stream is a terminal."""

    def __init__(self, name: str, is_terminal: bool) -> None:
        shown = name.replace("%", "%%")
        super().__init__(f"%(asctime)s - {shown} - %(levelname)s - %(message)s")
        self._is_terminal = is_terminal

    def format(self, record: logging.LogRecord) -> str:
        text = super().format(record)
        step_key = getattr(record, "step_key", None)
        if step_key is not None:
            text = f"{text} [{step_key}]"
        colour = _COLOURS.get(record.levelno) if self._is_terminal else None
        return f"{colour}{text}{_PLAIN}" if colour else text


@logger(_SCHEMA)
def colored_console_logger(context: InitLoggerContext) -> logging.Logger:
    """Write lines for people to standard error, in colour on a terminal."""
    return _console_logger(
        context, _ColouredFormatter(context.logger_config["name"], sys.stderr.isatty())
    )


@logger(_SCHEMA)
def json_console_logger(context: InitLoggerContext) -> logging.Logger:
    """Write lines as JSON objects to standard error."""
    return _console_logger(context, JsonLogFormatter())


def _console_logger(context: InitLoggerContext, formatter: logging.Formatter) -> logging.Logger:
    config = context.logger_config
    # Not one of Python's own tree: nobody else adds handlers to it, or hears its lines.
    made = logging.Logger(config["name"], _level(config["log_level"]))
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(formatter)
    made.addHandler(handler)
    return made


def _level(name: str) -> int:
    level = logging.getLevelNamesMapping().get(name.upper())
    if level is None:
        known = ", ".join(logging.getLevelNamesMapping())
        raise InvalidDefinitionError(f"there is no log level {name!r}; there are: {known}")
    return level


def default_loggers() -> dict[str, LoggerDefinition]:
    """Return loggers to bind where a job is to write to the console."""
    return {"console": colored_console_logger}


def default_system_loggers(
    instance: Instance | None = None,
) -> list[tuple[LoggerDefinition, dict[str, Any]]]:
    """Return the logger for what happens outside of runs, with its config."""
    return [(colored_console_logger, {"log_level": "DEBUG", "name": "plugwork"})]
