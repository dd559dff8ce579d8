"""Runs the pieces of attempts whose user code has to be awaited."""

from __future__ import annotations

import asyncio
import contextvars
from collections.abc import Callable, Coroutine
from contextlib import nullcontext, suppress
from functools import partial
from typing import TYPE_CHECKING, Any

from plugwork.interruptible import interruptible_here

if TYPE_CHECKING:
    from plugwork.execution.compute import Phases


def run_async(phases: Phases, awaited: Coroutine[Any, Any, Any] | None) -> None:
    """Run an attempt to its end in this thread, with an event loop of its own.

    :param awaited: what the phases yielded first.
    """
    context = contextvars.copy_context()
    with asyncio.Runner() as runner:
        loop = runner.get_loop()
        while awaited is not None:
            awaited = resume(phases, partial(_run, loop, awaited, context))


def resume(phases: Phases, outcome: Callable[[], Any]) -> Coroutine[Any, Any, Any] | None:
    """Go on with an attempt, and return what it awaits next; None at its end.

    :param outcome: gives, or raises, what came of the last.
    """
    try:
        try:
            value = outcome()
        except BaseException as error:  # noqa: BLE001 - the attempt's own
            return phases.throw(error)
        return phases.send(value)
    except StopIteration:
        return None


def _run(
    loop: asyncio.AbstractEventLoop,
    coroutine: Coroutine[Any, Any, Any],
    context: contextvars.Context,
) -> Any:
    task = loop.create_task(coroutine, context=context)
    own = interruptible_here()
    cancel = partial(loop.call_soon_threadsafe, task.cancel)
    try:
        with own.awaited(cancel) if own is not None else nullcontext():
            return loop.run_until_complete(task)
    except BaseException:
        # A signal was raised in the loop: the user's code comes to its ``finally`` blocks now.
        if task.cancel():
            with suppress(asyncio.CancelledError):
                loop.run_until_complete(task)
        raise
