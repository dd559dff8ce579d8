"""What the steps of a run printed, found in its captures."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from plugwork.model import ComputeLogsCaptureData, EventType, LogRange, StepStatus

if TYPE_CHECKING:
    from plugwork.instance import Instance
    from plugwork.model import StepAttempt

#: How an attempt stands whose worker could not tell where its output ends.
_CUT_OFF = frozenset({StepStatus.FAILURE, StepStatus.IN_PROGRESS})


class Printed(NamedTuple):
    """Text of the two streams."""

    stdout: str = ""
    stderr: str = ""


class Captures:
    """The captured output of one run.

    :param attempts: all of the run's, in the order in which they began.
    """

    def __init__(self, instance: Instance, run_id: str, attempts: Sequence[StepAttempt]) -> None:
        self._instance = instance
        self._run_id = run_id
        self._ends: dict[str, tuple[int, int]] = {}
        self._steps: dict[str, tuple[str, ...]] = {}
        #: Captures that keep the output of each attempt apart.
        self._routed: list[ComputeLogsCaptureData] = []
        for entry in instance.all_logs(run_id, of_type=EventType.LOGS_CAPTURED):
            data = entry.get_event().event_specific_data
            if isinstance(data, ComputeLogsCaptureData):
                self._steps[data.file_key] = data.step_keys
                self._routed += [data] if data.is_routed else []
        for attempt in attempts:
            if attempt.logs is not None:
                self._ends[attempt.logs.file_key] = (
                    attempt.logs.stdout_end,
                    attempt.logs.stderr_end,
                )
        self._cut_off = self._find_cut_off(attempts)

    def of(self, attempt: StepAttempt) -> Printed:
        """Return what an attempt printed; of one whose worker was killed, all that came last."""
        if attempt.logs is not None:
            return self._read(attempt.logs)
        for routed in self._routed if attempt.status in _CUT_OFF else ():
            own = routed.file_key_of(attempt.step_key, attempt.attempt)
            printed = self._read(LogRange(own, 0, -1, 0, -1))
            if printed.stdout or printed.stderr:
                return printed
        for file_key, cut_off in self._cut_off.items():
            if cut_off == attempt:
                return self._trailing(file_key)
        return Printed()

    def unclaimed(self) -> list[Printed]:
        """Return what was printed last in captures where no attempt is known to have done it.

        A worker that is killed right after a step began leaves such output.
        """
        found = [self._trailing(key) for key in self._steps if key not in self._cut_off]
        return [printed for printed in found if printed.stdout or printed.stderr]

    def _find_cut_off(self, attempts: Sequence[StepAttempt]) -> dict[str, StepAttempt]:
        """Return, for each capture, the last attempt that ended without telling where.

        Not where each attempt has its own: what is printed beside them is nobody's.
        """
        routed = {data.file_key for data in self._routed}
        return {
            file_key: attempt
            for file_key, steps in self._steps.items()
            for attempt in attempts
            if file_key not in routed
            and attempt.logs is None
            and attempt.status in _CUT_OFF
            and _is_in(attempt, steps)
        }

    def _trailing(self, file_key: str) -> Printed:
        stdout, stderr = self._ends.get(file_key, (0, 0))
        return self._read(LogRange(file_key, stdout, -1, stderr, -1))

    def _read(self, place: LogRange) -> Printed:
        manager = self._instance.compute_log_manager
        key = manager.build_log_key_for_run(self._run_id, place.file_key)
        data = manager.get_log_data(key, cursor=f"{place.stdout_start}:{place.stderr_start}")
        return Printed(
            _text(data.stdout, place.stdout_end - place.stdout_start),
            _text(data.stderr, place.stderr_end - place.stderr_start),
        )


def _is_in(attempt: StepAttempt, steps: Sequence[str]) -> bool:
    """Whether a capture of these steps holds an attempt; mapped steps stand as ``mul[?]``."""
    template = f"{attempt.step_key.partition('[')[0]}[?]"
    return attempt.step_key in steps or template in steps


def _text(data: bytes | None, length: int) -> str:
    """Decode so many bytes; all of them when the length is below 0."""
    kept = (data or b"") if length < 0 else (data or b"")[:length]
    return kept.decode("utf-8", "replace")
