"""Loggers of a job, and loggers of Python, while a run writes its log."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from typing import Any

import pytest

import plugwork as pw
from plugwork import Instance, RunStatus
from plugwork_testkit.streams import Told

Execute = Callable[..., Told]


@pw.op(out={})
def speaks(context: pw.OpExecutionContext) -> None:
    context.log.debug("quiet")
    context.log.warning("loud %d", 5)
    helper()


def helper() -> None:
    pw.get_logger().info("from a helper")
    pw.get_logger("plugwork_tests.named").info("from a named helper")


def spoken(logger_defs: Any = None) -> pw.JobDefinition:
    @pw.job(logger_defs=logger_defs)
    def speaking() -> None:
        speaks()

    return speaking


def test_lines_of_python_loggers_stand_under_the_step_that_runs(execute: Execute) -> None:
    told = execute(spoken())
    lines = [(entry.user_message, entry.step_key) for entry in told.entries if not entry.event]
    assert lines == [
        ("quiet", "speaks"),
        ("loud 5", "speaks"),
        ("from a helper", "speaks"),
        ("from a named helper", "speaks"),
    ]


def test_outside_of_a_step_their_lines_go_where_others_go(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logging.root, "handlers", [])
    pw.get_logger().warning("nobody runs")
    pw.get_logger().info("nobody hears")
    assert capsys.readouterr().err == "nobody runs\n"


def test_without_loggers_nothing_is_written_to_the_console(
    execute: Execute, capsys: pytest.CaptureFixture[str]
) -> None:
    execute(spoken())
    assert capsys.readouterr() == ("", "")


def test_json_lines_tell_run_step_and_events(
    execute: Execute, capsys: pytest.CaptureFixture[str]
) -> None:
    config = {"loggers": {"json": {"config": {"log_level": "debug"}}}}
    told = execute(spoken({"json": pw.json_console_logger}), config)
    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    loud = next(line for line in lines if line["message"] == "loud 5")
    assert (loud["level"], loud["name"], loud["step_key"]) == ("WARNING", "plugwork", "speaks")
    assert (loud["run_id"], loud["job_name"]) == (told.run.run_id, "speaking")
    assert [line["event_type"] for line in lines if "event_type" in line] == told.types


def test_the_level_of_a_logger_rules_what_it_gets_and_not_what_is_stored(
    execute: Execute, capsys: pytest.CaptureFixture[str]
) -> None:
    config = {"loggers": {"console": {"config": {"log_level": "WARNING", "name": "mine"}}}}
    told = execute(spoken(pw.default_loggers()), config)
    (line,) = capsys.readouterr().err.splitlines()
    assert line.endswith(" - mine - WARNING - loud 5 [speaks]")
    assert "quiet" in [entry.user_message for entry in told.entries]


def test_an_unknown_level_ends_the_run_before_its_steps(execute: Execute) -> None:
    config = {"loggers": {"console": {"config": {"log_level": "LOUD"}}}}
    told = execute(spoken(pw.default_loggers()), config)
    assert told.run.status is RunStatus.FAILURE
    assert told.types == ["RUN_FAILURE"]
    assert "no log level 'LOUD'" in told.entries[-1].message


def test_a_logger_is_made_of_a_function_and_called_directly() -> None:
    @pw.logger({"name": str})
    def mine(context: pw.InitLoggerContext) -> logging.Logger:
        return logging.Logger(context.logger_config["name"])

    assert mine(pw.build_init_logger_context({"name": "x"})).name == "x"
    assert mine.configured({"name": "y"})(pw.build_init_logger_context()).name == "y"
    with pytest.raises(pw.InvalidConfigError, match="logger 'mine'"):
        mine(pw.build_init_logger_context({"name": 5}))
    with pytest.raises(pw.InvalidInvocationError, match=r"'mine'.*build_init_logger_context"):
        mine({"name": "x"})  # type: ignore[arg-type]  # the mistake


def test_default_system_loggers_come_with_their_config(instance: Instance) -> None:
    ((definition, config),) = pw.default_system_loggers(instance)
    assert definition(pw.build_init_logger_context(config)).level == logging.DEBUG


def test_a_json_line_carries_errors_and_what_came_with_it() -> None:
    formatter = pw.JsonLogFormatter()
    try:
        raise ValueError("broken")
    except ValueError as error:
        record = logging.LogRecord(
            "n", 40, "f", 1, "m %s", ("a",), (type(error), error, error.__traceback__)
        )
    record.extra = object
    told = json.loads(formatter.format(record))
    assert (told["message"], told["level"], told["name"]) == ("m a", "ERROR", "n")
    assert "ValueError: broken" in told["error"]
    assert "extra" in told
    assert pw.JsonLogFormatter(datefmt="%Y").format(record).startswith('{"time": "20')
