"""What users type to name their code."""

from __future__ import annotations

import os
import re
from pathlib import Path

from plugwork.config.walk import closest
from plugwork.errors import TargetNotFoundError
from plugwork.model.code_ref import CodeRef

_ATTRIBUTE = re.compile(r"(?P<place>.+):(?P<attribute>[A-Za-z_][A-Za-z0-9_]*)")
_MODULE = re.compile(r"[^\W\d]\w*(\.[^\W\d]\w*)*")


def parse_target(text: str, working_directory: Path | None = None) -> CodeRef:
    """Read ``file.py``, ``file.py:name``, ``package.module`` or ``package.module:name``.

    :param working_directory: relative paths count from it, and modules are found in it first; the
        process's own when not given.
    :raises TargetNotFoundError: when there is no such file, or the text names nothing.
    """
    base = working_directory or Path.cwd()
    found = _ATTRIBUTE.fullmatch(text)
    place = found["place"] if found else text
    attribute = found["attribute"] if found else None
    path = base / Path(place).expanduser()
    if place.endswith(".py") or os.sep in place or path.is_file():
        return CodeRef("file", str(_existing(path, place)), attribute)
    if place and path.is_dir() and not (path / "__init__.py").exists():
        raise TargetNotFoundError(
            f"{place!r} is a directory; name a file in it{_files_in(path)}, or a module"
        )
    if _MODULE.fullmatch(place) is None:
        raise TargetNotFoundError(
            f"{text!r} names no code; give a file (jobs.py), a module (shop.jobs), or a name in "
            "one of them (jobs.py:nightly)"
        )
    kind = "package" if (path / "__init__.py").exists() else "module"
    return CodeRef(kind, place, attribute, working_directory=str(base))  # type: ignore[arg-type]  # both words are literals of the field


def _existing(path: Path, place: str) -> Path:
    if path.is_file():
        return Path(os.path.abspath(path))
    if path.is_dir():
        raise TargetNotFoundError(f"{place!r} is a directory; name a file in it{_files_in(path)}")
    directory = path.parent
    if not directory.is_dir():
        raise TargetNotFoundError(f"there is no directory {str(directory)!r}")
    close = closest(path.name, [one.name for one in directory.glob("*.py")])
    better = f"; did you mean {str(Path(place).with_name(close))!r}?" if close else ""
    raise TargetNotFoundError(f"there is no file {place!r}{better}")


def _files_in(directory: Path) -> str:
    names = sorted(one.name for one in directory.glob("*.py"))[:5]
    return f" ({', '.join(names)})" if names else ""


def file_relative_path(dunderfile: str, relative_path: str) -> str:
    """Return the absolute path of a file that is named from another file.

    :param dunderfile: ``__file__`` of the module that names it.
    :param relative_path: counted from that module's folder.
    """
    return os.path.join(os.path.dirname(os.path.abspath(dunderfile)), relative_path)
