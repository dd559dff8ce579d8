"""Mistakes in schemas that say where in the user's code they stand."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable
from types import FrameType
from typing import Concatenate, ParamSpec, TypeVar

from plugwork.errors import InvalidDefinitionError

P = ParamSpec("P")
S = TypeVar("S")
_OWN = __name__.partition(".")[0]


def placed(init: Callable[Concatenate[S, P], None]) -> Callable[Concatenate[S, P], None]:
    """Make the errors of a constructor name its class, and the line of user code that called it.

    Where plugwork calls it, the definition that does so names itself.
    """

    @functools.wraps(init)
    def wrapped(self: S, *args: P.args, **kwargs: P.kwargs) -> None:
        try:
            init(self, *args, **kwargs)
        except InvalidDefinitionError as error:
            tell_place(error, type(self).__name__, sys._getframe(1))
            raise

    return wrapped  # type: ignore[return-value]  # the same call, but for the name of self


def tell_place(error: InvalidDefinitionError, owner: str, frame: FrameType) -> None:
    """Name an owner, and the line of user code in this frame, in an error."""
    if frame.f_globals.get("__name__", "").partition(".")[0] != _OWN:
        place = f"({frame.f_code.co_filename}:{frame.f_lineno})"
        error.args = (f"{owner}: {error} {place}", *error.args[1:])


def tell_class(error: InvalidDefinitionError, cls: type) -> None:
    """Name the place of a class in an error."""
    import inspect  # only when something is wrong

    try:
        place = f"({inspect.getsourcefile(cls)}:{inspect.getsourcelines(cls)[1]})"
    except (OSError, TypeError):  # made where there is no file
        return
    if place not in str(error):
        error.args = (f"{error} {place}", *error.args[1:])
