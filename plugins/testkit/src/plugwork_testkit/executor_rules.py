"""The rules of execution, as far as any executor can prove them."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any, ClassVar

import pytest

from plugwork import Instance, JobDefinition, RunStatus
from plugwork.model import (
    ErrorSource,
    EventLogEntry,
    EventType,
    RunFailureData,
    RunFailureReason,
    StepFailureData,
    StepRetryData,
)
from plugwork_testkit import executor_rule_jobs as jobs
from plugwork_testkit.streams import Told, by_step, expected

Execute = Callable[[JobDefinition], Told]
_ENDS = frozenset({EventType.RUN_SUCCESS, EventType.RUN_FAILURE, EventType.RUN_CANCELED})


class RuleChecks:
    """A part of :class:`~plugwork_testkit.executor.ExecutorConformance`."""

    #: Whether steps run one after another in the process of the run. The order of all events is
    #: known then, and compared; else that of each step's.
    one_after_another: ClassVar[bool] = False

    def check(self, told: Told, *lines: str, status: RunStatus = RunStatus.SUCCESS) -> None:
        """Compare the life of the steps, and what stands around it."""
        assert told.run.status is status
        assert by_step(told.steps) == by_step(expected(*lines))
        assert told.types[0] == EventType.RUN_START
        assert [kind for kind in told.types if kind in _ENDS] == [f"RUN_{status}"]
        # Who cancels tells so from outside, before the worker has committed what came earlier.
        times = [entry.timestamp for entry in told.entries]
        assert times == sorted(times) or status is RunStatus.CANCELED
        if self.one_after_another:
            assert told.steps == expected(*lines)

    def check_frame(self, told: Told, opening: list[str]) -> None:
        """Compare what stands around the steps, where one process runs them."""
        if self.one_after_another:
            inner = told.types.index("LOGS_CAPTURED") + 1
            assert told.types[:inner] == ["RUN_START", "ENGINE_EVENT", *opening, "LOGS_CAPTURED"]
            assert told.types[-2:] == ["ENGINE_EVENT", f"RUN_{told.run.status}"]
            assert told.types[inner:-2].count("ENGINE_EVENT") == 0

    @staticmethod
    def check_reason(told: Told, reason: RunFailureReason) -> None:
        """Compare why the run failed."""
        (failed,) = told.of_type(EventType.RUN_FAILURE)
        data = failed.get_event().event_specific_data
        assert isinstance(data, RunFailureData)
        assert data.failure_reason is reason

    def test_a_fan_in_of_which_all_is_skipped_is_skipped(self, execute: Execute) -> None:
        self.check(
            execute(jobs.all_skipped),
            "branch: START OUT SUCCESS",
            "da: SKIPPED",
            "db: SKIPPED",
            "total: SKIPPED",
        )

    def test_a_fan_in_of_skipped_and_failed_is_abandoned(self, execute: Execute) -> None:
        told = execute(jobs.skipped_beside_failed)
        self.check_any_order(told, "branch: START OUT SUCCESS", "db: SKIPPED", "bad: START FAILURE")
        assert told.abandoned == {"total"}

    def test_skipping_comes_before_abandoning(self, execute: Execute) -> None:
        told = execute(jobs.skipped_before_abandoned)
        self.check_any_order(
            told, "branch: START OUT SUCCESS", "both: SKIPPED", "bad: START FAILURE"
        )
        assert told.abandoned == set()

    def check_any_order(self, told: Told, *lines: str) -> None:
        """Compare the lives of the steps of a run in which one failed."""
        assert told.run.status is RunStatus.FAILURE
        assert by_step(told.steps) == by_step(expected(*lines))
        self.check_reason(told, RunFailureReason.STEP_FAILURE)

    def test_a_skipped_step_is_told_by_event_and_line_an_abandoned_one_by_line(
        self, execute: Execute
    ) -> None:
        told = execute(jobs.skipped_beside_failed)
        lines = {entry.step_key: entry.level for entry in told.entries if entry.event is None}
        assert lines == {"db": 20, "total": 40}

    def test_what_hangs_on_a_failed_fan_out_is_abandoned(self, execute: Execute) -> None:
        told = execute(jobs.failed_origin)
        self.check_any_order(told, "gen: START OUT FAILURE")
        assert "tot" in told.abandoned

    def test_what_hangs_on_a_skipped_fan_out_is_skipped(self, execute: Execute) -> None:
        told = execute(jobs.skipped_origin)
        assert told.run.status is RunStatus.SUCCESS
        lives = by_step(told.steps)
        assert lives["gen"] == lives["tot"] == ["SKIPPED"]

    def test_a_mapped_step_can_be_mapped_again(self, execute: Execute) -> None:
        keys = range(3)
        self.check(
            execute(jobs.mapped_twice),
            "gen: START OUT OUT OUT SUCCESS",
            *(f"mul[k{key}]: START IN OUT SUCCESS" for key in keys),
            *(f"mul2[k{key}]: START IN OUT SUCCESS" for key in keys),
            "tot: START LOADED LOADED LOADED INPUT OUT SUCCESS",
        )

    def test_skips_cascade_from_a_fan_out_that_gave_nothing(self, execute: Execute) -> None:
        self.check(
            execute(jobs.absent_dynamic), "gen: START SUCCESS", "tot: SKIPPED", "after: SKIPPED"
        )

    def test_steps_of_nested_graphs_have_the_path_as_key(self, execute: Execute) -> None:
        self.check(
            execute(jobs.nested),
            "one: START OUT SUCCESS",
            "add_one: START IN OUT SUCCESS",
            "g.add_one: START IN OUT SUCCESS",
            "g.add_one_2: START IN OUT SUCCESS",
        )

    @pytest.mark.parametrize(
        ("job_def", "first"), [(jobs.in_key_order, "a_op"), (jobs.by_priority, "z_op")]
    )
    def test_steps_start_by_priority_then_by_key(
        self, execute: Execute, job_def: JobDefinition, first: str
    ) -> None:
        told = execute(job_def)
        assert told.run.status is RunStatus.SUCCESS
        if self.one_after_another:
            assert told.steps[0] == f"{first}:START"

    def test_a_returned_tuple_fills_the_outputs_in_order(self, execute: Execute) -> None:
        self.check(
            execute(jobs.returns_two),
            "two: START OUT OUT SUCCESS",
            "add: START LOADED LOADED INPUT INPUT OUT SUCCESS",
        )

    def test_none_is_a_value(self, execute: Execute) -> None:
        lives = by_step(execute(jobs.returns_none).steps)
        assert lives["gives_none"][:2] == ["START", "OUTPUT"]
        assert lives["takes"][-1] == "SUCCESS"

    def test_async_functions_and_generators_are_steps_like_others(self, execute: Execute) -> None:
        told = execute(jobs.asynchronous)
        assert told.run.status is RunStatus.SUCCESS
        lines = (
            "one_async: START OUT SUCCESS",
            "yields_async: START OUT SUCCESS",
            "keys_async: START OUT OUT SUCCESS",
            "add_one_async: START IN OUT SUCCESS",
            "mul[k0]: START IN OUT SUCCESS",
            "mul[k1]: START IN OUT SUCCESS",
            "never: SKIPPED",
            "add: START LOADED LOADED INPUT INPUT OUT SUCCESS",
            "tot: START LOADED LOADED INPUT OUT SUCCESS",
        )
        assert by_step(told.steps) == by_step(expected(*lines))

    def test_async_steps_are_tried_again_and_fail_as_others(self, execute: Execute) -> None:
        self.check(
            execute(jobs.retried_async),
            "fails_once_async: START UP_FOR_RETRY RESTARTED OUT SUCCESS",
            "add_one: START IN OUT SUCCESS",
        )
        self.check(
            execute(jobs.half_way_async), "half_async: START OUT FAILURE", status=RunStatus.FAILURE
        )

    def test_what_a_step_tells_of_assets_stands_among_its_events(self, execute: Execute) -> None:
        told = execute(jobs.telling)
        line = "tells: START ASSET_MATERIALIZATION ASSET_MATERIALIZATION OUT SUCCESS"
        self.check(told, line)

    def test_results_that_do_not_fit_the_outputs_fail_the_step(self, execute: Execute) -> None:
        told = execute(jobs.mistaken)
        self.check_any_order(
            told,
            "too_few: START FAILURE",
            "no_tuple: START FAILURE",
            "returns_event: START FAILURE",
            "unknown_output: START FAILURE",
            "twice: START OUT FAILURE",
            "dynamic_for_plain: START FAILURE",
            "plain_for_dynamic: START FAILURE",
            "same_key: START OUT FAILURE",
            "yields_values: START FAILURE",
        )
        for failed in self.failures(told).values():
            assert failed.error is not None
            assert failed.error.cls_name == "InvariantViolationError"

    @staticmethod
    def failures(told: Told) -> dict[str, StepFailureData]:
        """Return what the failures of steps carry, by step key."""
        found = {}
        for entry in told.of_type(EventType.STEP_FAILURE):
            data = entry.get_event().event_specific_data
            assert isinstance(data, StepFailureData)
            found[entry.step_key or ""] = data
        return found

    def test_delays_grow_as_the_policy_says_and_are_kept(self, execute: Execute) -> None:
        told = execute(jobs.delayed)
        assert told.run.status is RunStatus.FAILURE
        equal = self.waits(told, "after_equal_delays")
        linear = self.waits(told, "after_linear_delays")
        growing = self.waits(told, "after_growing_delays")
        assert equal == pytest.approx([0.01, 0.01, 0.01])
        assert linear == pytest.approx([0.01, 0.02, 0.03])
        assert growing == pytest.approx([0.01, 0.03, 0.07])
        for wait in self.waits(told, "after_any_delay"):
            assert 0 <= wait <= 0.01
        for wait in self.waits(told, "after_about_a_delay"):
            assert 0 <= wait <= 0.02

    def waits(self, told: Told, step_key: str) -> list[float]:
        """Return how long a step was to wait for its next attempts, which did not start before."""
        found = []
        for before, after in pairwise(told.life_of(step_key)):
            if before.event_type is EventType.STEP_UP_FOR_RETRY:
                data = before.get_event().event_specific_data
                assert isinstance(data, StepRetryData)
                assert after.event_type is EventType.STEP_RESTARTED
                found.append(data.seconds_to_wait or 0.0)
                # A wall clock may be set; by a millisecond it always is.
                assert after.timestamp - before.timestamp >= found[-1] - 0.001
        return found

    def test_a_step_that_used_up_its_attempts_says_why(self, execute: Execute) -> None:
        told = execute(jobs.out_of_attempts)
        tried = "START UP_FOR_RETRY RESTARTED FAILURE"
        self.check_any_order(
            told,
            f"requests: {tried}",
            f"tried_by_policy: {tried}",
            f"gives_up_late: {tried}",
            "lies_again: START OUTPUT FAILURE",
        )
        failures = self.failures(told)
        for key in ("requests", "tried_by_policy", "gives_up_late"):
            error = failures[key].error
            assert error is not None
            assert "Exceeded max_retries of 1" in error.message
        sources = {key: data.error_source for key, data in failures.items()}
        assert sources["requests"] is ErrorSource.FRAMEWORK_ERROR
        assert sources["tried_by_policy"] is ErrorSource.USER_CODE_ERROR
        user_failure = failures["gives_up_late"].user_failure_data
        assert user_failure is not None
        assert user_failure.description == "no use"

    def test_hooks_follow_each_attempt_and_change_no_result(self, execute: Execute) -> None:
        told = execute(jobs.hooked)
        self.check_any_order(
            told,
            "bad: START FAILURE HOOK_SKIPPED HOOK_ERRORED",
            "good: START OUT SUCCESS HOOK_COMPLETED HOOK_SKIPPED",
            "again: START UP_FOR_RETRY HOOK_SKIPPED HOOK_SKIPPED"
            " RESTARTED OUT SUCCESS HOOK_COMPLETED HOOK_SKIPPED",
        )

    def test_what_an_attempt_prints_and_logs_stands_under_it(
        self, execute: Execute, instance: Instance
    ) -> None:
        told = execute(jobs.talking)
        run_id = told.run.run_id
        attempts = [
            attempt
            for stats in instance.get_run_step_stats(run_id)
            for attempt in stats.attempts_list
        ]
        assert len(attempts) == 4
        for attempt in attempts:
            me = f"{attempt.step_key}@{attempt.attempt}"
            assert self.printed(instance, run_id, attempt.logs) == (
                f"{me} prints\n",
                f"{me} complains\n",
            )
            lines = [e for e in told.entries if e.event is None and self.is_of(e, me)]
            assert [entry.message for entry in lines] == [f"{me} tells"]

    @staticmethod
    def is_of(entry: EventLogEntry, attempt: str) -> bool:
        return f"{entry.step_key}@{entry.attempt}" == attempt

    @staticmethod
    def printed(instance: Instance, run_id: str, logs: Any) -> tuple[str, str]:
        """Read what stands in a range of a capture."""
        assert logs is not None
        manager = instance.compute_log_manager
        data = manager.get_log_data(manager.build_log_key_for_run(run_id, logs.file_key))
        out = (data.stdout or b"")[logs.stdout_start : logs.stdout_end]
        err = (data.stderr or b"")[logs.stderr_start : logs.stderr_end]
        return out.decode(), err.decode()
