"""What becomes of a run whose worker is lost."""

from __future__ import annotations

import logging
from collections.abc import Callable

from plugwork.abc import Storage
from plugwork.clock import Clock
from plugwork.errors import StorageError
from plugwork.journal.ending import LEASE_TTL, end_held_run
from plugwork.journal.holder import current_holder
from plugwork.model import Appended, Lease, Run, RunFailureReason, RunStatus

_logger = logging.getLogger(__name__)


class LostRuns:
    """Ends lost runs, and gives back the leases that no worker needs.

    :param on_commit: called with what was written to a run; what it raises is logged.
    """

    def __init__(
        self, storage: Storage, clock: Clock, on_commit: Callable[[Appended], None] | None
    ) -> None:
        self._storage = storage
        self._clock = clock
        self._on_commit = on_commit
        #: Of runs that were taken over and could not be ended yet: the fence, and what was seen.
        self._unfinished: dict[str, tuple[int, str]] = {}

    def find_unfinished(self, lease: Lease) -> str | None:
        """Return what was seen of the run that this object took over and could not end yet."""
        fence, seen = self._unfinished.get(lease.key, (0, ""))
        return seen if fence == lease.fence else None

    def settle(self, run: Run | None, lease: Lease | None, seen: str) -> bool:
        """End a run; or give back the lease of one that is over, deleted, or queued.

        A queued run is for whoever dequeues next. What fails now is left to the next pass.

        :param run: None when it was deleted.
        :param lease: as last read; None when nobody holds the run.
        :param seen: what tells that the worker is lost.
        :return: whether the run was ended here.
        """
        try:
            if run is None or run.is_finished or run.status is RunStatus.QUEUED:
                if lease is not None:
                    self._storage.release_lease(lease)
                return False
            appended = self._end(run, lease, seen)
        except StorageError as error:
            _logger.warning("run %s cannot be ended now: %s", run.run_id if run else "", error)
            return False
        if appended is not None and self._on_commit is not None:
            self._tell(self._on_commit, appended)
        return appended is not None

    def _end(self, run: Run, lease: Lease | None, seen: str) -> Appended | None:
        run_id = run.run_id
        taken = self._storage.acquire_lease("run", run_id, current_holder(), LEASE_TTL, lease)
        if taken is None:
            return None
        self._unfinished[run_id] = taken.fence, seen
        record = self._storage.run_storage.get_run_record(run_id)  # a cancel may have come since
        status, what = RunStatus.FAILURE, "The run failed"
        if record is not None and record.run.status is RunStatus.CANCELING:
            status, what = RunStatus.CANCELED, "The run was canceled"
        message = f"{what}: {seen}."
        reason = RunFailureReason.UNEXPECTED_TERMINATION
        appended = end_held_run(self._storage, run, taken, self._clock, status, message, reason)
        del self._unfinished[run_id]
        return appended

    def _tell(self, on_commit: Callable[[Appended], None], appended: Appended) -> None:
        try:
            on_commit(appended)
        except Exception:
            _logger.exception("a listener to committed events failed")
