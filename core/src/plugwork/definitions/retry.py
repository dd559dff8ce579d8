"""When a failed step is tried again, and how long it waits."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

from plugwork.errors import InvalidDefinitionError

if TYPE_CHECKING:
    from random import Random


class Backoff(Enum):
    """How the delay grows with the attempts."""

    LINEAR = "LINEAR"
    EXPONENTIAL = "EXPONENTIAL"


class Jitter(Enum):
    """How chance changes a delay, so that many failures do not come back at one moment."""

    #: Anything between nothing and the delay.
    FULL = "FULL"
    #: The delay, more or less by the base delay.
    PLUS_MINUS = "PLUS_MINUS"


class RetryPolicy:
    """Says how often a failed step is tried again.

    :param max_retries: attempts after the first.
    :param delay: seconds before the first retry; None retries at once.
    :param backoff: how the delay grows; needs a delay.
    :param jitter: how chance changes the delay; needs a delay.
    :raises InvalidDefinitionError: for negative numbers, and for backoff or jitter without delay.
    """

    __slots__ = ("backoff", "delay", "jitter", "max_retries")

    def __init__(
        self,
        max_retries: int = 1,
        delay: float | None = None,
        backoff: Backoff | None = None,
        jitter: Jitter | None = None,
    ) -> None:
        if isinstance(max_retries, bool) or not isinstance(max_retries, int) or max_retries < 0:
            raise InvalidDefinitionError(
                f"max_retries of a RetryPolicy must be 0 or more, got {max_retries!r}"
            )
        if delay is not None and not delay >= 0:
            raise InvalidDefinitionError(f"delay of a RetryPolicy must be 0 or more, got {delay!r}")
        if delay is None and (backoff is not None or jitter is not None):
            raise InvalidDefinitionError("backoff and jitter of a RetryPolicy need a delay")
        self.max_retries = max_retries
        self.delay = delay
        self.backoff = backoff
        self.jitter = jitter

    def calculate_delay(self, attempt: int, random: Random) -> float:
        """Return the seconds to wait before retry ``attempt``.

        :param attempt: counts the retries, from 1.
        :param random: the source of jitter.
        """
        base = self.delay or 0.0
        delay = base
        if self.backoff is Backoff.LINEAR:
            delay = base * attempt
        elif self.backoff is Backoff.EXPONENTIAL:
            delay = base * (2**attempt - 1)
        if self.jitter is Jitter.FULL:
            return random.random() * delay
        if self.jitter is Jitter.PLUS_MINUS:
            return max(0.0, delay + (2 * random.random() - 1) * base)
        return delay

    def _key(self) -> tuple[object, ...]:
        return (self.max_retries, self.delay, self.backoff, self.jitter)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, RetryPolicy) and self._key() == other._key()

    def __hash__(self) -> int:
        return hash(self._key())

    def __repr__(self) -> str:
        return (
            f"RetryPolicy(max_retries={self.max_retries}, delay={self.delay}, "
            f"backoff={self.backoff}, jitter={self.jitter})"
        )


def checked_retry_policy(policy: RetryPolicy | None, owner: str) -> RetryPolicy | None:
    """Return a retry policy if it is one.

    :raises InvalidDefinitionError: when it is something else.
    """
    if policy is None or isinstance(policy, RetryPolicy):
        return policy
    raise InvalidDefinitionError(f"{owner}: {policy!r} is no RetryPolicy")
