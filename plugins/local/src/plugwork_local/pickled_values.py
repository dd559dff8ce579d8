"""Values as pickle files under names that no value can escape."""

from __future__ import annotations

import os
import pickle
from collections.abc import Sequence
from typing import Any

from plugwork.errors import UnpicklableOutputError
from plugwork.plugin import file_name
from plugwork_local.whole_files import WholeFiles

PROTOCOL = 5


class PickledValues:
    """Stores and loads values by identifier. Safe for threads and processes.

    :param root: absolute; made when it is first written to.
    :param synced: whether a value is on the disk before it can be loaded.
    """

    def __init__(self, root: str, synced: bool = False) -> None:
        self._root = root
        self._files = WholeFiles(root, synced)

    def path(self, identifier: Sequence[str]) -> str:
        """Return where a value is kept: a directory for each part but the last."""
        return os.path.join(self._root, *map(file_name, identifier))

    def store(self, identifier: Sequence[str], value: Any) -> None:
        """Store a value, instead of one that is there already.

        :raises UnpicklableOutputError: when it cannot be pickled; nothing is stored.
        """
        with self._files.writing(self.path(identifier)) as stream:
            try:
                pickle.dump(value, stream, PROTOCOL)
            except (pickle.PicklingError, AttributeError, TypeError, RecursionError) as error:
                raise UnpicklableOutputError(
                    f"the value of {'/'.join(identifier)}, a {type(value).__name__}, cannot be"
                    f" pickled ({error}): give a value that can be, or bind another IO manager,"
                    " such as mem_io_manager"
                ) from error

    def load(self, identifier: Sequence[str]) -> Any:
        """Load a value. Unpickling runs code: the directory must be writable to its owner alone.

        :raises FileNotFoundError: when it was never stored.
        """
        with open(self.path(identifier), "rb") as stream:
            return pickle.load(stream)  # noqa: S301 - see above
