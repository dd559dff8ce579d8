"""Compare the kernel's public names with the list of them: run me to see what differs.

The list is ``plugin/public_names.txt``: what somebody who knows the reference page may write. A
line is a name, or a name with its parameters and their defaults (``...`` is any default); indented
lines are members of the class above, ``NAME = A, B`` is an enum. ``plugin/known_differences.txt``
tells where the kernel differs on purpose, and why.
"""

from __future__ import annotations

import ast
import enum
import inspect
import re
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import plugwork
from plugwork.registry.known import NAMES

FOLDER = Path(__file__).parent / "plugin"
LIST = FOLDER / "public_names.txt"
KNOWN = FOLDER / "known_differences.txt"
_SEVERAL = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
_BY_PLACE = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)


def differences() -> list[str]:
    """Name everything in which the kernel differs from the list."""
    return [one for name, line, members in _entries() for one in _differs(name, line, members)]


def known_differences() -> dict[str, list[str]]:
    """Read the differences that are meant, by their reason; one ending in ``*`` stands for many."""
    known: dict[str, list[str]] = {}
    for line in KNOWN.read_text(encoding="utf-8").splitlines():
        if line.startswith("== "):
            reason = line[3:]
            known[reason] = []
        elif line and not line.startswith("#"):
            known[reason].append(line)
    return known


def fits(known: str, difference: str) -> bool:
    """Tell whether a known difference is this one."""
    if known.endswith("*"):
        return difference.startswith(known[:-1])
    return difference == known


def _entries() -> Iterator[tuple[str, str, list[str]]]:
    """Read the list: name, its line, the lines of its members."""
    entries: list[tuple[str, str, list[str]]] = []
    for line in LIST.read_text(encoding="utf-8").splitlines():
        if line.startswith("    "):
            entries[-1][2].append(line.strip())
        elif line and not line.startswith("=="):
            entries.append((re.split(r"\W", line, maxsplit=1)[0], line, []))
    return iter(entries)


def _differs(name: str, line: str, members: list[str]) -> Iterator[str]:
    if name in NAMES:  # a plugin brings it, which need not be there
        return
    if name not in plugwork.__all__:
        yield f"{name} is missing"
        return
    found = getattr(plugwork, name)
    if " = " in line:
        wanted = line.partition(" = ")[2].split(", ")
        yield from (f"{name} has no member {one}" for one in wanted if one not in found.__members__)
    elif "(" in line:
        yield from _signature_differs(name, line, found)
    for member in members:
        yield from _member_differs(name, member, found)


def _member_differs(owner: str, line: str, cls: Any) -> Iterator[str]:
    name = line.partition("(")[0]
    if not _has(cls, name):
        yield f"{owner} has no member {name}"
    elif "(" in line and callable(found := getattr(cls, name, None)):
        is_method = inspect.isfunction(found) and not isinstance(
            inspect.getattr_static(cls, name), staticmethod
        )
        yield from _signature_differs(
            f"{owner}.{name}", line, partial(found, None) if is_method else found
        )


def _has(cls: Any, name: str) -> bool:
    if hasattr(cls, name):
        return True
    if not isinstance(cls, type):
        return False
    setting = re.compile(rf"self\.{name}\b.*=")
    ours = [one for one in cls.__mro__ if one.__module__.startswith("plugwork")]
    return any(setting.search(inspect.getsource(one)) for one in ours)


def _signature_differs(name: str, line: str, found: Any) -> Iterator[str]:
    if isinstance(found, enum.EnumMeta) or not callable(found):
        yield f"{name} cannot be called"
        return
    listed = _listed(line)
    actual = _actual(found)
    by_place = [one for one, parameter in actual.items() if parameter.kind in _BY_PLACE]
    place = 0
    for one, (default, is_placed) in listed.items():
        parameter = actual.get(one)
        if parameter is None:
            yield f"{name} has no parameter {one}"
            continue
        if is_placed and by_place[place : place + 1] != [one]:
            yield f"{name} does not take {one} by its place"
        place += is_placed
        yield from _default_differs(f"{name} parameter {one}", default, parameter.default)
    for one, parameter in actual.items():
        if one not in listed and parameter.default is inspect.Parameter.empty:
            yield f"{name} asks for {one} besides"


def _default_differs(what: str, default: ast.expr | None, actual: Any) -> Iterator[str]:
    if default is None:
        return
    if actual is inspect.Parameter.empty:
        yield f"{what} has no default"
    elif isinstance(default, ast.Name):
        if getattr(actual, "name", None) != default.id:
            yield f"{what} has the default {_text(actual)}, not {default.id}"
    elif (value := ast.literal_eval(default)) is not ... and value != actual:
        yield f"{what} has the default {_text(actual)}, not {value!r}"


def _text(value: Any) -> str:
    text = repr(value)
    return type(value).__name__ if " at 0x" in text else text


def _listed(line: str) -> dict[str, tuple[ast.expr | None, bool]]:
    """Read ``name(a, *, b=None)`` as parameter -> (default, whether it goes by place)."""
    parsed = ast.parse(f"def {line}: ...").body[0]
    if not isinstance(parsed, ast.FunctionDef):
        raise TypeError(line)
    arguments = parsed.args
    placed = [*arguments.posonlyargs, *arguments.args]
    defaults = [None] * (len(placed) - len(arguments.defaults)) + list(arguments.defaults)
    by_place = {one.arg: (default, True) for one, default in zip(placed, defaults, strict=True)}
    by_name = zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)
    return {**by_place, **{one.arg: (default, False) for one, default in by_name}}


def _actual(found: Any) -> dict[str, inspect.Parameter]:
    """Return the parameters; of an error class also those of its bases, to which it hands more."""
    if not isinstance(found, type):
        return _named(inspect.signature(found).parameters)
    if not issubclass(found, BaseException):
        return _without_self(found)
    parameters: dict[str, inspect.Parameter] = {}
    for cls in found.__mro__:
        if "__init__" not in vars(cls) or cls is object or cls is BaseException:
            continue
        parameters = {**parameters, **_without_self(cls)}
    return parameters


def _without_self(cls: type) -> dict[str, inspect.Parameter]:
    own = _named(inspect.signature(cls.__init__).parameters)  # type: ignore[misc]  # of a class
    own.pop("self", None)
    return own


def _named(parameters: Any) -> dict[str, inspect.Parameter]:
    return {name: one for name, one in parameters.items() if one.kind not in _SEVERAL}


def main() -> int:
    """Print what differs and is not known, then what is known and does not differ."""
    found = differences()
    known = [one for lines in known_differences().values() for one in lines]
    new = [one for one in found if not any(fits(each, one) for each in known)]
    gone = [each for each in known if not any(fits(each, one) for one in found)]
    print(*(f"differs:  {one}" for one in new), *(f"vanished: {one}" for one in gone), sep="\n")
    return 1 if new or gone else 0


if __name__ == "__main__":
    if "--all" in sys.argv:
        print(*differences(), sep="\n")
        sys.exit()
    sys.exit(main())
