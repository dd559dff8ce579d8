"""Write down the lazily found public names for type checkers: run me after changing a table."""

from __future__ import annotations

from pathlib import Path

import plugwork
import plugwork.plugin
from plugwork import _public
from plugwork.registry.known import NAMES

Table = dict[str, tuple[str, ...]]

HEAD = '''"""{summary}

Made by core/tests/public_stub.py; the table is in {table}.
"""

# ruff: noqa: I001 - in the order of the alphabet

from __future__ import annotations

'''


def stubs() -> dict[Path, str]:
    """Return the stub files with what each must hold."""
    root = Path(str(plugwork.__file__)).parent
    top = _head("The public names of plugwork, for type checkers.", "plugwork/_public.py")
    top += "from typing import Any as _Any\n\n" + _imports(_public.MODULES) + "\n"
    top += "__version__: str\n# Brought by plugins.\n"
    top += "".join(f"{name}: _Any\n" for name in sorted(NAMES))
    door = _head("The door for authors of plugins, for type checkers.", "plugwork/plugin")
    door += _imports(plugwork.plugin.MODULES) + "\nMODULES: dict[str, tuple[str, ...]]\n"
    return {root / "__init__.pyi": top, root / "plugin" / "__init__.pyi": door}


def _head(summary: str, table: str) -> str:
    return HEAD.format(summary=summary, table=table)


def _imports(table: Table) -> str:
    names = [(module, name) for module in sorted(table) for name in sorted(table[module])]
    return "".join(_import(module, name) for module, name in names)


def _import(module: str, name: str) -> str:
    line = f"from {module} import {name} as {name}\n"
    if len(line) <= 101:
        return line
    return f"from {module} import (\n    {name} as {name},\n)\n"


if __name__ == "__main__":
    for file, text in stubs().items():
        file.write_text(text, encoding="utf-8")
