"""Loggers: further places to which a run's log lines go."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, overload

from plugwork.config.schema import Field
from plugwork.definitions.configured import ConfiguredMixin, field_of, given_config
from plugwork.definitions.place import where
from plugwork.errors import (
    InvalidDefinitionError,
    InvalidInvocationError,
    InvariantViolationError,
)

if TYPE_CHECKING:
    import logging

    from plugwork.definitions.job import JobDefinition

LoggerFn = Callable[["InitLoggerContext"], "logging.Logger"]


class InitLoggerContext:
    """What a logger is made from.

    :param logger_config: validated, references resolved.
    """

    __slots__ = ("job_def", "logger_config", "logger_def", "run_id")

    def __init__(
        self,
        logger_config: Any,
        logger_def: LoggerDefinition | None = None,
        job_def: JobDefinition | None = None,
        run_id: str | None = None,
    ) -> None:
        self.logger_config = logger_config
        self.logger_def = logger_def
        self.job_def = job_def
        self.run_id = run_id


class LoggerDefinition(ConfiguredMixin):
    """Makes a logger. See :func:`logger`.

    Calling it with a context makes the logger, as a unit test does.

    :raises InvalidDefinitionError: when the function does not take one parameter, the context.
    """

    what = "logger"

    def __init__(
        self, logger_fn: LoggerFn, config_schema: Any = None, description: str | None = None
    ) -> None:
        _check_function(logger_fn)
        self.logger_fn = logger_fn
        owner = f"logger {getattr(logger_fn, '__name__', '')!r}"
        self.config_field: Field = field_of(config_schema, owner, logger_fn)
        self.description = description

    def __call__(self, init_context: InitLoggerContext | None = None) -> logging.Logger:
        """Make the logger in a unit test.

        :param init_context: of :func:`plugwork.build_init_logger_context`; its config is checked.
        :raises InvalidConfigError: when the config does not fit.
        """
        given = init_context or InitLoggerContext(None)
        if not isinstance(given, InitLoggerContext):
            raise InvalidInvocationError(
                f"{self._label} is called with a context made by build_init_logger_context(), got "
                f"{given!r}"
            )
        config = given_config(self.config_field, given.logger_config, self._label)
        return self.make(InitLoggerContext(config, self, given.job_def, given.run_id))

    def make(self, context: InitLoggerContext) -> logging.Logger:
        """Make the logger.

        :raises InvariantViolationError: when the function returns anything else.
        """
        import logging

        made = self.logger_fn(context)
        if not isinstance(made, logging.Logger):
            raise InvariantViolationError(f"{self._label} returned {made!r}, not a Logger")
        return made

    @property
    def _label(self) -> str:
        fn = self.logger_fn
        return f"logger {getattr(fn, '__name__', type(fn).__name__)!r} ({where(fn)})"


def _check_function(fn: LoggerFn) -> None:
    if not callable(fn):
        raise InvalidDefinitionError(f"a logger is made of a function, got {fn!r}")
    try:
        inspect.signature(fn).bind(object())
    except TypeError:
        raise InvalidDefinitionError(
            f"the function of a logger takes one parameter, the InitLoggerContext; its signature "
            f"is {inspect.signature(fn)} ({where(fn)})"
        ) from None


@overload
def logger(config_schema: LoggerFn) -> LoggerDefinition: ...


@overload
def logger(
    config_schema: Any = ..., description: str | None = ...
) -> Callable[[LoggerFn], LoggerDefinition]: ...


def logger(
    config_schema: Any = None, description: str | None = None
) -> LoggerDefinition | Callable[[LoggerFn], LoggerDefinition]:
    """Make a logger definition of a function that returns a :class:`logging.Logger`.

    :param config_schema: of ``context.logger_config``; None takes any config.
    """
    if inspect.isfunction(config_schema):
        return LoggerDefinition(config_schema, description=config_schema.__doc__)

    def define(fn: LoggerFn) -> LoggerDefinition:
        return LoggerDefinition(fn, config_schema, description or fn.__doc__)

    return define
