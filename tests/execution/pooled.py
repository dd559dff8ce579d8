"""A worker whose step holds a slot: ``python pooled.py <home> <times>``.

Each of its steps prints ``in``, and goes on when a line of input comes.
"""

from __future__ import annotations

import sys

import plugwork as pw


@pw.op(pool="db")
def hold() -> None:
    sys.__stdout__.write("in\n")  # type: ignore[union-attr]  # a script has one
    sys.__stdout__.flush()  # type: ignore[union-attr]  # as above
    sys.stdin.readline()


@pw.job
def once() -> None:
    hold()


@pw.job
def twice() -> None:
    hold()
    hold()


if __name__ == "__main__":
    with pw.Instance.from_config(sys.argv[1]) as instance:
        job = {"once": once, "twice": twice}[sys.argv[2]]
        job.execute_in_process(instance=instance, raise_on_error=False)
