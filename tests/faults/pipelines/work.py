"""Five steps that log, print, store values and files: what is killed at any moment."""

from __future__ import annotations

import hashlib
import io
import os
import signal
from collections.abc import Iterator
from typing import Any

from plugwork import OpExecutionContext, job, op, resource

#: Bytes of a file, and numbers of a value.
FILE = 200_000
VALUES = 20_000


@resource
def tool() -> Iterator[str]:
    _die_at("in-resource")
    yield "tool"
    _die_at("in-teardown")


def _die_at(point: str) -> None:
    if os.environ.get("PLUGWORK_FAULT_POINT") == point:
        os.kill(os.getpid(), signal.SIGKILL)


def _work(context: OpExecutionContext, values: list[int]) -> list[int]:
    """Do what real steps do."""
    key = context.step_key
    print(f"{key} begins")
    for number in range(20):
        context.log.info("%s: %s", key, number)
    payload = hashlib.sha256(key.encode()).digest() * (FILE // 32)
    whole = payload + hashlib.sha256(payload).hexdigest().encode()
    context.resources.file_manager.write(io.BytesIO(whole), ext="summed")
    _die_at(f"in-{key}")
    print(f"{key} ends")
    return [value + 1 for value in values]


NEEDS = {"file_manager", "tool"}


@op(required_resource_keys=NEEDS)
def first(context: OpExecutionContext) -> list[int]:
    return _work(context, list(range(VALUES)))


@op(required_resource_keys=NEEDS)
def second(context: OpExecutionContext, values: list[int]) -> list[int]:
    return _work(context, values)


@op(required_resource_keys=NEEDS)
def third(context: OpExecutionContext, values: list[int]) -> list[int]:
    return _work(context, values)


@op(required_resource_keys=NEEDS)
def fourth(context: OpExecutionContext, values: list[int]) -> list[int]:
    return _work(context, values)


@op(required_resource_keys=NEEDS)
def fifth(context: OpExecutionContext, values: list[int]) -> int:
    return sum(_work(context, values))


RESOURCES: dict[str, Any] = {"tool": tool}


@job(resource_defs=RESOURCES)
def work() -> None:
    fifth(fourth(third(second(first()))))
