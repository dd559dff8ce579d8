"""Which run is done again, and what of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from plugwork.errors import CheckError
from plugwork.model.run import check_run_id

if TYPE_CHECKING:
    from plugwork.instance import Instance


class ReexecutionOptions:
    """What ``execute_job`` does again.

    :param parent_run_id: the run that is done again.
    :param step_selection: clauses that name the steps: ``a``, ``*a``, ``a+``; all steps when empty.
    :raises CheckError: when the id is no run id, or the selection is no list of texts.
    """

    __slots__ = ("_from_failure", "parent_run_id", "step_selection")

    def __init__(
        self,
        parent_run_id: str,
        step_selection: Sequence[str] = [],
    ) -> None:
        if isinstance(step_selection, str) or not all(isinstance(s, str) for s in step_selection):
            raise CheckError(f"step_selection is a list of texts, got {step_selection!r}")
        self.parent_run_id = check_run_id(parent_run_id)
        self.step_selection = list(step_selection)
        self._from_failure = False

    @staticmethod
    def from_failure(run_id: str, instance: Instance) -> ReexecutionOptions:
        """Do again what failed in a run, and what follows it.

        :raises RunNotFoundError: when there is no such run.
        :raises InvariantViolationError: when the run did not fail and was not canceled.
        """
        from plugwork.instance.reexecution import check_failed

        check_failed(instance.require_run(run_id))
        options = ReexecutionOptions(run_id)
        options._from_failure = True
        return options

    @property
    def is_from_failure(self) -> bool:
        return self._from_failure
