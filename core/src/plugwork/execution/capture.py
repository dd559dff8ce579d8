"""The captured output of a process, told once in the run's log."""

from __future__ import annotations

import string
import sys
from contextlib import ExitStack
from types import TracebackType
from typing import TYPE_CHECKING, Self

from plugwork.model.enums import EventType
from plugwork.model.error_info import SerializableErrorInfo
from plugwork.model.payloads import ComputeLogsCaptureData, LogRange

if TYPE_CHECKING:
    from plugwork.abc import CapturedLogContext
    from plugwork.execution.contexts import PlanOrchestrationContext
    from plugwork.model import Event

_KEY_LETTERS = 8


class Capture:
    """Captures what this process prints while it is open. Its failure never fails the run.

    :param step_keys: of all steps that this process runs.
    """

    #: Whether attempts run side by side, and their output is kept apart.
    is_routed = False

    def __init__(self, context: PlanOrchestrationContext, step_keys: list[str]) -> None:
        self._context = context
        self._step_keys = step_keys
        self._manager = context.instance.compute_log_manager
        self._stack = ExitStack()
        letters = context.instance.random.choices(string.ascii_lowercase, k=_KEY_LETTERS)
        self.file_key = "".join(letters)
        self._log_key = self._manager.build_log_key_for_run(context.run.run_id, self.file_key)
        self._captures = False
        self._has_failed = False
        self.events: list[Event] = []

    def __enter__(self) -> Self:
        try:
            opened = self._stack.enter_context(
                self._manager.capture_logs(self._log_key, echo=self._context.echo_logs)
            )
        except Exception as error:  # noqa: BLE001 - told by an event; the run goes on
            self._failed("Capturing the output failed; it is not stored.", error)
            return self
        self._captures = self._manager.sizes(self._log_key) is not None
        self.events.append(self._tell(opened))
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            self._stack.__exit__(kind, error, trace)
        except Exception as failure:
            if failure is error:
                raise
            self._failed("Ending the capture of the output failed.", failure)

    def sizes(self) -> tuple[int, int] | None:
        """Return the bytes captured so far; None when nothing is captured, or it is not known."""
        if not self._captures:
            return None
        try:
            sys.stdout.flush()
            sys.stderr.flush()
            return self._manager.sizes(self._log_key)
        except Exception as error:  # noqa: BLE001 - told by an event, once; the step goes on
            self.could_not_store(error)
            return None

    def begin(self, step_key: str, attempt: int) -> object:
        """Note where the output of an attempt begins; in its own thread and context."""
        return self.sizes()

    def range_since(self, before: object) -> LogRange | None:
        """Return what an attempt printed since it began; None when that is nothing.

        :param before: what :meth:`begin` returned.
        """
        after = self.sizes() if before is not None else None
        if not isinstance(before, tuple) or after is None or before == after:
            return None
        return LogRange(self.file_key, before[0], after[0], before[1], after[1])

    def could_not_store(self, error: Exception) -> None:
        """Tell, once, that output is missing."""
        if not self._has_failed:
            self._has_failed = True
            self._failed("Some of the output could not be stored.", error)

    def _tell(self, opened: CapturedLogContext) -> Event:
        self.told = data = ComputeLogsCaptureData(
            self.file_key,
            tuple(self._step_keys),
            opened.external_url,
            opened.external_stdout_url,
            opened.external_stderr_url,
            opened.shell_cmd,
            self.is_routed,
        )
        return self._context.emitter.emit(
            EventType.LOGS_CAPTURED, data, f"Capturing output under {self.file_key}."
        )

    def _failed(self, message: str, error: Exception) -> None:
        info = SerializableErrorInfo.from_exception(error)
        self.events.append(self._context.emitter.engine(message, info))
