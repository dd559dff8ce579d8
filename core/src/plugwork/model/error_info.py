"""An exception as data: message, frames, cause and context."""

from __future__ import annotations

import os
import traceback
from collections.abc import Iterator, Sequence
from functools import cache
from types import TracebackType

import attrs

from plugwork.errors import CheckError
from plugwork.model.record import Record, as_texts, tagged

#: Characters of one text field that are kept when an error is stored.
TEXT_LIMIT = 500_000
#: Links of a cause or context chain that are kept.
CHAIN_LIMIT = 5
CLASS_NAME_LIMIT = 1_000
TRUNCATED = "(TRUNCATED)"


Frame = tuple[str, int, str]


def _frame(value: Sequence[str | int] | None) -> Frame | None:
    return None if value is None else (str(value[0]), int(value[1]), str(value[2]))


@tagged("error")
@attrs.frozen
class SerializableErrorInfo(Record):
    """One exception, with those that led to it."""

    #: ``module.Class: text`` and a newline; builtins without their module.
    message: str
    #: Formatted frames, outermost first.
    stack: tuple[str, ...] = attrs.field(converter=as_texts, default=())
    cls_name: str | None = None
    cause: SerializableErrorInfo | None = None
    context: SerializableErrorInfo | None = None
    #: The innermost frame of the user's own code: (file, line, function).
    user_frame: Frame | None = attrs.field(default=None, converter=_frame)

    def to_string(self) -> str:
        """Return the whole error as text, causes after it."""
        text = f"{self.message}\nStack Trace:\n{''.join(self.stack)}"
        if self.cause:
            text += f"\nThe above exception was caused by:\n{self.cause.to_string()}"
        if self.context:
            text += f"\nIt happened while handling:\n{self.context.to_string()}"
        return text

    def chain(self) -> Iterator[SerializableErrorInfo]:
        """Yield this error, then its causes."""
        link: SerializableErrorInfo | None = self
        while link is not None:
            yield link
            link = link.cause or link.context

    def unwrapped(self) -> SerializableErrorInfo:
        """Return the error itself, or the one that errors of ours only carry."""
        info = self
        while info.cause is not None and info.cls_name in _WRAPPERS:
            info = info.cause
        return info

    def summary(self) -> str:
        """Return the message as one line: the user's error where a framework error wraps it."""
        lines = self.unwrapped().message.strip("\n").splitlines()
        # A SyntaxError's message begins with the place, indented; what is wrong comes last.
        plain = [line for line in lines if not line.startswith(" ")]
        return (plain or lines or [""])[0].strip()

    @classmethod
    def from_exception(cls, error: BaseException) -> SerializableErrorInfo:
        """Describe an exception, cut to the limits of this module."""
        return _describe(error, CHAIN_LIMIT)

    @classmethod
    def from_exc_info(
        cls, exc_info: tuple[type[BaseException] | None, BaseException | None, TracebackType | None]
    ) -> SerializableErrorInfo:
        """Describe what ``sys.exc_info()`` returned.

        :raises CheckError: when no exception is active.
        """
        if exc_info[1] is None:
            raise CheckError("no exception is being handled here")
        return cls.from_exception(exc_info[1])


#: Errors of ours that only carry the user's; readers are shown the cause.
_WRAPPERS = frozenset(
    {
        "StepExecutionError",
        "LoadInputError",
        "HandleOutputError",
        "TypeCheckError",
        "ResourceFunctionError",
        "ConfigMappingFunctionError",
        "HookExecutionError",
        "UserCodeLoadError",
        "RetryRequestedFromPolicy",
        "RetryRequested",
    }
)


def _describe(error: BaseException, depth: int) -> SerializableErrorInfo:
    cause = error.__cause__
    context = None if cause is not None or error.__suppress_context__ else error.__context__
    message = "".join(traceback.format_exception_only(type(error), error))
    return SerializableErrorInfo(
        message=cut(message),
        stack=_cut_stack(traceback.format_tb(error.__traceback__)),
        cls_name=type(error).__name__[:CLASS_NAME_LIMIT],
        cause=_link(cause, depth),
        context=_link(context, depth),
        user_frame=_user_frame(error.__traceback__),
    )


def _link(error: BaseException | None, depth: int) -> SerializableErrorInfo | None:
    if error is None:
        return None
    if depth <= 1:
        return SerializableErrorInfo(message=f"{TRUNCATED}\n")
    return _describe(error, depth - 1)


def cut(text: str, limit: int = TEXT_LIMIT) -> str:
    """Return the text, cut to a number of characters and marked when it was longer."""
    return text if len(text) <= limit else f"{text[:limit]}{TRUNCATED}"


def _cut_stack(frames: list[str]) -> tuple[str, ...]:
    room = TEXT_LIMIT
    kept: list[str] = []
    for frame in frames:
        room -= len(frame)
        if room < 0:
            return (*kept, TRUNCATED)
        kept.append(frame)
    return tuple(kept)


def _user_frame(tb: TracebackType | None) -> Frame | None:
    """The innermost frame of the user's own files; else of any library that is not plugwork's."""
    own: Frame | None = None
    library: Frame | None = None
    while tb is not None:
        code = tb.tb_frame.f_code
        module = str(tb.tb_frame.f_globals.get("__name__", ""))
        if module.partition(".")[0] not in _OURS and not code.co_filename.startswith("<frozen"):
            frame = (code.co_filename, tb.tb_lineno, code.co_name)
            if code.co_filename.startswith(_library_folders()):
                library = frame
            else:
                own = frame
        tb = tb.tb_next
    return own or library


@cache
def _library_folders() -> tuple[str, ...]:
    import sysconfig  # only when something failed

    names = ("stdlib", "platstdlib", "purelib", "platlib")
    return tuple({sysconfig.get_path(name) + os.sep for name in names})


_OURS = frozenset({"plugwork", "plugwork_inprocess", "pluggy", "contextlib", "asyncio", "attr"})
