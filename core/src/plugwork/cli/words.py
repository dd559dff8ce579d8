"""Times and states as people say them."""

from __future__ import annotations

_STATUS = {
    "QUEUED": "queued",
    "NOT_STARTED": "not started",
    "MANAGED": "managed",
    "STARTING": "starting",
    "STARTED": "running",
    "SUSPENDED": "suspended",
    "SUCCESS": "success",
    "FAILURE": "failed",
    "CANCELING": "canceling",
    "CANCELED": "canceled",
    "IN_PROGRESS": "running",
    "SKIPPED": "skipped",
    "UP_FOR_RETRY": "retried",
}
_COLORS = {
    "success": "green",
    "failed": "red",
    "running": "yellow",
    "starting": "yellow",
    "canceling": "yellow",
    "retried": "yellow",
    "canceled": "magenta",
}


def status_word(status: str) -> str:
    """Return a stored status in words."""
    return _STATUS.get(status, status.lower())


def status_color(word: str) -> str | None:
    """Return the colour of a status word."""
    return _COLORS.get(word)


def took(seconds: float | None) -> str:
    """Return a span of time: ``0.4s``, ``12s``, ``2m05s``, ``1h02m``."""
    if seconds is None:
        return "-"
    seconds = max(seconds, 0.0)
    if seconds < 9.95:
        return f"{seconds:.1f}s"
    if seconds < 59.5:
        return f"{seconds:.0f}s"
    whole = round(seconds)
    if whole < 3600:
        return f"{whole // 60}m{whole % 60:02d}s"
    return f"{whole // 3600}h{whole % 3600 // 60:02d}m"


def ago(seconds: float) -> str:
    """Return how long ago something was: ``just now``, ``2 min ago``."""
    if seconds < 10:
        return "just now"
    for unit, length in (("d", 86400), ("h", 3600), ("min", 60)):
        if seconds >= length:
            return f"{seconds // length:.0f} {unit} ago"
    return f"{seconds:.0f} s ago"


def counted(number: int, noun: str) -> str:
    """Return ``1 step`` or ``3 steps``."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def plain_error(text: str) -> str:
    """Return an error on one line, classes of plugwork by their bare name."""
    return " ".join(text.split()).replace("plugwork.errors.", "")
