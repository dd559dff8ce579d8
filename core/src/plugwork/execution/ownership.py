"""Owning a run: its one writer, and the lease that is kept while it goes on."""

from __future__ import annotations

from types import TracebackType
from typing import TYPE_CHECKING, Self

from plugwork.journal.keeper import LeaseKeeper
from plugwork.journal.writer import EventWriter
from plugwork.model.enums import RunStatus

if TYPE_CHECKING:
    from collections.abc import Callable

    from plugwork.instance import Instance
    from plugwork.model import Lease, Run


class Ownership:
    """The right to write a run's events; a context manager, for the process that executes it.

    Leaving it commits what was written and gives the lease back, if the run is finished.

    :param lease: of the run, held by this process.
    :param on_lost: told when another process took the run over; what runs must be stopped.
    """

    def __init__(
        self, instance: Instance, run: Run, lease: Lease, on_lost: Callable[[], None]
    ) -> None:
        self._instance = instance
        self._run = run
        self.lease = lease
        self.writer = EventWriter(
            instance.storage,
            run.run_id,
            lease,
            instance.clock,
            lambda appended: instance.notices.committed(run.run_id, appended),
            status=run.status,
        )
        heartbeat = instance.config.leases.heartbeat
        self.keeper = LeaseKeeper(
            instance.storage,
            lease,
            instance.clock,
            heartbeat,
            writer=self.writer,
            on_lost=on_lost,
        )

    @property
    def status(self) -> RunStatus | None:
        """The run's status, as the storage answered last."""
        return self.writer.status

    def is_asked_to_stop(self) -> bool:
        """Tell whether somebody, here or elsewhere, asked the run to be canceled; reads it."""
        return self._instance.require_run(self._run.run_id).status is RunStatus.CANCELING

    def may_start_step(self) -> bool:
        return self.keeper.may_start_step()

    def __enter__(self) -> Self:
        self.keeper.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        # The lease is renewed while the last events wait for a storage that is away.
        try:
            self.writer.close()
        finally:
            self.keeper.stop()
            self._instance.notices.remove_listeners(self._run.run_id)
