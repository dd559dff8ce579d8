"""What the configuration says of the executors."""

from __future__ import annotations

import os

import attrs

from plugwork.plugin import ExecutorSettings

#: Steps of the executor ``async`` that run at once when nothing is said: most of them wait.
MANY = 100
_at_least_none = attrs.validators.optional(attrs.validators.ge(0))


@attrs.frozen(kw_only=True)
class InProcessSettings(ExecutorSettings):
    """Settings of ``executor: in_process``."""

    @property
    def capacity(self) -> int:
        return 1


@attrs.frozen(kw_only=True)
class ThreadsSettings(ExecutorSettings):
    """Settings of ``executor: threads``."""

    max_concurrent: int | None = attrs.field(
        default=None,
        validator=_at_least_none,
        metadata={"help": "How many steps run at once; null or 0: one for each CPU."},
    )

    @property
    def capacity(self) -> int:
        return self.max_concurrent or os.cpu_count() or 1


@attrs.frozen(kw_only=True)
class AsyncSettings(ExecutorSettings):
    """Settings of ``executor: async``."""

    max_concurrent: int | None = attrs.field(
        default=None,
        validator=_at_least_none,
        metadata={"help": f"How many steps run at once, of both sorts; null or 0: {MANY}."},
    )

    @property
    def capacity(self) -> int:
        return self.max_concurrent or MANY
