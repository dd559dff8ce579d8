"""The reaper: ends the runs whose workers are gone, so that no run stays open for ever."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping

import attrs

from plugwork.abc import Storage, WorkerHealth, WorkerStatus
from plugwork.clock import Clock
from plugwork.errors import InstanceDisposedError, StorageError
from plugwork.journal.ending import end_run as end_run
from plugwork.journal.holder import describe_holder, is_alive, is_gone
from plugwork.journal.lost import LostRuns
from plugwork.model import (
    ACTIVE_STATUSES,
    Appended,
    Lease,
    Run,
    RunsFilter,
)

_logger = logging.getLogger(__name__)

OnCommit = Callable[[Appended], None]
Health = Callable[[Run], WorkerHealth]


def reap_provably_dead(
    storage: Storage, clock: Clock, on_commit: OnCommit | None = None
) -> list[str]:
    """End the runs whose holder vanished from this machine; one pass, for a command on opening.

    A run that cannot be ended now is left to the next pass.

    :returns: the ids of the runs that this call ended.
    """
    found = [(lease, _find_vanished(lease)) for lease in storage.get_leases("run")]
    dead = [(lease, seen) for lease, seen in found if seen]
    runs = _get_runs(storage, [lease for lease, _ in dead])
    lost = LostRuns(storage, clock, on_commit)
    return [lease.key for lease, seen in dead if lost.settle(runs.get(lease.key), lease, seen)]


@attrs.define
class _Watch:
    """What the reaper saw of one run."""

    #: (fence, beat) of its lease; None without a lease.
    sign: tuple[int, int] | None
    #: On the reaper's own monotonic clock.
    since: float
    #: Its worker was seen to exist after the ttl, and got another one.
    spared: bool = False


class Reaper:
    """Watches every run of a storage, from :meth:`start` to :meth:`stop`.

    For long-lived processes; any number of them at once: one ends a run, the others find it ended.
    A holder that vanished from this machine is dead at once. Else a run is taken over when no new
    beat was seen for its lease's ttl and the launcher, asked then, does not see its worker; a
    worker that is seen gets one more ttl. Wall clocks are not compared. After a time in which it
    could not look, or nobody could write, the reaper grants everyone a full ttl.

    :param ttl: seconds that an active run may be without any lease.
    :param interval: seconds between passes.
    :param health: asks the launcher; may raise, which counts as not knowing.
    :param on_commit: called with what was written to a run that was ended.
    """

    def __init__(
        self,
        storage: Storage,
        clock: Clock,
        ttl: float,
        interval: float,
        health: Health | None = None,
        on_commit: OnCommit | None = None,
    ) -> None:
        self._storage = storage
        self._clock = clock
        self._ttl = ttl
        self._interval = interval
        self._health = health
        self._lost = LostRuns(storage, clock, on_commit)
        self._watched: dict[str, _Watch] = {}
        self._looked: float | None = None
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Look now and then every interval, on a daemon thread."""
        self._thread = threading.Thread(target=self._run, name="plugwork-reaper", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End the thread after its pass; may be called again."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join(self._interval)

    def look(self) -> list[str]:
        """Make one pass.

        :returns: the ids of the runs that it ended.
        :raises StorageError: when the storage cannot be read; everyone gets a full ttl then.
        """
        started = self._clock.monotonic()
        if self._looked is None or started - self._looked > 2 * self._interval:
            self._watched.clear()
        self._looked = None
        leases = {lease.key: lease for lease in self._storage.get_leases("run")}
        silent = self._find_silent(leases, started)
        if silent is not None and self._is_cut_off(silent):
            return self.look()  # anew, with nothing watched so far
        runs = _get_runs(self._storage, list(leases.values()))
        for record in self._storage.get_open_runs(sorted(ACTIVE_STATUSES)):
            runs.setdefault(record.run.run_id, record.run)
        found = runs.keys() | leases.keys()
        self._watched = {key: watch for key, watch in self._watched.items() if key in found}
        ended = [
            key
            for key in sorted(found)
            if self._judge(key, runs.get(key), leases.get(key), started)
        ]
        self._looked = self._clock.monotonic()
        return ended

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                self.look()
            except InstanceDisposedError:
                return  # its owner closed the storage first
            except StorageError as error:
                _logger.warning("the reaper could not look: %s", error)
            except Exception:
                _logger.exception("the reaper could not look")
            self._clock.wait(self._stop, self._interval)

    def _find_silent(self, leases: Mapping[str, Lease], now: float) -> Lease | None:
        """Return a lease without a new beat for half its ttl: a healthy one has a beat by then."""
        for key, lease in leases.items():
            watch = self._watched.get(key)
            if watch is None or watch.sign != (lease.fence, lease.beat):
                continue
            if now - watch.since >= lease.ttl / 2:
                return lease
        return None

    def _is_cut_off(self, lease: Lease) -> bool:
        """Tell whether silence proves nothing: reading works, but nobody can write a beat.

        Found out by a write that changes nothing: no lease has this fence.
        """
        started = self._clock.monotonic()
        try:
            self._storage.renew_lease(attrs.evolve(lease, fence=-1))
        except StorageError as error:
            _logger.debug("the reaper cannot write, so nobody is judged: %s", error)
            return True
        return self._clock.monotonic() - started > self._interval / 2

    def _judge(self, key: str, run: Run | None, lease: Lease | None, now: float) -> bool:
        """Decide on one run, and end it when its worker is gone.

        :param now: monotonic, from before its lease was read.
        """
        if lease is not None:
            dead = self._lost.find_unfinished(lease) or _find_vanished(lease)
            if dead or run is None or run.is_finished:
                return self._lost.settle(run, lease, dead or "it is over")
        sign = (lease.fence, lease.beat) if lease is not None else None
        watch = self._watched.get(key)
        if watch is None or watch.sign != sign:
            self._watched[key] = _Watch(sign, now)
            return False
        ttl = lease.ttl if lease is not None else self._ttl
        if run is None or now - watch.since < ttl:
            return False
        if lease is None:
            return self._lost.settle(run, None, f"no process holds it, for {ttl:g} s")
        health = self._ask(run, lease)
        if health.status is WorkerStatus.RUNNING and not watch.spared:
            self._watched[key] = _Watch(sign, now, spared=True)
            return False
        seconds = (2 if watch.spared else 1) * ttl
        ended = self._lost.settle(run, lease, _describe_silence(lease, seconds, health))
        if not ended:
            self._watched[key] = _Watch(sign, now)  # the storage refused, so perhaps others too
        return ended

    def _ask(self, run: Run, lease: Lease) -> WorkerHealth:
        """Ask once more, before a run is taken from its holder."""
        health = WorkerHealth(WorkerStatus.UNKNOWN)
        if self._health is not None:
            try:
                health = self._health(run)
            except Exception:
                _logger.exception("run %s: its launcher cannot tell its health", run.run_id)
        if health.status is WorkerStatus.UNKNOWN and lease.holder and is_alive(lease.holder):
            return WorkerHealth(WorkerStatus.RUNNING, "its process exists")
        return health


def _get_runs(storage: Storage, leases: list[Lease]) -> dict[str, Run]:
    if not leases:
        return {}
    filters = RunsFilter(run_ids=tuple(lease.key for lease in leases))
    records = storage.run_storage.get_run_records(filters)
    return {record.run.run_id: record.run for record in records}


def _find_vanished(lease: Lease) -> str | None:
    """Tell of a holder that is provably dead."""
    if lease.holder is None or not is_gone(lease.holder):
        return None
    return f"its worker ({describe_holder(lease.holder)}) is gone without a word"


def _describe_silence(lease: Lease, seconds: float, health: WorkerHealth) -> str:
    who = describe_holder(lease.holder) if lease.holder else "nobody"
    seen = health.status.value.replace("_", " ").lower()
    told = f"{seen}: {health.message}" if health.message else seen
    return f"its worker ({who}) gave no sign of life for {seconds:g} s; asked for, it is {told}"
