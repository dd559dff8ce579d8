"""The loggers that a job defines get its lines, beside the run's log."""

from __future__ import annotations

import logging

import plugwork as pw


class _Kept(logging.Handler):
    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(f"{record.levelname} {record.getMessage()}")


def test_a_jobs_own_logger_gets_the_lines_of_its_level() -> None:
    kept = _Kept()

    @pw.logger({"level": str})
    def ours(context: pw.InitLoggerContext) -> logging.Logger:
        made = logging.Logger("ours", context.logger_config["level"])
        made.addHandler(kept)
        return made

    @pw.op
    def talk(context: pw.OpExecutionContext) -> None:
        context.log.info("quiet")
        context.log.warning("loud %d", 3)

    @pw.job(logger_defs={"ours": ours})
    def chat() -> None:
        talk()

    with pw.Instance.ephemeral() as instance:
        result = chat.execute_in_process(
            {"loggers": {"ours": {"config": {"level": "WARNING"}}}}, instance
        )
        logged = [entry.message for entry in instance.all_logs(result.run_id) if not entry.event]
    assert kept.lines == ["WARNING loud 3"]
    assert logged == ["quiet", "loud 3"]
