"""What ``plugwork.yaml`` can say about the storage."""

from __future__ import annotations

import attrs


@attrs.frozen(kw_only=True)
class SqliteSettings:
    """Settings of ``storage: sqlite``."""

    base_dir: str | None = attrs.field(
        default=None,
        metadata={
            "help": "Directory of plugwork.db, on a local disk; by default the instance's own."
        },
    )
