"""Which Python files and modules a distribution brings."""

from __future__ import annotations

import ast
import os
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath

from plugwork_environment_audit.metadata import read_text

#: Suffixes that a compiled module may have, after its name and platform tag.
NATIVE = (".so", ".pyd", ".dylib")
#: Folders of a project that hold no module of it, when its editable install names the whole folder.
NOT_SHIPPED = {"build", "dist", "doc", "docs", "examples", "node_modules", "test", "tests"}
SCRIPTS_OF_A_PROJECT = {"conftest.py", "noxfile.py", "setup.py", "tasks.py"}


def is_source(path: str) -> bool:
    """Say whether a recorded path is a module's source: inside the import path, not a script."""
    return path.endswith(".py") and not path.startswith(("../", "/")) and ".data/" not in path


def import_roots(paths: Iterable[str]) -> tuple[str, ...]:
    """Return the shortest dotted names that belong to these files alone.

    A package with an ``__init__`` is a root; a folder without one is a namespace, which others
    may share, so that the modules in it are roots.

    :param paths: files relative to a folder of the import path, ``/`` between parts.
    """
    modules = {module for path in paths if (module := _module_name(path))}
    return tuple(sorted(name for name in modules if not _has_parent(name, modules)))


def editable_files(metadata_path: Path, project: Path) -> Iterator[tuple[Path, str]]:
    """Find the source files of an editable install by the ``.pth`` files beside its metadata.

    :param project: folder of the project; what a ``.pth`` names outside of it is another's.
    :returns: pairs of a folder of the import path and a path relative to it.
    """
    project = project.resolve()
    for folder in _editable_folders(metadata_path):
        if folder == project or project in folder.parents:
            yield from ((folder, path) for path in _walk(folder))


def _module_name(path: str) -> str:
    """Return the dotted name of a module, of source or compiled; empty for other files."""
    pure = PurePosixPath(path)
    if not is_source(path) and not path.endswith(NATIVE):
        return ""
    stem = pure.name.split(".")[0]
    parts = pure.parts[:-1] if stem == "__init__" else (*pure.parts[:-1], stem)
    return ".".join(parts) if all(part.isidentifier() for part in parts) else ""


def _has_parent(name: str, modules: set[str]) -> bool:
    parts = name.split(".")
    return any(".".join(parts[:count]) in modules for count in range(1, len(parts)))


def _editable_folders(metadata_path: Path) -> list[Path]:
    """Read what installers write for an editable install: path lines, or a finder's mapping."""
    stem = metadata_path.name.split("-")[0].lower()
    folders: list[Path] = []
    for path in sorted(metadata_path.parent.iterdir()):
        if stem not in path.name.lower().replace("-", "_"):
            continue
        if path.suffix == ".pth":
            folders += _pth_folders(path)
        elif path.name.startswith("__editable__") and path.suffix == ".py":
            folders += [target.parent for target in _finder_targets(path)]
    return list(dict.fromkeys(folder.resolve() for folder in folders))


def _pth_folders(path: Path) -> list[Path]:
    lines = (line.strip() for line in read_text(path).splitlines())
    return [Path(line) for line in lines if line and not line.startswith(("#", "import "))
            and Path(line).is_dir()]  # fmt: skip


def _finder_targets(path: Path) -> list[Path]:
    """Read the packages' folders from the mapping in a finder that setuptools wrote."""
    for node in ast.parse(path.read_bytes()).body:
        if isinstance(node, ast.AnnAssign) and getattr(node.target, "id", "") == "MAPPING":
            mapping = ast.literal_eval(node.value) if node.value else {}
            return [Path(target) for target in mapping.values()]
    return []


def _walk(root: Path) -> Iterator[str]:
    """List the Python files that can be imported from a folder, in a stable order."""
    for folder, folders, files in os.walk(root):
        at_root = Path(folder) == root
        hidden = NOT_SHIPPED if at_root else set()
        folders[:] = sorted(name for name in folders if name.isidentifier() and name not in hidden)
        for name in sorted(files):
            if name.endswith(".py") and not (at_root and name in SCRIPTS_OF_A_PROJECT):
                yield (Path(folder) / name).relative_to(root).as_posix()
