"""Two storages that are asked the same answer alike; needs Hypothesis."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from plugwork.abc import Storage
from plugwork.errors import CheckError, FrameworkError
from plugwork.model import Batch, EventType, Lease, Run, RunsFilter, RunStatus
from plugwork_testkit.clock import ManualClock
from plugwork_testkit.storage.building import (
    HOLDER,
    OTHER_HOLDER,
    TIME,
    an_event,
    encoded,
    log_line,
)

_RUN_IDS = [f"{number}0000000-0000-4000-8000-000000000000" for number in range(3)]
_KINDS = [
    EventType.RUN_ENQUEUED,
    EventType.RUN_STARTING,
    EventType.RUN_START,
    EventType.RUN_CANCELING,
    EventType.RUN_SUCCESS,
    EventType.RUN_FAILURE,
    EventType.ENGINE_EVENT,
    EventType.STEP_START,
    EventType.STEP_SUCCESS,
    EventType.STEP_FAILURE,
    EventType.STEP_UP_FOR_RETRY,
    EventType.STEP_SKIPPED,
]

run_ids = st.sampled_from(_RUN_IDS)
tags = st.dictionaries(
    st.sampled_from(["a", "b", "plugwork/backfill"]),
    st.sampled_from(["1", "2", "\ud800", ""]),
    max_size=2,
)
kinds = st.lists(st.sampled_from([*_KINDS, None]), max_size=4)
steps = st.sampled_from(["s", "t[k]"])
statuses = st.lists(st.sampled_from(list(RunStatus)), max_size=3)
limits = st.sampled_from([None, 0, 1, 2, 100])
holders = st.sampled_from([HOLDER, OTHER_HOLDER])
wanted_tags = st.dictionaries(
    st.sampled_from(["a", "b"]),
    st.one_of(st.sampled_from(["1", "2", "3"]), st.lists(st.sampled_from(["1", "2", "3"]))),
    max_size=2,
)


class StoragesAlike(RuleBasedStateMachine):
    """Does the same to several storages, and compares every answer and every refusal.

    Subclass it, give :meth:`open_storages`, and let ``TestMine = MyMachine.TestCase`` stand in a
    test module.
    """

    def open_storages(self, clock: ManualClock) -> Sequence[Storage]:
        """Open the storages, all empty, on this clock; they are disposed in the end."""
        raise NotImplementedError("give open_storages")

    @initialize()
    def open(self) -> None:
        self.clock = ManualClock()
        self.storages = self.open_storages(self.clock)
        #: As last taken, by run: the lease and the number of its last batch.
        self.held: dict[str, tuple[Lease, int]] = {}
        self.sent: list[Batch] = []

    def teardown(self) -> None:
        for storage in getattr(self, "storages", ()):
            storage.dispose()

    def ask(self, call: Callable[[Storage], Any]) -> Any:
        """Ask every storage, and return the one answer; None when all refused alike."""
        answers = [_answer(call, storage) for storage in self.storages]
        assert all(answer == answers[0] for answer in answers), answers
        return answers[0] if not isinstance(answers[0], type) else None

    @rule(run_id=run_ids, tags=tags, kinds=kinds, held=st.booleans())
    def create(
        self, run_id: str, tags: dict[str, str], kinds: list[EventType | None], held: bool
    ) -> None:
        run = Run("a_job", run_id=run_id, tags=tags)
        entries = encoded(*_entries(run_id, kinds, "s"))
        lease = self.ask(lambda s: s.create_run(run, entries, HOLDER if held else None, 5, 3))
        if lease is not None:
            self.held[run_id] = (lease, 0)

    @rule(run_id=run_ids, tags=tags)
    def add(self, run_id: str, tags: dict[str, str]) -> None:
        run = Run("another_job", run_id=run_id, tags=tags)
        self.ask(lambda s: s.run_storage.add_run(run))

    @rule(run_id=st.one_of(run_ids, st.just("")), kinds=kinds, step=steps)
    def report(self, run_id: str, kinds: list[EventType | None], step: str) -> None:
        batch = Batch.of(run_id, _entries(run_id, kinds, step, self.clock.now()))
        self.ask(lambda s: s.append(batch))

    @precondition(lambda self: self.held)
    @rule(data=st.data(), kinds=kinds, step=steps)
    def write(self, data: st.DataObject, kinds: list[EventType | None], step: str) -> None:
        run_id = data.draw(st.sampled_from(sorted(self.held)))
        lease, number = self.held[run_id]
        self.held[run_id] = (lease, number + 1)
        entries = _entries(run_id, kinds, step, self.clock.now())
        batch = Batch.of(run_id, entries, lease.fence, number + 1)
        self.sent.append(batch)
        self.ask(lambda s: s.append(batch))

    @precondition(lambda self: self.sent)
    @rule(data=st.data())
    def send_again(self, data: st.DataObject) -> None:
        batch = data.draw(st.sampled_from(self.sent))
        self.ask(lambda s: s.append(batch))

    @rule(run_id=run_ids, holder=holders, seen=st.booleans(), data=st.data())
    def take(self, run_id: str, holder: Any, seen: bool, data: st.DataObject) -> None:
        leases = self.ask(lambda s: s.get_leases("run"))
        last = data.draw(st.sampled_from(leases)) if seen and leases else None
        key = last.key if last is not None else run_id
        taken = self.ask(lambda s: s.acquire_lease("run", key, holder, 5, last))
        if taken is not None:
            self.held[key] = (taken, 0)

    @rule(key=st.sampled_from(["loop-1", "loop-2"]), holder=holders, renewed=st.booleans())
    def lead(self, key: str, holder: Any, renewed: bool) -> None:
        lease = self.ask(lambda s: s.acquire_lease("loop", key, holder, 5))
        if lease is not None:
            self.ask(lambda s: s.renew_lease(lease) if renewed else s.release_lease(lease))

    @precondition(lambda self: self.held)
    @rule(data=st.data(), renewed=st.booleans())
    def renew_or_release(self, data: st.DataObject, renewed: bool) -> None:
        lease, _ = self.held[data.draw(st.sampled_from(sorted(self.held)))]
        self.ask(lambda s: s.renew_lease(lease) if renewed else s.release_lease(lease))

    @rule(run_id=run_ids, tags=tags)
    def tag(self, run_id: str, tags: dict[str, str]) -> None:
        self.ask(lambda s: s.run_storage.add_run_tags(run_id, tags))

    @rule(run_id=run_ids)
    def delete(self, run_id: str) -> None:
        self.ask(lambda s: s.delete_run(run_id))

    @rule(seconds=st.sampled_from([0.000001, 0.5, 60]))
    def let_time_pass(self, seconds: float) -> None:
        self.clock.advance(seconds)

    @rule(rarely=st.integers(0, 9))
    def wipe(self, rarely: int) -> None:
        if rarely == 0:
            self.ask(lambda s: s.wipe())

    @rule(
        ids=st.one_of(st.none(), st.lists(run_ids, min_size=1)),
        job=st.sampled_from([None, "a_job", "another_job"]),
        statuses=statuses,
        tags=wanted_tags,
        limit=limits,
        ascending=st.booleans(),
        cursor=st.one_of(st.none(), run_ids),
        alone=st.booleans(),
    )
    def find_runs(
        self,
        ids: list[str] | None,
        job: str | None,
        statuses: list[RunStatus],
        tags: dict[str, Any],
        limit: int | None,
        ascending: bool,
        cursor: str | None,
        alone: bool,
    ) -> None:
        filters = RunsFilter(ids, job, statuses, tags, exclude_subruns=alone)
        self.ask(
            lambda s: s.run_storage.get_run_records(
                filters, limit, ascending=ascending, cursor=cursor
            )
        )
        self.ask(lambda s: s.run_storage.get_runs_count(filters))
        self.ask(lambda s: s.run_storage.get_run_tags(["a", "b"], limit=limit))
        self.ask(lambda s: s.run_storage.get_run_tag_keys())

    @rule(
        run_id=st.one_of(run_ids, st.just("")),
        wanted=st.one_of(st.none(), st.sets(st.sampled_from(_KINDS))),
        limit=limits,
        ascending=st.booleans(),
    )
    def read_log(
        self, run_id: str, wanted: set[EventType] | None, limit: int | None, ascending: bool
    ) -> None:
        cursor: str | None = None
        for _ in range(3):
            page = self.ask(partial(_read_page, run_id, cursor, wanted, limit, ascending))
            cursor = page.cursor
        self.ask(lambda s: s.event_log_storage.get_step_attempts(run_id))
        self.ask(lambda s: s.event_log_storage.get_stats_for_run(run_id))
        self.ask(lambda s: s.get_leases())


def _read_page(
    run_id: str,
    cursor: str | None,
    wanted: set[EventType] | None,
    limit: int | None,
    ascending: bool,
    storage: Storage,
) -> Any:
    logs = storage.event_log_storage
    return logs.get_records_for_run(run_id, cursor, wanted, limit, ascending)


def _entries(
    run_id: str, kinds: list[EventType | None], step: str, time: float = TIME
) -> list[Any]:
    return [
        log_line(run_id, "line", time)
        if kind is None
        else an_event(run_id, kind, time=time)
        if not kind.startswith("STEP_")
        else an_event(run_id, kind, step=step, attempt=1, time=time)
        for kind in kinds
    ]


def _answer(call: Callable[[Storage], Any], storage: Storage) -> Any:
    """Return what a storage answers, or the class of its refusal."""
    try:
        return call(storage)
    except (FrameworkError, CheckError) as error:
        return type(error)
