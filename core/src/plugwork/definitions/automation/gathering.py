"""What a user's function returned or yielded, one after the other."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from plugwork.definitions.automation.results import SkipReason
from plugwork.errors import EvaluationError, InvariantViolationError

if TYPE_CHECKING:
    from plugwork.model import RunRequest

_END = object()


def gathered(call: Callable[[], Any], error_class: type[EvaluationError], owner: str) -> list[Any]:
    """Call a user's function; return all that it returned or yielded, lists taken apart.

    :param owner: who is evaluated, with its place, for messages.
    :raises EvaluationError: of the class, when the function raised.
    :raises InvariantViolationError: when it returned an awaitable.
    """
    made = returned(call, error_class, owner)
    if inspect.isgenerator(made):
        drained = _drained(made, _boundary(error_class, owner))
        return [one for item in drained for one in _parts(item)]
    return list(_parts(made))


def returned(call: Callable[[], Any], error_class: type[EvaluationError], owner: str) -> Any:
    """Call a user's function; return what it returned.

    :raises EvaluationError: of the class, when the function raised.
    :raises InvariantViolationError: when it returned an awaitable.
    """
    with _boundary(error_class, owner)():
        made = call()
    if inspect.isawaitable(made):
        _closed(made)
        raise InvariantViolationError(
            f"{owner} returned an awaitable, and evaluations are not async; await inside with "
            "asyncio.run()"
        )
    return made


def _boundary(error_class: type[EvaluationError], owner: str) -> Callable[[], Any]:
    from plugwork.boundary import user_code_error_boundary  # definitions do without it

    message = f"Error occurred while evaluating {owner}:"
    return partial(user_code_error_boundary, error_class, lambda: message)


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


def requests_or_skip(
    results: Sequence[Any], owner: str
) -> tuple[list[RunRequest], SkipReason | None]:
    """Tell the run requests of a schedule from its reason to skip.

    :raises InvariantViolationError: for both at once, or anything else.
    """
    from plugwork.model.automation import RunRequest

    skips = [one for one in results if isinstance(one, SkipReason)]
    requests = [one for one in results if isinstance(one, RunRequest)]
    for one in results:
        if not isinstance(one, (RunRequest, SkipReason)):
            raise InvariantViolationError(
                f"{owner} returned {one!r}; it returns or yields RunRequest, SkipReason, or run "
                "config as a dictionary"
            )
    if skips and len(results) > 1:
        raise InvariantViolationError(
            f"{owner} gave a SkipReason and something else; it gives run requests, or one "
            "SkipReason"
        )
    if len(requests) > 1 and any(one.run_key is None for one in requests):
        raise InvariantViolationError(
            f"{owner} asked for {len(requests)} runs at once, and not each has a run_key; give "
            "each a key of its own"
        )
    return requests, skips[0] if skips else None
