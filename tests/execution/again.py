"""Jobs that are run again; run workers load them by their names."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import plugwork as pw


class Switches(pw.Config):
    """Which steps fail: those that a file of this name stands for."""

    folder: str

    def check(self, name: str) -> None:
        if (Path(self.folder) / name).exists():
            raise ValueError(f"{name} is told to fail")


@pw.resource(config_schema={"folder": str})
def switches(context: pw.InitResourceContext) -> Switches:
    return Switches(folder=context.resource_config["folder"])


def check(context: pw.OpExecutionContext, name: str | None = None) -> None:
    context.resources.switches.check(name or context.op_def.name)


NEEDS = {"switches"}


@pw.op(required_resource_keys=NEEDS)
def a(context: pw.OpExecutionContext) -> str:
    check(context)
    return f"a of {context.run_id}"


@pw.op(required_resource_keys=NEEDS)
def fail(context: pw.OpExecutionContext, a: str) -> str:
    check(context)
    return f"fail after {a}"


@pw.op(required_resource_keys=NEEDS)
def after(context: pw.OpExecutionContext, fail: str) -> str:
    check(context)
    return f"after {fail}"


@pw.op(required_resource_keys=NEEDS)
def side(context: pw.OpExecutionContext, a: str) -> str:
    check(context)
    return f"side of {a}"


@pw.job(
    resource_defs={"switches": switches, "io_manager": pw.fs_io_manager},
    tags={"team": "data"},
)
def branching() -> None:
    made = a()
    after(fail(made))
    side(made)


@pw.op(required_resource_keys=NEEDS, out=pw.DynamicOut(str))
def gen(context: pw.OpExecutionContext) -> Iterator[pw.DynamicOutput[str]]:
    check(context)
    for key in ("k0", "k1", "k2"):
        yield pw.DynamicOutput(f"{key} of {context.run_id}", mapping_key=key)


@pw.op(required_resource_keys=NEEDS)
def mul(context: pw.OpExecutionContext, value: str) -> str:
    check(context, f"mul-{value[:2]}")
    return f"{value} in {context.run_id}"


@pw.op(required_resource_keys=NEEDS)
def tot(context: pw.OpExecutionContext, values: list[str]) -> list[str]:
    check(context)
    return values


@pw.job(resource_defs={"switches": switches, "io_manager": pw.fs_io_manager})
def mapped() -> None:
    tot(gen().map(mul).collect())


@pw.op
def counted(values: list[str]) -> int:
    return len(values)


@pw.job(resource_defs={"switches": switches, "io_manager": pw.fs_io_manager})
def mapped_and_counted() -> None:
    counted(tot(gen().map(mul).collect()))


@pw.op(
    required_resource_keys=NEEDS,
    out={"left": pw.Out(str, is_required=False), "right": pw.Out(str, is_required=False)},
)
def branch(context: pw.OpExecutionContext) -> Iterator[pw.Output[str]]:
    check(context)
    yield pw.Output("left", "left")


@pw.op(required_resource_keys=NEEDS)
def on_left(context: pw.OpExecutionContext, value: str) -> str:
    check(context)
    return value


@pw.op
def on_right(value: str) -> str:
    return value


@pw.op
def joined(values: list[str]) -> list[str]:
    return values


@pw.job(resource_defs={"switches": switches, "io_manager": pw.fs_io_manager})
def optional() -> None:
    left, right = branch()
    joined([on_left(left), on_right(right)])


@pw.job(resource_defs={"switches": switches, "io_manager": pw.mem_io_manager})
def forgetful() -> None:
    fail(a())


@pw.op(required_resource_keys=NEEDS, retry_policy=pw.RetryPolicy(max_retries=1))
def flaky(context: pw.OpExecutionContext) -> int:
    check(context)
    return context.retry_number


@pw.job(resource_defs={"switches": switches, "io_manager": pw.fs_io_manager})
def trying() -> None:
    flaky()
