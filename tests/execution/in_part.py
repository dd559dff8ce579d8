"""A job that runs in part, and one whose config is mapped; workers load them by name."""

from __future__ import annotations

import plugwork as pw


@pw.op
def one() -> int:
    return 1


@pw.op(config_schema={"by": int})
def times(context: pw.OpExecutionContext, number: int) -> int:
    return number * int(context.op_config["by"])


@pw.config_mapping(config_schema={"x": int})
def doubled(config: dict[str, int]) -> dict[str, object]:
    return {"times": {"config": {"by": config["x"] * 2}}}


@pw.graph(config=doubled)
def mapped(number: int) -> int:
    return times(number)


@pw.job(resource_defs={"io_manager": pw.fs_io_manager})
def whole() -> None:
    times(mapped(one()))
