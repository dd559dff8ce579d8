"""Whether a version fits a requirement, as far as a plugin's requirement of the kernel needs it."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

_VERSION = re.compile(
    r"""v?(?:(?P<epoch>\d+)!)?(?P<release>\d+(?:\.\d+)*)
    (?:[-_.]?(?P<pre>alpha|beta|preview|pre|a|b|c|rc)[-_.]?(?P<pre_n>\d*))?
    (?P<post>-(?P<post_bare>\d+)|[-_.]?(?:post|rev|r)[-_.]?(?P<post_n>\d*))?
    (?P<dev>[-_.]?dev[-_.]?(?P<dev_n>\d*))?
    (?:\+(?P<local>[a-z0-9]+(?:[-_.][a-z0-9]+)*))?""",
    re.VERBOSE | re.IGNORECASE,
)
_CLAUSE = re.compile(r"(===|~=|==|!=|<=|>=|<|>)\s*(\S+)")
_PRE = {"alpha": 0, "a": 0, "beta": 1, "b": 1, "c": 2, "rc": 2, "pre": 2, "preview": 2}
#: Before every pre-release, and after each of them.
_FIRST, _LAST = (-1, 0), (9, 0)
#: After every development release.
_NO_DEV = (1, 0)

Key = tuple[Any, ...]


def satisfies(version: str, specifier: str) -> bool:
    """Tell whether a version fits every clause of a specifier such as ``>=0.1,<0.2``.

    :raises ValueError: the version or a clause is not one.
    """
    return all(_fits(version, clause.strip()) for clause in specifier.split(",") if clause.strip())


def version_key(version: str) -> Key:
    """Return what orders versions: epoch, release, pre, post and development number.

    Trailing zeros of the release do not count, and neither does the local part.

    :raises ValueError: the text is not a version.
    """
    match = _match(version)
    release = tuple(int(part) for part in match["release"].split("."))
    while len(release) > 1 and release[-1] == 0:
        release = release[:-1]
    post = int(match["post_bare"] or match["post_n"] or 0) if match["post"] else -1
    dev = (0, int(match["dev_n"] or 0)) if match["dev"] else _NO_DEV
    return (int(match["epoch"] or 0), release, _pre(match), post, dev)


def _match(version: str) -> re.Match[str]:
    match = _VERSION.fullmatch(version.strip())
    if match is None:
        raise ValueError(f"{version!r} is not a version")
    return match


def _pre(match: re.Match[str]) -> tuple[int, int]:
    if match["pre"]:
        return _PRE[match["pre"].lower()], int(match["pre_n"] or 0)
    return _FIRST if match["dev"] and not match["post"] else _LAST


def _is_pre_release(key: Key) -> bool:
    return bool(key[2] != _LAST or key[4] != _NO_DEV)


def _release(version: str) -> list[int]:
    return [int(part) for part in _match(version)["release"].split(".")]


def _fits(version: str, clause: str) -> bool:
    match = _CLAUSE.fullmatch(clause)
    if match is None:
        raise ValueError(f"{clause!r} is not a version clause")
    return _OPERATORS[match[1]](version, match[2])


def _equal(version: str, wanted: str) -> bool:
    if wanted.endswith(".*"):
        return _starts_with(version, wanted[:-2])
    if "+" in wanted:
        return (
            version_key(version) == version_key(wanted)
            and _match(version)["local"] == _match(wanted)["local"]
        )
    return version_key(version) == version_key(wanted)


def _starts_with(version: str, prefix: str) -> bool:
    wanted = _release(prefix)
    have = _release(version)
    have += [0] * (len(wanted) - len(have))
    return version_key(version)[0] == version_key(prefix)[0] and have[: len(wanted)] == wanted


def _compatible(version: str, wanted: str) -> bool:
    parts = _release(wanted)
    if len(parts) < 2:
        raise ValueError(f"'~={wanted}' needs two numbers at least")
    epoch = version_key(wanted)[0]
    prefix = f"{epoch}!" + ".".join(map(str, parts[:-1]))
    return version_key(version) >= version_key(wanted) and _starts_with(version, prefix)


def _below(version: str, wanted: str) -> bool:
    # A pre-release of the bound itself is not below it: '<0.2' leaves out 0.2rc1.
    key, bound = version_key(version), version_key(wanted)
    of_the_bound = key[:2] == bound[:2] and key[3] == bound[3]
    if of_the_bound and _is_pre_release(key) and not _is_pre_release(bound):
        return False
    return key < bound


def _above(version: str, wanted: str) -> bool:
    # A post-release of the bound itself is not above it: '>0.2' leaves out 0.2.post1.
    key, bound = version_key(version), version_key(wanted)
    if key[:3] == bound[:3] and bound[3] == -1 and key[3] != -1:
        return False
    return key > bound


_OPERATORS: dict[str, Callable[[str, str], bool]] = {
    "===": lambda version, wanted: version == wanted,
    "==": _equal,
    "!=": lambda version, wanted: not _equal(version, wanted),
    "~=": _compatible,
    "<": _below,
    ">": _above,
    "<=": lambda version, wanted: version_key(version) <= version_key(wanted),
    ">=": lambda version, wanted: version_key(version) >= version_key(wanted),
}
