"""Errors of user code that are kept out of the run's log."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest

from plugwork import Failure, Instance, RetryPolicy, in_process_executor, job, op, resource
from plugwork.redaction import LOGGER, SWITCH


class Kept(logging.Handler):
    """Keeps what it is given."""

    def __init__(self) -> None:
        super().__init__()
        self.text = ""

    def emit(self, record: logging.LogRecord) -> None:
        self.text += self.format(record)


@pytest.fixture(autouse=True)
def masked(monkeypatch: pytest.MonkeyPatch) -> Iterator[Kept]:
    monkeypatch.setenv(SWITCH, "1")
    kept = Kept()
    logging.getLogger(LOGGER).addHandler(kept)
    yield kept
    logging.getLogger(LOGGER).removeHandler(kept)


def stored(definition: object, **kwargs: object) -> str:
    """Run a job, and return all that is stored of it."""

    @job(executor_def=in_process_executor, **kwargs)  # type: ignore[call-overload]  # as given
    def it() -> None:
        definition()  # type: ignore[operator]  # an op

    with Instance.ephemeral() as instance:
        result = it.execute_in_process(instance=instance, raise_on_error=False)
        assert not result.success
        return repr(instance.all_logs(result.run_id))


def test_no_text_of_the_error_is_stored_and_its_id_leads_to_it(masked: Kept) -> None:
    @op
    def leak() -> None:
        token = "hunter2"
        raise ValueError(f"bad token {token}")

    text = stored(leak)
    assert "hunter2" not in text
    assert "bad token" not in text
    assert "ValueError" not in text
    assert "bad token hunter2" in masked.text
    error_id = masked.text.partition("error ID ")[2].split()[0]
    assert error_id in text


def test_attempts_and_resources_are_masked_too(masked: Kept) -> None:
    @op(retry_policy=RetryPolicy(max_retries=1))
    def again() -> None:
        raise ValueError("hunter2")

    assert "hunter2" not in stored(again)

    @resource
    def db() -> None:
        raise ValueError("hunter3")

    @op(required_resource_keys={"db"})
    def use(context: object) -> None: ...

    assert "hunter3" not in stored(use, resource_defs={"db": db})
    assert masked.text.count("hunter2") >= 2
    assert "hunter3" in masked.text


def test_the_words_of_a_failure_are_meant_to_be_shown(masked: Kept) -> None:
    @op
    def fail() -> None:
        raise Failure("the shelf is empty") from ValueError("hunter2")

    text = stored(fail)
    assert "the shelf is empty" in text
    assert "hunter2" not in text
    assert "hunter2" in masked.text
