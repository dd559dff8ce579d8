"""An exception as data: message, frames, cause and context."""

from __future__ import annotations

import os
import traceback
from collections.abc import Iterator, Sequence
from functools import cache
from types import TracebackType

import attrs

from plugwork.errors import CheckError, UserCodeProcessError
from plugwork.model.record import Record, as_texts, tagged
from plugwork.redaction import masked_message, redacted_id

#: Characters of one text field that are kept when an error is stored; the environment variable
#: may say another number.
TEXT_LIMIT = 500_000
TEXT_LIMIT_VARIABLE = "PLUGWORK_EVENT_ERROR_FIELD_SIZE_LIMIT"
#: Links of a cause or context chain that are kept of an error that is longer than that.
CHAIN_LIMIT = 5
CHAIN_LIMIT_VARIABLE = "PLUGWORK_EVENT_ERROR_MAX_CHAIN_LENGTH"
#: Links that are looked at, whatever their length.
_MOST_LINKS = 100
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

    def size(self) -> int:
        """Return the number of characters of messages and frames, those of causes included."""
        own = len(self.message) + sum(map(len, self.stack))
        return own + sum(each.size() for each in (self.cause, self.context) if each)

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
    def from_exception(cls, error: BaseException, *, hoist: bool = True) -> SerializableErrorInfo:
        """Describe an exception, cut to the limits of this module.

        :param hoist: whether an error that only carries one from another process is described as
            that one.
        """
        if hoist and isinstance(error, UserCodeProcessError):
            carried: list[SerializableErrorInfo] = error.user_code_process_error_infos
            if len(carried) == 1:
                return carried[0]
        limit = _limit(TEXT_LIMIT_VARIABLE, TEXT_LIMIT)
        info = _describe(error, _MOST_LINKS, limit)
        if info.size() <= limit:
            return info
        return _shortened(info, _limit(CHAIN_LIMIT_VARIABLE, CHAIN_LIMIT))

    @classmethod
    def from_exc_info(
        cls,
        exc_info: tuple[type[BaseException] | None, BaseException | None, TracebackType | None],
        *,
        hoist: bool = True,
    ) -> SerializableErrorInfo:
        """Describe what ``sys.exc_info()`` returned; see :meth:`from_exception`.

        :raises CheckError: when no exception is active.
        """
        if exc_info[1] is None:
            raise CheckError("no exception is being handled here")
        return cls.from_exception(exc_info[1], hoist=hoist)


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


def _describe(error: BaseException, links: int, limit: int) -> SerializableErrorInfo:
    error_id = redacted_id(error)
    if error_id is not None:
        return SerializableErrorInfo(f"{masked_message(error_id)}\n", cls_name=_REDACTED)
    cause = error.__cause__
    context = None if cause is not None or error.__suppress_context__ else error.__context__
    message = "".join(traceback.format_exception_only(type(error), error))
    # An error of ours around one that is masked has frames of the user's, too.
    is_masked = cause is not None and redacted_id(cause) is not None
    frames = [] if is_masked else traceback.format_tb(error.__traceback__)
    return SerializableErrorInfo(
        message=cut(message, limit),
        stack=_cut_stack(frames, limit),
        cls_name=type(error).__name__[:CLASS_NAME_LIMIT],
        cause=_link(cause, links, limit),
        context=_link(context, links, limit),
        user_frame=None if is_masked else _user_frame(error.__traceback__),
    )


def _link(error: BaseException | None, links: int, limit: int) -> SerializableErrorInfo | None:
    if error is None:
        return None
    return _describe(error, links - 1, limit) if links > 1 else _MORE


def _shortened(info: SerializableErrorInfo, links: int) -> SerializableErrorInfo:
    """Cut the chain after so many links, and leave a mark there."""
    rest = [None if each is None else _MORE for each in (info.cause, info.context)]
    if links > 1:
        rest = [each and _shortened(each, links - 1) for each in (info.cause, info.context)]
    return attrs.evolve(info, cause=rest[0], context=rest[1])


def _limit(variable: str, default: int) -> int:
    """Read a limit; what is no number of 1 or more leaves the default."""
    text = os.environ.get(variable, "")
    return int(text) if text.isdecimal() and int(text) else default


def cut(text: str, limit: int = TEXT_LIMIT) -> str:
    """Return the text, cut to a number of characters and marked when it was longer."""
    return text if len(text) <= limit else f"{text[:limit]}{TRUNCATED}"


def _cut_stack(frames: list[str], limit: int) -> tuple[str, ...]:
    room = limit
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


#: In place of links that are left out.
_MORE = SerializableErrorInfo(message=f"{TRUNCATED}\n")
_REDACTED = "RedactedUserCodeError"
_OURS = frozenset({"plugwork", "plugwork_inprocess", "pluggy", "contextlib", "asyncio", "attr"})
