"""Steps that need the disk: for values, for files, for what they print."""

from __future__ import annotations

import hashlib
import io
import os

import signs

from plugwork import OpExecutionContext, job, op

BIG = 16 << 20


@op
def waits() -> int:
    signs.hold("go-on")
    return 1


@op
def big_value(start: int) -> bytes:
    return os.urandom(BIG)


@op(required_resource_keys={"file_manager"})
def big_file(context: OpExecutionContext, start: int) -> str:
    payload = os.urandom(BIG)
    whole = payload + hashlib.sha256(payload).hexdigest().encode()
    return str(context.resources.file_manager.write(io.BytesIO(whole), ext="summed").path)


@op
def many_lines(context: OpExecutionContext, start: int) -> None:
    for number in range(200):
        context.log.info("%s: %s", number, "x" * 1000)


@op
def logs_without_room(context: OpExecutionContext) -> None:
    signs.hold("go-on")
    for number in range(200):
        context.log.info("%s: %s", number, "x" * 1000)
    signs.hold("room")


@op
def prints(start: int) -> None:
    for _ in range(200):
        print("x" * 1000)


@op
def prints_no_line(start: int) -> None:
    print("no end of line, so that it waits in a buffer", end="")


@job
def value() -> None:
    big_value(waits())


@job
def file() -> None:
    big_file(waits())


@job
def lines() -> None:
    many_lines(waits())


@job
def patient() -> None:
    logs_without_room()


@job
def printed() -> None:
    prints(waits())


@job
def unended() -> None:
    prints_no_line(waits())
