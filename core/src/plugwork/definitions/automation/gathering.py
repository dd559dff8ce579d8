"""What a user's function returned or yielded, one after the other."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from plugwork.boundary import user_code_error_boundary
from plugwork.errors import EvaluationError, InvariantViolationError

_END = object()


def gathered(call: Callable[[], Any], error_class: type[EvaluationError], owner: str) -> list[Any]:
    """Call a user's function; return all that it returned or yielded, lists taken apart.

    :param owner: who is evaluated, with its place, for messages.
    :raises EvaluationError: of the class, when the function raised.
    :raises InvariantViolationError: when it returned an awaitable.
    """
    boundary = partial(
        user_code_error_boundary, error_class, lambda: f"Error occurred while evaluating {owner}:"
    )
    with boundary():
        made = call()
    if inspect.isgenerator(made):
        return [one for item in _drained(made, boundary) for one in _parts(item)]
    if inspect.isawaitable(made):
        _closed(made)
        raise InvariantViolationError(
            f"{owner} returned an awaitable, and evaluations are not async; await inside with "
            "asyncio.run()"
        )
    return list(_parts(made))


def _drained(generator: Iterator[Any], boundary: Callable[[], Any]) -> Iterator[Any]:
    while True:
        with boundary():
            item = next(generator, _END)
        if item is _END:
            return
        yield item


def _parts(item: Any) -> Iterator[Any]:
    if isinstance(item, (list, tuple)):
        yield from item
    elif item is not None:
        yield item


def _closed(made: Any) -> None:
    # A coroutine that nobody awaits warns when it is thrown away.
    if inspect.iscoroutine(made):
        made.close()
