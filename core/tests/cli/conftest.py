from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import attrs
import pytest

from plugwork.cli.main import run
from plugwork.cli.progress.view import RunView
from plugwork.model import (
    ErrorSource,
    Event,
    EventLogEntry,
    EventLogRecord,
    EventType,
    Run,
    RunFailureReason,
    SerializableErrorInfo,
)
from plugwork.model.payloads import (
    StepFailureData,
    StepOutputData,
    StepOutputHandle,
    StepRetryData,
    StepSuccessData,
    TypeCheckData,
)
from plugwork.model.run_payloads import RunFailureData

RUN_ID = "8c1f2a9e-0000-4000-8000-000000000000"
START = 1_000_000.0


def error_of(exception: Exception) -> SerializableErrorInfo:
    return SerializableErrorInfo.from_exception(exception)


class Told:
    """Writes events of a run into a view, a tenth of a second apart.

    :param steps: key -> the keys before it; a key that ends in ``[?]`` is a template.
    """

    def __init__(self, steps: dict[str, tuple[str, ...]], job: str = "shop") -> None:
        plan = {
            "steps": [
                {
                    "key": key,
                    "op": key.partition("[")[0],
                    "kind": "UNRESOLVED_MAPPED" if key.endswith("[?]") else "COMPUTE",
                    "upstream": list(upstream),
                }
                for key, upstream in steps.items()
            ],
            "executed": list(steps),
        }
        self.view = RunView(Run(job, run_id=RUN_ID), plan)
        self.records: list[EventLogRecord] = []
        self.now = START
        self.on_record: Any = self.view.note

    def tell(
        self,
        kind: EventType | None,
        step: str | None = None,
        payload: Any = None,
        message: str = "",
        attempt: int | None = None,
        level: int = 20,
    ) -> None:
        event = None
        if kind is not None:
            event = Event(kind, "shop", payload, message or None, step, attempt)
        entry = EventLogEntry(None, level, "" if event else message, RUN_ID, self.now, step, "shop",
                              event, attempt)  # fmt: skip
        record = EventLogRecord(len(self.records) + 1, entry, len(self.records) + 1)
        self.records.append(record)
        self.on_record(record)
        self.now += 0.1

    def start(self) -> None:
        self.tell(EventType.RUN_START)

    def begin(self, step: str, attempt: int = 1) -> None:
        kind = EventType.STEP_START if attempt == 1 else EventType.STEP_RESTARTED
        self.tell(kind, step, attempt=attempt)

    def ok(self, step: str) -> None:
        self.begin(step)
        self.tell(EventType.STEP_SUCCESS, step, StepSuccessData(100.0), attempt=1)

    def retry(self, step: str, exception: Exception, attempt: int = 1) -> None:
        payload = StepRetryData(error_of(exception), 1.0)
        self.tell(EventType.STEP_UP_FOR_RETRY, step, payload, "next attempt", attempt)

    def fail(self, step: str, exception: Exception, attempt: int = 1) -> None:
        payload = StepFailureData(error_of(exception), error_source=ErrorSource.USER_CODE_ERROR)
        self.tell(EventType.STEP_FAILURE, step, payload, "failed", attempt, 40)

    def skip(self, step: str) -> None:
        self.tell(EventType.STEP_SKIPPED, step, attempt=1)

    def give(self, step: str, key: str, is_right: bool = True) -> None:
        handle = StepOutputHandle(step, "result", key)
        self.tell(EventType.STEP_OUTPUT, step, StepOutputData(handle, TypeCheckData(is_right)))

    def succeed(self) -> None:
        self.tell(EventType.RUN_SUCCESS)

    def end_failed(self, error: Exception | None = None) -> None:
        reason = RunFailureReason.STEP_FAILURE if error is None else RunFailureReason.RUN_EXCEPTION
        data = RunFailureData(error_of(error) if error else None, reason)
        self.tell(EventType.RUN_FAILURE, None, data, "the run failed", level=40)


@pytest.fixture
def told_of() -> type[Told]:
    """Makes runs by hand."""
    return Told


@attrs.frozen
class Outcome:
    """How a command line ended."""

    code: int
    out: str
    err: str


Cli = Callable[..., Outcome]


@pytest.fixture
def cli(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Cli:
    """Runs command lines in this process, in an empty directory."""
    home = tmp_path / "work"
    home.mkdir()
    monkeypatch.chdir(home)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    for name in ("PLUGWORK_HOME", "PLUGWORK_PROFILE", "NO_COLOR", "CI"):
        monkeypatch.delenv(name, raising=False)

    def call(*args: str) -> Outcome:
        code = run(args)
        said = capsys.readouterr()
        return Outcome(code, said.out, said.err)

    return call
