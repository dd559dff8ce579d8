"""Runs the pieces of attempts whose user code has to be awaited."""

from __future__ import annotations

import asyncio
import contextvars
from collections.abc import Callable, Coroutine
from concurrent.futures import Executor
from contextlib import nullcontext
from functools import partial
from typing import TYPE_CHECKING, Any

from plugwork.interruptible import Interruptible, interruptible_here

if TYPE_CHECKING:
    from plugwork.execution.step.compute import Phases

Awaited = Coroutine[Any, Any, Any]
#: Gives what came of a coroutine, or raises it.
Outcome = Callable[[], Any]


def run_async(
    phases: Phases, awaited: Awaited | None, shared: asyncio.AbstractEventLoop | None
) -> None:
    """Run an attempt to its end in this thread.

    :param awaited: what the phases yielded first.
    :param shared: a loop that runs in another thread; None makes one here.
    """
    context = contextvars.copy_context()
    with nullcontext(shared) if shared else asyncio.Runner() as used:
        while awaited is not None:
            outcome = (
                partial(_run_here, used.get_loop(), awaited, context)
                if isinstance(used, asyncio.Runner)
                else partial(_run_there, used, awaited, context)
            )
            awaited = _resume(phases, outcome)


async def await_phases(phases: Phases, own: Interruptible, threads: Executor) -> None:
    """Run an attempt to its end: its coroutines on this loop, the pieces between in threads."""
    context = contextvars.copy_context()
    loop = asyncio.get_running_loop()

    def run_piece(outcome: Outcome) -> Awaited | None:
        with own.here():
            return _resume(phases, outcome)

    def go_on(outcome: Outcome) -> asyncio.Future[Awaited | None]:
        return loop.run_in_executor(threads, context.run, run_piece, outcome)

    awaited = await go_on(lambda: None)
    while awaited is not None:
        awaited = await go_on(await _outcome_of(awaited, own, context))


def _resume(phases: Phases, outcome: Outcome) -> Awaited | None:
    """Go on with an attempt, and return what it awaits next; None at its end."""
    try:
        try:
            value = outcome()
        except BaseException as error:  # noqa: BLE001 - the attempt's own
            return phases.throw(error)
        return phases.send(value)
    except StopIteration:
        return None


async def _outcome_of(
    awaited: Awaited, own: Interruptible | None, context: contextvars.Context
) -> Outcome:
    """Await user code in a task of its own, so that it can be canceled."""
    loop = asyncio.get_running_loop()
    task = loop.create_task(_caught(awaited), context=context)
    cancel = partial(loop.call_soon_threadsafe, task.cancel)
    with own.awaited(cancel) if own is not None else nullcontext():
        await asyncio.wait([task])
    if task.cancelled():
        # Before it began.
        awaited.close()
    return task.result() if not task.cancelled() else task.result


async def _caught(awaited: Awaited) -> Outcome:
    """Keep what is raised from the loop, which an exit of user code would end."""
    try:
        value = await awaited
    except BaseException as error:  # noqa: BLE001 - raised where the attempt goes on
        return partial(_raise, error)
    return lambda: value


def _raise(error: BaseException) -> None:
    raise error


def _run_there(
    loop: asyncio.AbstractEventLoop, awaited: Awaited, context: contextvars.Context
) -> Any:
    own = interruptible_here()
    return asyncio.run_coroutine_threadsafe(_outcome_of(awaited, own, context), loop).result()()


def _run_here(
    loop: asyncio.AbstractEventLoop, awaited: Awaited, context: contextvars.Context
) -> Any:
    task = loop.create_task(awaited, context=context)
    own = interruptible_here()
    cancel = partial(loop.call_soon_threadsafe, task.cancel)
    try:
        with own.awaited(cancel) if own is not None else nullcontext():
            return loop.run_until_complete(task)
    except BaseException:
        # A signal was raised in the loop: the user's code comes to its ``finally`` blocks now.
        if task.cancel():
            loop.run_until_complete(asyncio.wait([task]))
        raise
