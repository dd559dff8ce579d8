"""What every executor must do."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from plugwork import Instance, JobDefinition, RunStatus
from plugwork.model import (
    ErrorSource,
    EventType,
    RunFailureReason,
    StepFailureData,
)
from plugwork.plugin import execute_run
from plugwork_testkit import executor_jobs as jobs
from plugwork_testkit import executor_rule_jobs
from plugwork_testkit.executor_rules import Execute, RuleChecks
from plugwork_testkit.instances import open_instance
from plugwork_testkit.jobs import Signposts, store_run, waiting, waiting_with_retries
from plugwork_testkit.streams import Told
from plugwork_testkit.waiting import Eventually

RES = ["RESOURCE_INIT_STARTED", "RESOURCE_INIT_SUCCESS"]
_MODULES = (jobs, executor_rule_jobs)


def execute_job(instance: Instance, job_def: JobDefinition) -> Told:
    """Execute a job of the testkit in this process."""
    (module,) = (one for one in _MODULES if getattr(one, job_def.name, None) is job_def)
    stored = store_run(instance, job_def, module=module.__name__)
    execute_run(instance, stored.run_id)
    return Told.of(instance, stored.run_id)


class ExecutorConformance(RuleChecks):
    """Subclass it as ``TestMine``, and give the fixture that raises here.

    The instance stores in SQLite, values and logs are files: ``plugwork[local]`` must be
    installed. Runs are executed in the test's own process.
    """

    @pytest.fixture
    def executor(self) -> Any:
        """The section ``executor`` of ``plugwork.yaml``."""
        raise NotImplementedError("give the fixture executor")

    @pytest.fixture
    def instance(self, tmp_path: Path, executor: Any) -> Iterator[Instance]:
        with open_instance(tmp_path / "home", executor=executor) as instance:
            yield instance

    @pytest.fixture
    def execute(self, instance: Instance) -> Execute:
        """Execute a job of the testkit."""

        def run(job_def: JobDefinition) -> Told:
            return execute_job(instance, job_def)

        return run

    def test_values_reach_the_steps_that_need_them(self, execute: Execute) -> None:
        told = execute(jobs.diamond)
        self.check(
            told,
            "one: START OUT SUCCESS",
            "add_one: START IN OUT SUCCESS",
            "left: START LOADED INPUT INPUT OUT SUCCESS",
            "total: START LOADED LOADED INPUT OUT SUCCESS",
            "expects: START IN OUTPUT SUCCESS",
        )
        self.check_frame(told, RES)

    def test_a_step_starts_after_those_it_needs(self, execute: Execute) -> None:
        steps = execute(jobs.diamond).steps
        for before, after in (("one", "add_one"), ("add_one", "left"), ("left", "total")):
            assert steps.index(f"{before}:SUCCESS") < steps.index(f"{after}:START")

    def test_a_step_that_fails_once_is_tried_again(self, execute: Execute) -> None:
        told = execute(jobs.retried)
        self.check(
            told,
            "fails_once: START UP_FOR_RETRY RESTARTED OUT SUCCESS",
            "add_one: START IN OUT SUCCESS",
        )
        self.check_frame(told, RES)
        attempts = [entry.attempt for entry in told.life_of("fails_once")]
        assert attempts == [1, 1, 2, 2, 2, 2]

    def test_retries_come_to_an_end(self, execute: Execute) -> None:
        told = execute(jobs.exhausted)
        lines = "requests_retries: START UP_FOR_RETRY RESTARTED UP_FOR_RETRY RESTARTED FAILURE"
        self.check(told, lines, status=RunStatus.FAILURE)

    def test_a_failure_can_forbid_retries(self, execute: Execute) -> None:
        self.check(execute(jobs.given_up), "gives_up: START FAILURE", status=RunStatus.FAILURE)

    def test_a_failure_stops_only_what_depends_on_it(self, execute: Execute) -> None:
        told = execute(jobs.failing)
        self.check(
            told,
            "bad: START FAILURE",
            "indep: START OUT SUCCESS",
            status=RunStatus.FAILURE,
        )
        assert told.abandoned == {"d1", "d2"}
        self.check_reason(told, RunFailureReason.STEP_FAILURE)

    def test_steps_without_their_input_are_skipped_and_so_on(self, execute: Execute) -> None:
        self.check(
            execute(jobs.branching),
            "branch: START OUT SUCCESS",
            "db: SKIPPED",
            "d2: SKIPPED",
            "da: START IN OUT SUCCESS",
        )

    def test_a_fan_in_takes_what_there_is(self, execute: Execute) -> None:
        self.check(
            execute(jobs.gathering),
            "branch: START OUT SUCCESS",
            "db: SKIPPED",
            "da: START IN OUT SUCCESS",
            "total: START IN OUT SUCCESS",
        )

    def test_dynamic_outputs_are_mapped_and_collected(self, execute: Execute) -> None:
        self.check(
            execute(jobs.mapped),
            "gen: START OUT OUT SUCCESS",
            "mul[k0]: START IN OUT SUCCESS",
            "mul[k1]: START IN OUT SUCCESS",
            "tot: START LOADED LOADED INPUT OUT SUCCESS",
        )

    def test_all_mapped_steps_run_when_one_fails(self, execute: Execute) -> None:
        told = execute(jobs.mapped_with_failure)
        self.check(
            told,
            "gen: START OUT OUT SUCCESS",
            "mul[k0]: START IN OUT SUCCESS",
            "mul[k1]: START IN FAILURE",
            status=RunStatus.FAILURE,
        )
        assert told.abandoned == {"tot"}

    def test_nothing_is_collected_from_no_dynamic_output(self, execute: Execute) -> None:
        self.check(
            execute(jobs.mapped_over_nothing),
            "gen: START SUCCESS",
            "tot: START INPUT OUT SUCCESS",
        )

    def test_a_dynamic_output_that_may_be_absent_skips_what_follows(self, execute: Execute) -> None:
        self.check(execute(jobs.mapped_over_nothing_given), "gen: START SUCCESS", "tot: SKIPPED")

    def test_an_output_before_a_failure_stays(self, execute: Execute) -> None:
        told = execute(jobs.half_way)
        self.check(told, "half: START OUT FAILURE", status=RunStatus.FAILURE)
        assert told.abandoned == {"add_one"}

    def test_a_required_output_that_is_missing_fails_the_step(self, execute: Execute) -> None:
        told = execute(jobs.incomplete)
        self.check(told, "leaves_out: START OUT FAILURE", status=RunStatus.FAILURE)

    def test_an_output_of_the_wrong_type_fails_the_step(self, execute: Execute) -> None:
        told = execute(jobs.bad_output)
        self.check(told, "lies: START OUTPUT FAILURE", status=RunStatus.FAILURE)

    def test_an_input_of_the_wrong_type_fails_the_step(self, execute: Execute) -> None:
        self.check(
            execute(jobs.bad_input),
            "gives_anything: START OUT SUCCESS",
            "add_one: START IN FAILURE",
            status=RunStatus.FAILURE,
        )

    def test_steps_without_outputs_need_no_resources(self, execute: Execute) -> None:
        told = execute(jobs.bare)
        self.check(told, "gives_nothing: START SUCCESS")
        self.check_frame(told, [])

    def test_an_order_without_values_is_kept(self, execute: Execute) -> None:
        told = execute(jobs.ordered)
        self.check(told, "is_none: START OUTPUT SUCCESS", "comes_after: START OUTPUT SUCCESS")
        assert told.steps.index("is_none:SUCCESS") < told.steps.index("comes_after:START")

    def test_a_job_of_no_steps_succeeds(self, execute: Execute) -> None:
        told = execute(jobs.empty)
        self.check(told)
        self.check_frame(told, [])

    def test_an_exit_of_user_code_fails_the_step(self, execute: Execute) -> None:
        told = execute(jobs.exiting)
        self.check(told, "exits: START FAILURE", status=RunStatus.FAILURE)

    def test_a_resource_that_cannot_be_made_fails_the_run(self, execute: Execute) -> None:
        told = execute(jobs.without_resource)
        assert told.run.status is RunStatus.FAILURE
        assert "RESOURCE_INIT_FAILURE" in told.types
        assert "uses_thing:START" not in told.steps
        self.check_reason(told, RunFailureReason.RUN_EXCEPTION)
        if self.one_after_another:
            assert told.types == [
                "RUN_START",
                "ENGINE_EVENT",
                "RESOURCE_INIT_STARTED",
                "RESOURCE_INIT_FAILURE",
                "RUN_FAILURE",
            ]

    def test_a_resource_that_cannot_be_torn_down_harms_nothing(self, execute: Execute) -> None:
        told = execute(jobs.with_clingy_resource)
        self.check(told, "uses_thing: START OUTPUT SUCCESS")
        messages = [entry.message or "" for entry in told.of_type(EventType.ENGINE_EVENT)]
        assert any("eardown" in message for message in messages)

    def test_every_process_tells_where_its_output_is(self, execute: Execute) -> None:
        told = execute(jobs.diamond)
        captured = [
            e.get_event().event_specific_data for e in told.of_type(EventType.LOGS_CAPTURED)
        ]
        keys = [key for data in captured for key in getattr(data, "step_keys", ())]
        assert sorted(keys) == ["add_one", "expects", "left", "one", "total"]
        assert len({getattr(data, "file_key", None) for data in captured}) == len(captured)

    @pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
    def test_an_interrupted_run_stops_and_fails(
        self, instance: Instance, tmp_path: Path, eventually: Eventually, number: signal.Signals
    ) -> None:
        told = self.interrupt(instance, waiting, tmp_path, eventually, number=number)
        self.check(told, "waits: START FAILURE", status=RunStatus.FAILURE)
        self.check_reason(told, RunFailureReason.UNEXPECTED_TERMINATION)
        (failed,) = told.of_type(EventType.STEP_FAILURE)
        data = failed.get_event().event_specific_data
        assert isinstance(data, StepFailureData)
        assert data.error_source is ErrorSource.INTERRUPT

    def test_an_interrupted_step_is_never_tried_again(
        self, instance: Instance, tmp_path: Path, eventually: Eventually
    ) -> None:
        told = self.interrupt(instance, waiting_with_retries, tmp_path, eventually)
        self.check(told, "waits: START FAILURE", status=RunStatus.FAILURE)

    def test_a_run_that_is_being_canceled_ends_as_canceled(
        self, instance: Instance, tmp_path: Path, eventually: Eventually
    ) -> None:
        told = self.interrupt(instance, waiting, tmp_path, eventually, cancel=True)
        self.check(told, "waits: START FAILURE", status=RunStatus.CANCELED)

    def interrupt(
        self,
        instance: Instance,
        job_def: JobDefinition,
        folder: Path,
        eventually: Eventually,
        cancel: bool = False,
        number: signal.Signals = signal.SIGINT,
    ) -> Told:
        """Execute a job that waits, and interrupt it as soon as it does."""
        posts = Signposts.in_folder(folder)
        run = store_run(instance, job_def, posts)

        def stop() -> None:
            eventually(Path(posts.started).exists)
            if cancel:
                instance.report_run_canceling(run)
            os.kill(os.getpid(), number)

        thread = threading.Thread(target=stop)
        thread.start()
        execute_run(instance, run.run_id)
        thread.join()
        assert Path(posts.ended).exists()
        return Told.of(instance, run.run_id)
