"""Doing a run again: all of it, what failed, or chosen steps; the rest is read from before."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import plugwork as pw
from plugwork import EventType, Instance, ReexecutionOptions, Run, RunStatus, execute_job
from plugwork.errors import (
    CheckError,
    ExecutionStepNotFoundError,
    InvalidSubsetError,
    InvariantViolationError,
    RunNotFoundError,
)
from plugwork.model import (
    PARENT_RUN_ID_TAG,
    RESUME_RETRY_TAG,
    ROOT_RUN_ID_TAG,
    Event,
    ReexecutionStrategy,
    StepSuccessData,
)
from plugwork.plugin import execute_run
from plugwork_testkit.streams import Told

FROM_FAILURE = ReexecutionStrategy.FROM_FAILURE
OK = StepSuccessData(1.0)


@pytest.fixture(params=["sqlite", "memory"])
def home(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Instance]:
    """A persistent instance, and one in memory."""
    opened = {"sqlite": Instance.local_temp, "memory": Instance.ephemeral}[request.param]
    (tmp_path / "home").mkdir()
    with opened(str(tmp_path / "home")) as instance:
        yield instance


class Jobs:
    """Runs the jobs of ``again``, whose steps fail as a test says."""

    def __init__(self, instance: Instance, folder: Path) -> None:
        self.instance = instance
        self.folder = folder
        folder.mkdir()

    def fails(self, *names: str) -> None:
        """These steps fail from now on, and no others."""
        shutil.rmtree(self.folder)
        self.folder.mkdir()
        for name in names:
            (self.folder / name).touch()

    @property
    def config(self) -> dict[str, Any]:
        return {"resources": {"switches": {"config": {"folder": str(self.folder)}}}}

    def run(self, name: str, **options: Any) -> pw.JobExecutionResult:
        import again

        config = None if "reexecution_options" in options else self.config
        job = pw.reconstructable(getattr(again, name))
        return execute_job(job, self.instance, config, **options)

    def resume(self, name: str, run_id: str) -> pw.JobExecutionResult:
        options = ReexecutionOptions.from_failure(run_id, self.instance)
        return self.run(name, reexecution_options=options)

    def again(self, name: str, run_id: str, *clauses: str) -> pw.JobExecutionResult:
        return self.run(name, reexecution_options=ReexecutionOptions(run_id, list(clauses)))


@pytest.fixture
def jobs(home: Instance, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Jobs:
    monkeypatch.syspath_prepend(str(Path(__file__).parent))
    return Jobs(home, tmp_path / "switches")


def started(result: pw.JobExecutionResult) -> list[str]:
    return [event.step_key or "" for event in result.all_events if event.is_step_start]


def value(result: pw.JobExecutionResult, node: str) -> Any:
    with result:
        return result.output_for_node(node)


def test_a_resumed_run_does_what_failed_and_what_follows_it(jobs: Jobs) -> None:
    jobs.fails("fail")
    first = jobs.run("branching")
    assert (first.success, started(first)) == (False, ["a", "fail", "side"])
    jobs.fails()
    second = jobs.resume("branching", first.run_id)
    assert (second.success, started(second)) == (True, ["fail", "after"])
    assert value(second, "after") == f"after fail after a of {first.run_id}"
    assert second.run.step_keys_to_execute == ("fail", "after")


def test_a_second_resume_reads_from_the_grandparent(jobs: Jobs) -> None:
    jobs.fails("fail")
    first = jobs.run("branching")
    jobs.fails("after")
    second = jobs.resume("branching", first.run_id)
    assert started(second) == ["fail", "after"]
    jobs.fails()
    third = jobs.resume("branching", second.run_id)
    assert started(third) == ["after"]
    assert value(third, "after") == f"after fail after a of {first.run_id}"
    jobs.fails("fail")
    fourth = jobs.resume("branching", jobs.again("branching", first.run_id, "fail+").run_id)
    assert started(fourth) == ["fail"]
    assert fourth.get_failed_step_keys() == {"fail"}


def test_a_resume_that_fails_at_once_still_reads_from_the_grandparent(jobs: Jobs) -> None:
    jobs.fails("fail")
    first = jobs.run("branching")
    second = jobs.resume("branching", first.run_id)
    assert (second.success, started(second)) == (False, ["fail"])
    jobs.fails()
    third = jobs.resume("branching", second.run_id)
    assert started(third) == ["fail", "after"]
    assert value(third, "fail") == f"fail after a of {first.run_id}"


@pytest.mark.parametrize("door", ["execute_job", "create_reexecuted_run"])
def test_the_new_run_names_parent_and_root(jobs: Jobs, door: str) -> None:
    import again

    jobs.fails("fail")
    first = jobs.run("branching", tags={"who": "me"})

    def do_again(parent: Run) -> Run:
        if door == "execute_job":
            return jobs.resume("branching", parent.run_id).run
        made = jobs.instance.create_reexecuted_run(
            parent_run=parent, job=again.branching, strategy=FROM_FAILURE
        )
        assert execute_run(jobs.instance, made.run_id) == 1
        return jobs.instance.require_run(made.run_id)

    second = do_again(first.run)
    third = do_again(second)
    for run, parent in ((second, first.run), (third, second)):
        assert (run.parent_run_id, run.root_run_id) == (parent.run_id, first.run_id)
        assert run.tags[PARENT_RUN_ID_TAG] == parent.run_id
        assert run.tags[ROOT_RUN_ID_TAG] == first.run_id
        assert run.tags[RESUME_RETRY_TAG] == "true"
        assert run.is_resume_retry
        assert "who" not in run.tags
        assert run.tags["team"] == "data"
    for run in (first.run, second, third):
        root, group = jobs.instance.get_run_group(run.run_id)
        assert (root, [one.run_id for one in group]) == (
            first.run_id,
            [first.run_id, second.run_id, third.run_id],
        )


def test_tags_of_the_parent_are_taken_over_on_demand(jobs: Jobs) -> None:
    import again

    jobs.fails("fail")
    first = jobs.run("branching", tags={"who": "me", "why": "test"})
    second = jobs.instance.create_reexecuted_run(
        parent_run=first.run,
        job=again.branching,
        strategy=ReexecutionStrategy.ALL_STEPS,
        use_parent_run_tags=True,
        extra_tags={"why": "more"},
    )
    assert (second.tags["who"], second.tags["why"]) == ("me", "more")
    assert "plugwork/failure_reason" not in second.tags
    assert not second.is_resume_retry
    assert second.status is RunStatus.NOT_STARTED


def test_all_steps_are_done_again_on_demand(jobs: Jobs) -> None:
    first = jobs.run("branching")
    second = jobs.again("branching", first.run_id)
    assert started(second) == ["a", "fail", "side", "after"]
    assert value(second, "after") == f"after fail after a of {second.run_id}"
    assert second.run.parent_run_id == first.run_id


@pytest.mark.parametrize(
    ("clauses", "expected"),
    [
        (["after"], ["after"]),
        (["*fail"], ["a", "fail"]),
        (["a+"], ["a", "fail", "side"]),
        (["a++"], ["a", "fail", "side", "after"]),
        (["*side", "after"], ["a", "after", "side"]),
    ],
)
def test_chosen_steps_are_done_again(jobs: Jobs, clauses: list[str], expected: list[str]) -> None:
    first = jobs.run("branching")
    second = jobs.again("branching", first.run_id, *clauses)
    assert second.success
    assert sorted(started(second)) == sorted(expected)
    for node in ("a", "fail"):
        source = second if node in expected else first
        assert value(second, node).endswith(source.run_id)


def test_a_chosen_step_that_does_not_exist_is_named(jobs: Jobs) -> None:
    first = jobs.run("branching")
    with pytest.raises(ExecutionStepNotFoundError, match="'affter'; did you mean 'after'") as told:
        jobs.again("branching", first.run_id, "affter")
    assert told.value.step_keys == ["affter"]
    with pytest.raises(InvalidSubsetError, match="selects nothing"):
        jobs.again("branching", first.run_id, "after,fail")
    assert jobs.instance.get_runs_count() == 1


def test_a_chosen_step_whose_input_is_not_there_says_what_to_select(jobs: Jobs) -> None:
    jobs.fails("fail")
    first = jobs.run("branching")
    with pytest.raises(InvalidSubsetError, match=r"'after' reads .*'fail'.* failed in run .*too"):
        jobs.again("branching", first.run_id, "after")


def test_only_failed_mapping_keys_and_what_collects_them_are_done_again(jobs: Jobs) -> None:
    jobs.fails("mul-k1")
    first = jobs.run("mapped")
    jobs.fails()
    second = jobs.resume("mapped", first.run_id)
    assert started(second) == ["mul[k1]", "tot"]
    assert value(second, "tot") == [
        f"k0 of {first.run_id} in {first.run_id}",
        f"k1 of {first.run_id} in {second.run_id}",
        f"k2 of {first.run_id} in {first.run_id}",
    ]
    with second:
        assert set(second.output_for_node("mul")) == {"k0", "k1", "k2"}


def test_what_follows_a_failed_collection_is_done_again_with_it(jobs: Jobs) -> None:
    jobs.fails("tot")
    first = jobs.run("mapped_and_counted")
    jobs.fails()
    second = jobs.resume("mapped_and_counted", first.run_id)
    assert started(second) == ["tot", "counted"]
    assert value(second, "counted") == 3


def test_a_dynamic_step_that_failed_is_mapped_anew(jobs: Jobs) -> None:
    jobs.fails("gen")
    first = jobs.run("mapped")
    jobs.fails("mul-k0", "mul-k2")
    second = jobs.resume("mapped", first.run_id)
    assert started(second) == ["gen", "mul[k0]", "mul[k1]", "mul[k2]"]
    assert second.run.step_keys_to_execute == ("gen", "mul[?]", "tot")
    jobs.fails("mul-k2")
    third = jobs.resume("mapped", second.run_id)
    assert started(third) == ["mul[k0]", "mul[k2]"]
    jobs.fails()
    fourth = jobs.resume("mapped", third.run_id)
    assert started(fourth) == ["mul[k2]", "tot"]
    runs = [third.run_id, second.run_id, fourth.run_id]
    assert value(fourth, "tot") == [
        f"k{number} of {second.run_id} in {run_id}" for number, run_id in enumerate(runs)
    ]


def test_choosing_a_dynamic_step_maps_anew_what_follows_it(jobs: Jobs) -> None:
    first = jobs.run("mapped")
    second = jobs.again("mapped", first.run_id, "gen*")
    assert started(second) == ["gen", "mul[k0]", "mul[k1]", "mul[k2]", "tot"]
    third = jobs.again("mapped", first.run_id, "mul[k1]+")
    assert started(third) == ["mul[k1]", "tot"]
    assert value(third, "tot")[1] == f"k1 of {first.run_id} in {third.run_id}"


def test_what_was_skipped_is_left_out(jobs: Jobs) -> None:
    jobs.fails("on_left")
    first = jobs.run("optional")
    assert [event.step_key for event in first.get_step_skipped_events()] == ["on_right"]
    jobs.fails()
    second = jobs.resume("optional", first.run_id)
    assert started(second) == ["on_left", "joined"]
    assert value(second, "joined") == ["left"]


def test_a_chosen_step_without_its_optional_input_is_skipped(jobs: Jobs) -> None:
    first = jobs.run("optional")
    second = jobs.again("optional", first.run_id, "on_right", "joined")
    assert second.is_node_skipped("on_right")
    assert value(second, "joined") == ["left"]


def test_a_run_that_succeeded_has_no_failure_to_go_on_from(jobs: Jobs) -> None:
    import again

    first = jobs.run("branching")
    with pytest.raises(InvariantViolationError, match=f"{first.run_id} is SUCCESS"):
        ReexecutionOptions.from_failure(first.run_id, jobs.instance)
    with pytest.raises(InvariantViolationError, match=f"{first.run_id} is SUCCESS"):
        jobs.instance.create_reexecuted_run(
            parent_run=first.run, job=again.branching, strategy=FROM_FAILURE
        )
    assert jobs.instance.get_runs_count() == 1


def test_a_run_that_failed_after_all_its_steps_has_nothing_to_do_again(jobs: Jobs) -> None:
    from again import branching

    run = jobs.instance.create_run_for_job(branching, run_config=jobs.config)
    report = jobs.instance.report_event
    for key in ("a", "fail", "after", "side"):
        report(
            Event(EventType.STEP_SUCCESS, "branching", step_key=key, event_specific_data=OK),
            run.run_id,
        )
    jobs.instance.report_run_failed(run)
    with pytest.raises(InvalidSubsetError, match="no step to run again"):
        jobs.resume("branching", run.run_id)


def test_a_step_that_a_canceled_run_left_open_is_done_again(jobs: Jobs) -> None:
    import again

    instance = jobs.instance
    done = jobs.run("branching")
    run = instance.create_run_for_job(again.branching, run_config=jobs.config)
    # What a worker leaves that was canceled while `fail` ran: nothing ended it.
    for entry in instance.all_logs(done.run_id):
        if entry.step_key == "a" or (entry.step_key == "fail" and entry.get_event().is_step_start):
            instance.report_event(entry.get_event(), run.run_id)
    instance.report_run_canceled(run)
    shutil.copytree(
        Path(instance.storage_directory()) / done.run_id,
        Path(instance.storage_directory()) / run.run_id,
    )
    second = jobs.resume("branching", run.run_id)
    assert started(second) == ["fail", "side", "after"]


def test_attempts_are_counted_anew(jobs: Jobs) -> None:
    jobs.fails("flaky")
    first = jobs.run("trying")
    assert first.retry_attempts_for_node("flaky") == 1
    jobs.fails()
    second = jobs.resume("trying", first.run_id)
    assert second.retry_attempts_for_node("flaky") == 0
    assert value(second, "flaky") == 0


def test_a_submitted_run_reads_from_its_ancestors_too(jobs: Jobs) -> None:
    import again

    jobs.fails("mul-k1")
    first = jobs.run("mapped")
    jobs.fails()
    made = jobs.instance.create_reexecuted_run(
        parent_run=first.run, job=pw.reconstructable(again.mapped), strategy=FROM_FAILURE
    )
    assert execute_run(jobs.instance, made.run_id) == 0
    told = Told.of(jobs.instance, made.run_id)
    assert [word for word in told.steps if word.endswith("START")] == ["mul[k1]:START", "tot:START"]


def test_a_job_that_changed_is_not_continued(jobs: Jobs, monkeypatch: pytest.MonkeyPatch) -> None:
    import again

    jobs.fails("fail")
    first = jobs.run("branching")

    @pw.job(name="branching", resource_defs=again.branching.resource_defs)
    def other() -> None:
        again.fail(again.a())

    with pytest.raises(InvariantViolationError, match="'branching' has changed since run"):
        jobs.instance.create_reexecuted_run(parent_run=first.run, job=other, strategy=FROM_FAILURE)
    with pytest.raises(InvariantViolationError, match="one of job 'branching', not of 'mapped'"):
        jobs.resume("mapped", first.run_id)


def test_outputs_that_were_kept_in_memory_are_gone(jobs: Jobs) -> None:
    jobs.fails("fail")
    first = jobs.run("forgetful")
    with pytest.raises(InvariantViolationError, match=r"'fail' reads 'result' of step 'a'.*memory"):
        jobs.resume("forgetful", first.run_id)
    assert jobs.instance.get_runs_count() == 1


def test_an_ancestor_that_was_deleted_is_missed(jobs: Jobs) -> None:
    jobs.fails("fail")
    first = jobs.run("branching")
    second = jobs.resume("branching", first.run_id)
    jobs.instance.delete_run(first.run_id)
    with pytest.raises(InvalidSubsetError, match=r"'fail' reads .* of step 'a', .* deleted"):
        jobs.resume("branching", second.run_id)
    with pytest.raises(RunNotFoundError):
        jobs.instance.get_run_group(second.run_id)


def test_options_are_checked_when_they_are_made(jobs: Jobs) -> None:
    with pytest.raises(CheckError, match="UUID"):
        ReexecutionOptions("no-run")
    with pytest.raises(CheckError, match="list of texts"):
        ReexecutionOptions("00000000-0000-4000-8000-000000000000", "after")
    with pytest.raises(RunNotFoundError):
        ReexecutionOptions.from_failure("00000000-0000-4000-8000-000000000000", jobs.instance)
