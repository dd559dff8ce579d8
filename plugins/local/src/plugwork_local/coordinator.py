"""Coordinator that keeps nobody waiting."""

from __future__ import annotations

import logging
from typing import Any

from plugwork.abc import RunCoordinator, SubmitRunContext
from plugwork.abc.specs import ComponentContext
from plugwork.model import Run, RunStatus

logger = logging.getLogger(__name__)


class ImmediateRunCoordinator(RunCoordinator):
    """Launches each run as it is submitted.

    :param instance: whose launcher is used; not kept alive by this.
    """

    def __init__(self, instance: Any) -> None:
        self._instance = instance

    def submit_run(self, context: SubmitRunContext) -> Run:
        run: Run = context.run
        if run.status is not RunStatus.NOT_STARTED:
            logger.warning("run %s is %s, so it is not launched again", run.run_id, run.status)
            return run
        launched: Run = self._instance.launch_run(run.run_id, context.workspace)
        return launched

    def cancel_run(self, run_id: str) -> bool:
        accepted: bool = self._instance.run_launcher.terminate(run_id)
        return accepted


#: The name that code written for other releases may use.
DefaultRunCoordinator = ImmediateRunCoordinator


def open_immediate_coordinator(settings: None, context: ComponentContext) -> RunCoordinator:
    """Make the instance's coordinator."""
    return ImmediateRunCoordinator(context.instance)
