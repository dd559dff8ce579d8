"""What the configuration says of the executor."""

from __future__ import annotations

import attrs

from plugwork.plugin import ExecutorSettings


@attrs.frozen(kw_only=True)
class InProcessSettings(ExecutorSettings):
    """Settings of ``executor: in_process``."""
