"""Places in a log or a list, as opaque text."""

from __future__ import annotations

import base64
import binascii
import json

import attrs

from plugwork.errors import InvalidCursorError


@attrs.frozen
class Cursor:
    """A place after which a page begins."""

    #: What it counts: ``seq``, ``run``, ``storage_id`` or ``offset``.
    kind: str
    value: int

    def to_text(self) -> str:
        raw = json.dumps({"type": self.kind, "value": self.value})
        return base64.urlsafe_b64encode(raw.encode()).decode()

    @classmethod
    def from_text(cls, text: str, kind: str) -> Cursor:
        """Read a cursor of this kind.

        :raises InvalidCursorError: for any other text.
        """
        try:
            fields = json.loads(base64.urlsafe_b64decode(text.encode()))
            if fields["type"] == kind and type(fields["value"]) is int:
                return cls(kind, fields["value"])
        except (binascii.Error, ValueError, KeyError, TypeError):
            pass
        raise InvalidCursorError(f"{text!r} is not a cursor of this list; take one from a page")
