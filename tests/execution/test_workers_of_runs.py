"""A worker is started for a stored run: what it does depends on how the run stands by now."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from plugwork import EventType, Instance, Run, RunStatus
from plugwork.errors import RunNotFoundError
from plugwork.journal.holder import current_holder
from plugwork.model import CodeRef, Event, JobOrigin, RunFailureData, RunFailureReason
from plugwork.plugin import execute_run
from plugwork_testkit import jobs
from plugwork_testkit.jobs import store_run
from plugwork_testkit.streams import Told

TOKEN = "hush-hush-token"
Prepare = Callable[[Instance, Run], object]


@pytest.fixture(autouse=True)
def modules_beside_the_tests(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(Path(__file__).parent))


def start(instance: Instance, run: Run) -> None:
    instance.report_event(Event(EventType.RUN_START, run.job_name), run.run_id)


def finish(instance: Instance, run: Run) -> None:
    start(instance, run)
    instance.report_run_failed(run)


@pytest.mark.parametrize(
    ("prepare", "status", "code", "added", "words"),
    [
        (Instance.report_run_canceled, RunStatus.CANCELED, 0, ["ENGINE_EVENT"], "canceled before"),
        (finish, RunStatus.FAILURE, 0, ["ENGINE_EVENT"], "after the run had ended"),
        (start, RunStatus.STARTED, 0, ["ENGINE_EVENT"], "second worker"),
        (Instance.report_run_canceling, RunStatus.CANCELED, 5, ["RUN_CANCELED"], "before its"),
    ],
)
def test_a_worker_that_is_not_needed_says_so_and_runs_nothing(
    local: Instance,
    prepare: Prepare,
    status: RunStatus,
    code: int,
    added: list[str],
    words: str,
) -> None:
    run = store_run(local)
    prepare(local, run)
    before = len(local.all_logs(run.run_id))
    assert execute_run(local, run.run_id) == code
    told = Told.of(local, run.run_id)
    assert told.run.status is status
    new = told.entries[before:]
    assert [str(entry.event_type) for entry in new] == added
    assert words in new[0].message
    assert told.steps == []


@pytest.mark.parametrize("prepare", [None, Instance.report_run_starting])
def test_a_worker_runs_what_waits_for_it(local: Instance, prepare: Prepare | None) -> None:
    run = store_run(local)
    if prepare is not None:
        prepare(local, run)
    assert execute_run(local, run.run_id) == 0
    told = Told.of(local, run.run_id)
    assert told.run.status is RunStatus.SUCCESS
    own = told.types[told.types.index("RUN_START") :]
    ends = {"RUN_SUCCESS", "RUN_FAILURE", "RUN_CANCELED"}
    assert [kind for kind in own if kind in ends] == ["RUN_SUCCESS"]
    assert own[-1] == "RUN_SUCCESS"


def test_a_run_that_failed_gives_its_code(local: Instance) -> None:
    assert execute_run(local, store_run(local, jobs.failing).run_id) == 1


def test_an_unknown_run_is_no_run(local: Instance) -> None:
    unknown = "00000000-0000-4000-8000-000000000000"
    with pytest.raises(RunNotFoundError, match=unknown):
        execute_run(local, unknown)


@pytest.mark.parametrize("origin", [("no_such_module", "quick"), (jobs.__name__, "waiting")])
def test_a_job_that_cannot_be_loaded_again_ends_the_run_with_the_reason(
    local: Instance, origin: tuple[str, str]
) -> None:
    module, name = origin
    code = JobOrigin(CodeRef("module", module, name), name)
    run = local.create_run_for_job(jobs.quick, job_code_origin=code)
    assert execute_run(local, run.run_id) == 1
    (entry,) = local.all_logs(run.run_id)
    data = entry.get_event().event_specific_data
    assert isinstance(data, RunFailureData)
    assert data.failure_reason is RunFailureReason.JOB_INITIALIZATION_FAILURE


def store_secretive(instance: Instance) -> Run:
    from by_name import secretive

    origin = JobOrigin(CodeRef("module", "by_name", "secretive"), "secretive")
    config = {"ops": {"uses_token": {"config": {"token": {"env": "TEST_TOKEN"}}}}}
    return instance.create_run_for_job(secretive, run_config=config, job_code_origin=origin)


def test_a_secret_from_the_environment_reaches_the_op_and_is_stored_nowhere(
    local: Instance, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TEST_TOKEN", TOKEN)
    run = store_secretive(local)
    assert execute_run(local, run.run_id) == 0
    stored = local.require_run(run.run_id).run_config
    assert stored["ops"]["uses_token"]["config"]["token"] == {"env": "TEST_TOKEN"}
    home = Path(local.root_directory)
    files = [path for path in home.rglob("*") if path.is_file()]
    assert files
    assert [path for path in files if TOKEN.encode() in path.read_bytes()] == []


def test_a_variable_that_is_gone_by_now_ends_the_run_with_the_reason(
    local: Instance, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TEST_TOKEN", TOKEN)
    run = store_secretive(local)
    monkeypatch.delenv("TEST_TOKEN")
    assert execute_run(local, run.run_id) == 1
    (entry,) = local.all_logs(run.run_id)
    assert entry.event_type is EventType.RUN_FAILURE
    data = entry.get_event().event_specific_data
    assert isinstance(data, RunFailureData)
    assert data.error is not None
    assert "TEST_TOKEN" in data.error.message


def test_a_run_that_another_process_keeps_is_left_to_it(
    local: Instance, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, lease = local.create_held_run(
        jobs.quick,
        job_code_origin=JobOrigin(CodeRef("module", jobs.__name__, "quick"), "quick"),
        holder=current_holder(),
    )
    assert lease is not None

    def renewed() -> Iterator[None]:
        while True:
            assert local.storage.renew_lease(lease)
            yield

    beats = renewed()
    acquire = local.storage.acquire_lease

    def too_late(*arguments: object) -> object:
        next(beats)
        return acquire(*arguments)  # type: ignore[arg-type]  # passed on

    monkeypatch.setattr(local.storage, "acquire_lease", too_late)
    assert execute_run(local, run.run_id) == 0
    (entry,) = local.all_logs(run.run_id)
    assert "another process holds the run" in entry.message
    assert local.require_run(run.run_id).status is RunStatus.NOT_STARTED
