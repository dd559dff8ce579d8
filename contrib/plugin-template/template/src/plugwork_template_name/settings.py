"""What plugwork.yaml says of the file manager."""

from __future__ import annotations

import attrs


@attrs.frozen(kw_only=True)
class Settings:
    """The block ``file_manager: {template_name: ...}``."""

    base_dir: str = attrs.field(
        default="template_name",
        metadata={"help": "The folder of the files; relative to the home directory."},
    )
