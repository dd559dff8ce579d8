"""Jobs whose steps run side by side."""

from __future__ import annotations

import asyncio
import contextvars
import logging
import os
import sys
import threading
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import plugwork as pw

mark: contextvars.ContextVar[str] = contextvars.ContextVar("mark", default="nobody")
#: Breaks with an error when the others do not come: no test waits for ever.
meeting = threading.Barrier(2, timeout=20)


@pw.op
def meets(context: pw.OpExecutionContext) -> str:
    mark.set(context.step_key)
    meeting.wait()
    assert mark.get() == context.step_key
    context.log.info("runs in %s", threading.current_thread().name)
    return context.step_key


@pw.op
async def awaits(context: pw.OpExecutionContext) -> str:
    mark.set(context.step_key)
    await asyncio.to_thread(meeting.wait)
    assert mark.get() == context.step_key
    context.log.info("runs in %s", threading.current_thread().name)
    return context.step_key


@pw.op
def names(first: str, second: str) -> list[str]:
    assert mark.get() == "nobody"
    return [first, second]


@pw.job
def of_threads() -> None:
    names(meets.alias("a")(), meets.alias("b")())


@pw.job
def of_tasks() -> None:
    names(awaits.alias("a")(), awaits.alias("b")())


@pw.job
def of_both() -> None:
    names(meets.alias("a")(), awaits.alias("b")())


def say(context: pw.OpExecutionContext) -> None:
    me = f"{context.step_key}@{context.retry_number + 1}"
    print(f"{me} prints")
    print(f"{me} complains", file=sys.stderr)
    logging.getLogger("somewhere").warning("%s logs", me)
    context.log.info("%s tells", me)


@pw.op(retry_policy=pw.RetryPolicy(max_retries=1))
def talks(context: pw.OpExecutionContext) -> None:
    say(context)
    if context.retry_number == 0:
        meeting.wait()
        raise ValueError("the first attempt fails")


@pw.op(retry_policy=pw.RetryPolicy(max_retries=1))
async def talks_async(context: pw.OpExecutionContext) -> None:
    say(context)
    if context.retry_number == 0:
        await asyncio.to_thread(meeting.wait)
        await asyncio.to_thread(print, f"{context.step_key}@1 lends its context")
        raise ValueError("the first attempt fails")


@pw.job
def talking() -> None:
    talks.alias("a")()
    talks.alias("b")()


@pw.job
def talking_async() -> None:
    talks_async.alias("a")()
    talks_async.alias("b")()


@pw.op
def goes_round() -> None:
    os.write(1, b"from below\n")
    thread = threading.Thread(target=print, args=("from a thread of its own",))
    thread.start()
    thread.join()
    print("from the step")


@pw.job
def round_the_streams() -> None:
    goes_round()


running = 0
most = 0
_counting = threading.Lock()


@pw.op
def counts() -> None:
    global running, most
    with _counting:
        running += 1
        most = max(most, running)
    threading.Event().wait(0.002)
    with _counting:
        running -= 1


@pw.job
def counted() -> None:
    for number in range(12):
        counts.alias(f"step{number}")()


class Folder(pw.Config):
    path: str


def _wait_until_stopped(context: pw.OpExecutionContext, folder: str) -> None:
    here = Path(folder)
    (here / f"{context.step_key}.started").touch()
    try:
        while True:
            threading.Event().wait(0.01)
    finally:
        ended = here / f"{context.step_key}.{threading.current_thread().name}.ended"
        ended.touch()


@pw.op
def waits(context: pw.OpExecutionContext, config: Folder) -> None:
    _wait_until_stopped(context, config.path)


@pw.op
def yields_and_waits(context: pw.OpExecutionContext, config: Folder) -> Iterator[pw.Output[int]]:
    _wait_until_stopped(context, config.path)
    yield pw.Output(1)


@pw.op
async def awaits_long(context: pw.OpExecutionContext, config: Folder) -> None:
    here = Path(config.path)
    (here / f"{context.step_key}.started").touch()
    try:
        await asyncio.sleep(3600)
    finally:
        (here / f"{context.step_key}.ended").touch()


@pw.op
async def yields_and_awaits(
    context: pw.OpExecutionContext, config: Folder
) -> AsyncIterator[pw.Output[int]]:
    here = Path(config.path)
    (here / f"{context.step_key}.started").touch()
    try:
        await asyncio.sleep(3600)
        yield pw.Output(1)
    finally:
        (here / f"{context.step_key}.ended").touch()


@pw.op
def swallows(context: pw.OpExecutionContext, config: Folder) -> int:
    try:
        _wait_until_stopped(context, config.path)
    except BaseException:  # noqa: BLE001 - this is what the op is for
        pass
    return 1


@pw.op
def after(number: int) -> None:
    pass


@pw.job(op_retry_policy=pw.RetryPolicy(max_retries=3))
def stopped() -> None:
    waits()
    yields_and_waits()
    awaits_long()
    yields_and_awaits()
    after(swallows())


@pw.op
def fails_soon() -> None:
    raise ValueError("on purpose")


@pw.op
async def cancels_itself() -> None:
    raise asyncio.CancelledError


@pw.op
async def exits_async() -> None:
    sys.exit(3)


@pw.op
async def goes_on() -> int:
    await asyncio.sleep(0)
    return 1


@pw.job
def ending_badly() -> None:
    cancels_itself()
    exits_async()
    goes_on()
    fails_soon()


@pw.op
def asks() -> None:
    raise pw.RetryRequested(max_retries=2)


@pw.job
def asking() -> None:
    asks()


@pw.op(out={"early": pw.Out(int), "late": pw.Out(int)})
def gives_early() -> Iterator[pw.Output[int]]:
    yield pw.Output(1, "early")
    meeting.wait()
    yield pw.Output(2, "late")


@pw.op(out={"early": pw.Out(int), "late": pw.Out(int)})
async def gives_early_async() -> AsyncIterator[pw.Output[int]]:
    yield pw.Output(1, "early")
    await asyncio.to_thread(meeting.wait)
    yield pw.Output(2, "late")


@pw.op
def meets_its_giver(number: int) -> None:
    meeting.wait()


@pw.job
def starting_early() -> None:
    early, _ = gives_early()
    meets_its_giver(early)


@pw.job
def starting_early_async() -> None:
    early, _ = gives_early_async()
    meets_its_giver(early)
