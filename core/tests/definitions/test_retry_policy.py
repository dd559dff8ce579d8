from __future__ import annotations

from random import Random

import pytest

from plugwork import Backoff, Jitter, RetryPolicy
from plugwork.errors import InvalidDefinitionError


def delays(policy: RetryPolicy) -> list[float]:
    return [policy.calculate_delay(attempt, Random(1)) for attempt in (1, 2, 3)]


@pytest.mark.parametrize(
    ("backoff", "expected"),
    [(None, [2, 2, 2]), (Backoff.LINEAR, [2, 4, 6]), (Backoff.EXPONENTIAL, [2, 6, 14])],
)
def test_the_delay_grows_as_the_backoff_says(
    backoff: Backoff | None, expected: list[float]
) -> None:
    assert delays(RetryPolicy(3, delay=2, backoff=backoff)) == expected


def test_without_a_delay_a_retry_comes_at_once() -> None:
    assert delays(RetryPolicy()) == [0, 0, 0]


def test_full_jitter_stays_below_the_delay() -> None:
    policy = RetryPolicy(3, delay=2, backoff=Backoff.EXPONENTIAL, jitter=Jitter.FULL)
    found = [policy.calculate_delay(2, Random(seed)) for seed in range(200)]
    assert 0 <= min(found) < 0.5
    assert 5.5 < max(found) <= 6


def test_plus_minus_jitter_stays_within_the_base_delay() -> None:
    policy = RetryPolicy(3, delay=2, backoff=Backoff.LINEAR, jitter=Jitter.PLUS_MINUS)
    found = [policy.calculate_delay(2, Random(seed)) for seed in range(200)]
    assert 2 <= min(found) < 2.5
    assert 5.5 < max(found) <= 6


@pytest.mark.parametrize(
    "settings",
    [
        {"max_retries": -1},
        {"max_retries": True},
        {"max_retries": 1.5},
        {"delay": -0.1},
        {"delay": float("nan")},
        {"backoff": Backoff.LINEAR},
        {"jitter": Jitter.FULL},
    ],
)
def test_a_policy_that_makes_no_sense_is_refused(settings: dict[str, object]) -> None:
    with pytest.raises(InvalidDefinitionError):
        RetryPolicy(**settings)  # type: ignore[arg-type]  # wrong on purpose


def test_policies_are_equal_by_what_they_say() -> None:
    assert RetryPolicy(2, delay=1) == RetryPolicy(2, delay=1)
    assert len({RetryPolicy(2), RetryPolicy(2), RetryPolicy(3)}) == 2
