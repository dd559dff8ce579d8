"""Jobs that run workers load again by their names."""

from __future__ import annotations

import plugwork as pw


@pw.op(config_schema={"token": pw.StringSource})
def uses_token(context: pw.OpExecutionContext) -> int:
    return len(context.op_config["token"])


@pw.job
def secretive() -> None:
    uses_token()
