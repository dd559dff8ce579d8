"""Numbers and counts, as people read them."""

from __future__ import annotations


def size(count: int) -> str:
    """Write a number of bytes with three digits at least and a decimal unit.

    >>> size(50_581_882)
    '50.6 MB'
    """
    amount, unit = float(count), "B"
    for larger in ("kB", "MB", "GB", "TB"):
        if amount < 999.5:
            break
        amount, unit = amount / 1000, larger
    return f"{amount:.0f} {unit}" if unit == "B" or amount >= 99.95 else f"{amount:.1f} {unit}"


def number(count: int) -> str:
    """Write a number with separated thousands."""
    return f"{count:,}"


def counted(count: int, noun: str, plural: str = "") -> str:
    """Write a number and its noun.

    >>> counted(1, "file"), counted(0, "file"), counted(2, "library", "libraries")
    ('1 file', '0 files', '2 libraries')
    """
    return f"{number(count)} {noun if count == 1 else plural or noun + 's'}"


def slug(text: str) -> str:
    """Turn a phrase into the name of a style class."""
    return text.lower().replace(" ", "-")
