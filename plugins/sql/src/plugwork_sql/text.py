"""Text in columns: every text a user can give goes in, and comes out the same.

A column holds neither NUL nor a lone surrogate in every database. They are written as an escape
character and six hex digits, and so is the escape character itself. Characters are escaped one by
one: equal texts stay equal, and a prefix stays a prefix.
"""

from __future__ import annotations

import re
from typing import overload

_ESCAPE = "\x1a"
_ODD = re.compile("[\x00\x1a\ud800-\udfff]")
_ESCAPED = re.compile("\x1a([0-9a-f]{6})")


@overload
def to_column(text: str) -> str: ...
@overload
def to_column(text: str | None) -> str | None: ...
def to_column(text: str | None) -> str | None:
    """Return a text as a column holds it."""
    if text is None or _ODD.search(text) is None:
        return text
    return _ODD.sub(lambda found: f"{_ESCAPE}{ord(found[0]):06x}", text)


@overload
def from_column(text: str) -> str: ...
@overload
def from_column(text: str | None) -> str | None: ...
def from_column(text: str | None) -> str | None:
    """Return the text that :func:`to_column` was given."""
    if text is None or _ESCAPE not in text:
        return text
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text)
