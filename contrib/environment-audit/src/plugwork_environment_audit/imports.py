"""What Python source imports, told from its syntax tree; nothing is executed."""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath

import attrs

#: File name given to the parser, by which its warnings about old source are known as ours.
PARSED_NAME = "<audited source>"
GUARDS = {"ImportError", "ModuleNotFoundError", "Exception", "BaseException"}
#: Parts of a module's name that are kept; enough for the namespaces in use.
DEPTH = 4


@attrs.frozen
class FileImports:
    """The absolute imports of one source file, as dotted names of up to :data:`DEPTH` parts."""

    path: str
    #: Imported whenever the module is: not guarded, not in a function, not for types alone.
    hard: tuple[str, ...] = ()
    #: Imported on some condition.
    soft: tuple[str, ...] = ()


def scan_file(root: Path, path: str, limit: int) -> FileImports | None:
    """Read the imports of one file.

    :param root: folder that ``path`` is relative to.
    :param limit: size in bytes beyond which a file is not parsed.
    :returns: None when the file is too large or not source of this Python.
    :raises OSError: if the file cannot be read.
    """
    full = root / path
    if full.stat().st_size > limit:
        return None
    return scan_source(full.read_bytes(), path)


def scan_source(source: bytes, path: str) -> FileImports | None:
    """Read the imports of one source text; None when it cannot be parsed."""
    if b"import" not in source:
        return FileImports(path)
    try:
        tree = _parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    found = list(_imports(tree.body, hard=not is_test(path)))
    hard = {name for name, is_hard in found if is_hard}
    soft = {name for name, _ in found} - hard
    return FileImports(path, tuple(sorted(hard)), tuple(sorted(soft)))


def is_test(path: str) -> bool:
    """Say whether a file belongs to a distribution's own tests, whose imports bind nobody."""
    parts = PurePosixPath(path).parts
    inside = any(part in ("test", "tests", "testing") for part in parts[:-1])
    return inside or parts[-1].startswith(("test_", "conftest."))


def _parse(source: bytes) -> ast.Module:
    """Parse without the warnings that old source causes.

    A filter by module name, rather than ``catch_warnings``, which other threads would see.
    """
    warnings.filterwarnings("ignore", module=re.escape(PARSED_NAME))
    return ast.parse(source, PARSED_NAME)


def _imports(body: Iterable[ast.AST], hard: bool) -> Iterator[tuple[str, bool]]:
    """Walk statements alone, never expressions: imports stand nowhere else."""
    for node in body:
        if isinstance(node, ast.Import):
            yield from ((_shortened(alias.name), hard) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from ((name, hard) for name in _from_names(node))
        elif isinstance(node, ast.If):
            yield from _imports(node.body, hard and not _for_types_alone(node.test))
            yield from _imports(node.orelse, hard)
        elif isinstance(node, ast.Try | ast.TryStar):
            yield from _try_imports(node, hard)
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield from _imports(node.body, hard=False)
        else:
            yield from _nested_imports(node, hard)


def _nested_imports(node: ast.AST, hard: bool) -> Iterator[tuple[str, bool]]:
    """Enter classes, loops, ``with`` and ``match``."""
    for field in ("body", "orelse"):
        yield from _imports(getattr(node, field, ()), hard)
    for case in getattr(node, "cases", ()):
        yield from _imports(case.body, hard=False)


def _try_imports(node: ast.Try | ast.TryStar, hard: bool) -> Iterator[tuple[str, bool]]:
    guarded = any(_catches_import_error(handler) for handler in node.handlers)
    yield from _imports(node.body, hard and not guarded)
    for handler in node.handlers:
        yield from _imports(handler.body, hard=False)
    yield from _imports(node.orelse, hard and not guarded)
    yield from _imports(node.finalbody, hard)


def _catches_import_error(handler: ast.ExceptHandler) -> bool:
    if handler.type is None:
        return True
    names = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return any(isinstance(name, ast.Name) and name.id in GUARDS for name in names)


def _for_types_alone(test: ast.expr) -> bool:
    name = test.attr if isinstance(test, ast.Attribute) else getattr(test, "id", "")
    return name == "TYPE_CHECKING"


def _from_names(node: ast.ImportFrom) -> list[str]:
    """Give ``package.name`` for each name, since any of them may be a module; none if relative."""
    if node.level or node.module is None:
        return []
    return [_shortened(f"{node.module}.{alias.name}") for alias in node.names]


def _shortened(name: str) -> str:
    return ".".join(name.split(".")[:DEPTH])
