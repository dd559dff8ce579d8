"""IO managers that keep each value in a file, in a form that a subclass chooses."""

from __future__ import annotations

import importlib
import pathlib
import shutil
import tempfile
from abc import abstractmethod
from typing import TYPE_CHECKING, Any

from plugwork.abc.io_manager import IOManager
from plugwork.definitions.file_names import file_name
from plugwork.errors import InvalidDefinitionError

if TYPE_CHECKING:
    from plugwork.definitions.input_context import InputContext
    from plugwork.definitions.output_context import OutputContext


class UPathIOManager(IOManager):
    """Base of IO managers that write a value to a path and read it back.

    A value stands at ``<base_path>/<run>/<step>/<output>[/<mapping key>]`` with the
    :attr:`extension`; an asset at ``<base_path>/<parts of its key>``. On a disk a value is written
    beside its place and moved there when it is whole, so that a failed or killed process leaves the
    value before.

    :param base_path: a path, or the URL of another store (``s3://bucket/values``), for which the
        package universal_pathlib must be installed; the working directory when not given.
    :raises InvalidDefinitionError: for a URL without that package.
    """

    #: Of the files, with its dot: ``".csv"``.
    extension: str | None = None

    def __init__(self, base_path: Any = None) -> None:
        self._base_path = _path_of(base_path)

    @abstractmethod
    def dump_to_path(self, context: OutputContext, obj: Any, path: Any) -> None:
        """Write a value to a path whose directory is there; a file, or a directory of files.

        :param path: a :class:`pathlib.Path`, or the like of universal_pathlib.
        """

    @abstractmethod
    def load_from_path(self, context: InputContext, path: Any) -> Any:
        """Read a value from a path.

        :raises FileNotFoundError: when it was never written.
        """

    def get_metadata(self, context: OutputContext, obj: Any) -> dict[str, Any]:
        """Return what the event of the stored output tells beside the path."""
        return {}

    def path_of(self, context: InputContext | OutputContext) -> Any:
        """Return where the value of an output or input stands; below the base path, always."""
        if context.has_asset_key:
            identifier = context.get_asset_identifier()
        else:
            identifier = context.get_identifier()
        path = self._base_path.joinpath(*map(file_name, identifier))
        return path.with_name(path.name + self.extension) if self.extension else path

    def handle_output(self, context: OutputContext, obj: Any) -> None:
        from plugwork.model import MetadataValue  # thirty classes, for who stores something

        path = self.path_of(context)
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(path, pathlib.Path):
            self._dump_whole(context, obj, path)
        else:
            # Stores of objects show a file only when it is whole.
            self.dump_to_path(context, obj, path)
        told = {"path": MetadataValue.path(str(path))}
        context.add_output_metadata({**told, **self.get_metadata(context, obj)})

    def load_input(self, context: InputContext) -> Any:
        return self.load_from_path(context, self.path_of(context))

    def _dump_whole(self, context: OutputContext, obj: Any, path: pathlib.Path) -> None:
        with tempfile.TemporaryDirectory(dir=path.parent, prefix=".part-") as beside:
            written = pathlib.Path(beside) / path.name
            self.dump_to_path(context, obj, written)
            if path.is_dir():
                shutil.rmtree(path)
            written.replace(path)


def _path_of(base_path: Any) -> Any:
    if base_path is None:
        return pathlib.Path.cwd()
    if isinstance(base_path, str) and "://" in base_path:
        try:
            return importlib.import_module("upath").UPath(base_path)
        except ImportError as error:
            raise InvalidDefinitionError(
                f"to keep values under {base_path!r}, pip install universal_pathlib"
            ) from error
    return pathlib.Path(base_path).absolute() if isinstance(base_path, str) else base_path
