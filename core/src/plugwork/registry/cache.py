"""Remember on disk what the folders of ``sys.path`` announce.

One JSON file a folder, so that a change in one place leaves the others known. The files are read
only from a directory of the user's own, hold text alone, and whatever is odd in them is as good
as absent.
"""

from __future__ import annotations

import binascii
import json
import os
import stat
import threading
from pathlib import Path
from typing import Any

from plugwork.registry.entries import Distribution

_FORMAT = 1
#: How long (ns) a folder must have been unchanged to be sure that it was read whole.
_SETTLED = 2_000_000_000
#: Files kept; the oldest go first.
_KEEP = 200


def cache_dir() -> Path | None:
    """Return the directory of the cache, made if need be; None when there is none to be trusted."""
    configured = os.environ.get("XDG_CACHE_HOME", "")
    base = configured if os.path.isabs(configured) else os.path.expanduser("~/.cache")
    own = Path(base, "plugwork")
    try:
        own.mkdir(mode=0o700, parents=True, exist_ok=True)
        status = own.stat()
        place = own / "index"
        place.mkdir(mode=0o700, exist_ok=True)
    except OSError:
        return None
    return place if _is_private(status) else None


def _is_private(status: os.stat_result) -> bool:
    if not hasattr(os, "getuid"):
        return True
    return status.st_uid == os.getuid() and not status.st_mode & (stat.S_IWGRP | stat.S_IWOTH)


class FolderCache:
    """What was found in one folder of ``sys.path``."""

    def __init__(self, place: Path, folder: str) -> None:
        name = f"{binascii.crc32(folder.encode('utf-8', 'surrogatepass')):08x}.json"
        self._file = place / name
        self._folder = folder

    def read(self, changed: int) -> list[Distribution] | None:
        """Return what was found, if the folder is still as it was.

        :param changed: the folder's time of change, ns.
        """
        try:
            data = json.loads(self._file.read_bytes())
            if self._is_stale(data, changed):
                return None
            found = [_distribution(each) for each in data["found"]]
            unchanged = all(os.stat(each.file).st_mtime_ns == each.changed for each in found)
        except (OSError, ValueError, TypeError, KeyError, RecursionError):
            return None
        return found if unchanged else None

    def _is_stale(self, data: dict[str, Any], changed: int) -> bool:
        # A folder that changed just before it was read may have changed once more within the
        # resolution of its time stamp: it is read again until it has settled.
        told: tuple[object, ...] = (data["format"], data["folder"], data["changed"])
        since: int = data["read_at"] - changed
        return told != (_FORMAT, self._folder, changed) or since < _SETTLED

    def write(self, changed: int, read_at: int, found: list[Distribution]) -> None:
        """Remember what was found; in silence if the disk does not want it.

        :param read_at: wall-clock time before the folder was read, ns.
        """
        data = {
            "format": _FORMAT,
            "folder": self._folder,
            "changed": changed,
            "read_at": read_at,
            "found": found,
        }
        draft = self._file.with_suffix(f".{os.getpid()}-{threading.get_ident()}.tmp")
        try:
            draft.write_bytes(json.dumps(data).encode())
            draft.replace(self._file)
            self._prune()
        except OSError:
            draft.unlink(missing_ok=True)

    def _prune(self) -> None:
        files = list(self._file.parent.iterdir())
        if len(files) > _KEEP:
            files.sort(key=lambda file: file.stat().st_mtime)
            for file in files[: len(files) - _KEEP]:
                file.unlink(missing_ok=True)


def _distribution(data: list[Any]) -> Distribution:
    name, version, summary, requires, file, changed, points, problem = data
    texts = (name, version, summary, requires, file, problem, *(t for p in points for t in p))
    if not all(isinstance(text, str) for text in texts) or any(len(p) != 3 for p in points):
        raise ValueError("the cached entry is damaged")
    return Distribution(
        name, version, summary, requires, file, changed, tuple(map(tuple, points)), problem
    )
