"""What an exception in a step means: another attempt, or the end, and how it is told."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING

import attrs

from plugwork.abc.executor import RetryMode
from plugwork.definitions.events import Failure, RetryRequested
from plugwork.errors import (
    ExecutionInterruptedError,
    FrameworkError,
    MaxRetriesExceededError,
    TypeCheckDidNotPass,
    UserCodeExecutionError,
)
from plugwork.model.enums import ErrorSource
from plugwork.model.error_info import SerializableErrorInfo
from plugwork.model.payloads import UserFailureData

if TYPE_CHECKING:
    from plugwork.plan import ExecutionStep


@attrs.frozen
class Verdict:
    """How an attempt that raised ends."""

    error: SerializableErrorInfo
    message: str
    #: Seconds until the next attempt; None: there is none.
    wait: float | None = None
    source: ErrorSource | None = None
    user_failure: UserFailureData | None = None
    #: What a caller gets who asked for the error itself.
    to_raise: BaseException | None = None


@attrs.frozen
class _Request:
    """Somebody asks for another attempt."""

    max_retries: int
    wait: float
    #: The policy asks, not the user's code.
    by_policy: bool


def judge(
    error: BaseException, step: ExecutionStep, attempt: int, mode: RetryMode, random: Random
) -> Verdict:
    """Decide what follows an exception.

    :param attempt: the one that raised, from 1.
    :param random: the source of jitter.
    """
    user_error = error.user_exception if isinstance(error, UserCodeExecutionError) else error
    request = _request(error, user_error, step, attempt, random)
    told = user_error if isinstance(user_error, Failure | RetryRequested) else error
    info = SerializableErrorInfo.from_exception(told)
    if request is None:
        return _final(error, user_error, info, step)
    if mode is RetryMode.DISABLED:
        return _refused(request, user_error, info, "RetryRequested but retries are disabled")
    if attempt > request.max_retries:
        text = f"Exceeded max_retries of {request.max_retries}"
        return _refused(request, user_error, info, text)
    waiting = f" in {request.wait:.3g} s" if request.wait else ""
    return Verdict(
        info, f'Attempt {attempt} of step "{step.key}" failed; next attempt{waiting}.', request.wait
    )


def _request(
    error: BaseException,
    user_error: BaseException,
    step: ExecutionStep,
    attempt: int,
    random: Random,
) -> _Request | None:
    if isinstance(user_error, RetryRequested):
        return _Request(user_error.max_retries, user_error.seconds_to_wait or 0.0, False)
    policy = step.retry_policy
    if policy is None or not isinstance(error, UserCodeExecutionError):
        return None
    if isinstance(user_error, Failure) and not user_error.allow_retries:
        return None
    return _Request(policy.max_retries, policy.calculate_delay(attempt, random), True)


def _final(
    error: BaseException,
    user_error: BaseException,
    info: SerializableErrorInfo,
    step: ExecutionStep,
) -> Verdict:
    source, user_failure = _source(error), None
    if isinstance(user_error, Failure):
        # It is told as it stands, without a wrapper, so it does not count as wrapped user code.
        source, user_failure = ErrorSource.FRAMEWORK_ERROR, _user_failure(user_error)
    return Verdict(
        info,
        f'Step "{step.key}" failed.',
        source=source,
        user_failure=user_failure,
        to_raise=user_error,
    )


def _refused(
    request: _Request, user_error: BaseException, info: SerializableErrorInfo, text: str
) -> Verdict:
    """No further attempt, although one was asked for."""
    error = SerializableErrorInfo(
        message=f"{text}\n", cls_name="RetryRequested", cause=info, user_frame=info.user_frame
    )
    raised = MaxRetriesExceededError(text)
    raised.__cause__ = user_error
    source = ErrorSource.USER_CODE_ERROR if request.by_policy else ErrorSource.FRAMEWORK_ERROR
    user_failure = _user_failure(user_error) if isinstance(user_error, Failure) else None
    return Verdict(error, text, source=source, user_failure=user_failure, to_raise=raised)


def _user_failure(failure: Failure) -> UserFailureData:
    from plugwork.model.metadata import normalize_metadata  # only for explicit failures

    return UserFailureData(
        "intentional-failure", failure.description, normalize_metadata(failure.metadata)
    )


def _source(error: BaseException) -> ErrorSource:
    if isinstance(error, ExecutionInterruptedError | KeyboardInterrupt):
        return ErrorSource.INTERRUPT
    if isinstance(error, UserCodeExecutionError):
        return ErrorSource.USER_CODE_ERROR
    if isinstance(error, FrameworkError | TypeCheckDidNotPass):
        return ErrorSource.FRAMEWORK_ERROR
    return ErrorSource.UNEXPECTED_ERROR
