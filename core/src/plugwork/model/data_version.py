"""Names of what a value contains."""

from __future__ import annotations

import attrs

from plugwork.errors import CheckError


def _text(value: str) -> str:
    if not isinstance(value, str):
        raise CheckError(f"a DataVersion is text, got {value!r}")
    return value


@attrs.frozen
class DataVersion:
    """Names the contents of a value: two values of equal version are the same.

    :raises CheckError: for what is no text.
    """

    value: str = attrs.field(converter=_text)
