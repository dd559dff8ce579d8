"""The classes that the author of a storage subclasses."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from plugwork.abc import Storage
from plugwork_testkit.storage.elsewhere import ElsewhereChecks
from plugwork_testkit.storage.elsewhere import OpenStorage as OpenStorage
from plugwork_testkit.storage.leases import LeaseChecks
from plugwork_testkit.storage.logs import LogChecks
from plugwork_testkit.storage.pools import PoolChecks
from plugwork_testkit.storage.runs import RunChecks
from plugwork_testkit.storage.tags import TagChecks
from plugwork_testkit.storage.together import TogetherChecks
from plugwork_testkit.storage.whole import WholeChecks
from plugwork_testkit.storage.writing import WriterChecks


class StorageConformance(
    RunChecks,
    TagChecks,
    LogChecks,
    WriterChecks,
    LeaseChecks,
    PoolChecks,
    WholeChecks,
    TogetherChecks,
):
    """Subclass it as ``TestMine``, and give the fixture that raises here."""

    @pytest.fixture
    def open_storage(self) -> OpenStorage:
        """What opens one and the same storage, empty at first, whenever it is called.

        For a storage that outlives its process it is pickled and called in other processes, too:
        a class, a function of an installed module, or a ``functools.partial`` of one.
        """
        raise NotImplementedError("give the fixture open_storage")

    @pytest.fixture
    def storage(self, open_storage: OpenStorage) -> Iterator[Storage]:
        opened = open_storage()
        yield opened
        opened.dispose()


class PersistentStorageConformance(StorageConformance, ElsewhereChecks):
    """For a storage that outlives its process and is opened by several."""
