"""What the configuration says of the executor."""

from __future__ import annotations

import attrs

from plugwork.abc import RetryMode


@attrs.frozen(kw_only=True)
class InProcessSettings:
    """Settings of ``executor: in_process``."""

    retries: bool = attrs.field(
        default=True,
        metadata={"help": "Whether steps that ask for another attempt get one."},
    )

    @property
    def retry_mode(self) -> RetryMode:
        return RetryMode.ENABLED if self.retries else RetryMode.DISABLED
