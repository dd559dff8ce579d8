"""Names of files for what users name as they like."""

from __future__ import annotations

import hashlib
import re
from urllib.parse import quote

#: What most identifiers are made of: names, step keys, UUIDs. They stand in paths as they are.
PLAIN = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.\[\]-]{0,199}")
#: Bytes of an escaped name that is still kept whole.
LONGEST_NAME = 200


def file_name(part: str) -> str:
    """Return one part of an identifier as the name of a file: always below, never elsewhere.

    Two parts never share a name. Ones of usual characters stand as they are.
    """
    if PLAIN.fullmatch(part):
        return part
    escaped = quote(part, safe="[]", errors="surrogatepass")
    if not escaped or escaped[0] == ".":
        # A percent sign that no hexadecimal digits follow comes from no escaping.
        escaped = f"%-{escaped}"
    if len(escaped) <= LONGEST_NAME:
        return escaped
    digest = hashlib.sha256(part.encode("utf-8", "surrogatepass")).hexdigest()
    return f"{escaped[:100]}%-{digest}"
