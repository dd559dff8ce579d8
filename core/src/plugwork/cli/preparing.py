"""What the command line asks to run, with its code loaded and its config checked."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

import attrs

from plugwork.cli.output import short_id
from plugwork.cli.target import Target, load_target, read_config, read_tags
from plugwork.errors import CheckError

if TYPE_CHECKING:
    from plugwork.config.document import Document
    from plugwork.definitions.job import JobDefinition
    from plugwork.instance import Instance
    from plugwork.instance.reexecution import Reexecution
    from plugwork.model import JobOrigin, Run
    from plugwork.plan import ExecutionPlan


@attrs.define
class RunRequest:
    """What the command line asks for."""

    #: The target as it was typed.
    text: str
    job_name: str | None
    files: tuple[str, ...] = ()
    sets: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    #: Clauses, several in one text: ``a,b+``.
    select: tuple[str, ...] = ()
    #: The run that is done again; None for a fresh one.
    parent: Run | None = None
    #: All steps of the parent.
    all_steps: bool = False
    #: Where the job is found; None: where the target says.
    origin: JobOrigin | None = None

    @property
    def clauses(self) -> list[str]:
        return [one for text in self.select for one in text.replace(",", " ").split()]

    def command(self) -> str:
        """Return the command that asks for the same once more."""
        words = [*self._target()]
        if self.parent is not None:
            parent = short_id(self.parent.run_id)
            words += ["--from-failure", parent]
            if self.origin is not None:
                words = ["plugwork", "runs", "retry", parent, *(["--all"] * self.all_steps)]
        words += self._options(("--select", self.select))
        given = (("--config", self.files), ("--set", self.sets), ("--tag", self.tags))
        return shlex.join([*words, *self._options(*given)])

    def retry_command(self, run_id: str) -> str:
        """Return the command that goes on from the failure of a run of this request."""
        if self.origin is not None:
            words = ["plugwork", "runs", "retry", short_id(run_id)]
        else:
            words = [*self._target(), "--from-failure", short_id(run_id)]
        return shlex.join([*words, *self._options(("--tag", self.tags))])

    def _target(self) -> list[str]:
        words = ["plugwork", "run", self.text]
        return [*words, "--job", self.job_name] if self.job_name else words

    def _options(self, *given: tuple[str, Sequence[str]]) -> list[str]:
        return [word for option, values in given for value in values for word in (option, value)]


class Prepared:
    """A request with its code loaded and its config checked; nothing is stored yet.

    :param instance: needed for a run that is done again.
    :raises FrameworkError: with every problem of the code, the config or the selection.
    """

    def __init__(self, request: RunRequest, instance: Instance | None = None) -> None:
        self.request = request
        self.target: Target = _load(request)
        if request.clauses and request.parent is None:
            self._narrow(self.target.job.for_subset(request.clauses))
        self.tags = read_tags(request.tags)
        self._document = self._read_config()
        #: None for a fresh run.
        self.again: Reexecution | None = None
        if request.parent is not None:
            self.again = self._again(instance, request.parent)
            self._narrow(self.again.job)
        self.plan: ExecutionPlan = self.again.plan if self.again else self._fresh_plan()

    @property
    def config(self) -> dict[str, Any]:
        return self._document.value

    @cached_property
    def run_arguments(self) -> dict[str, Any]:
        """What a run of it is stored with."""
        if self.again is not None:
            return {**self.again.run_arguments, "job_code_origin": self.target.origin}
        return {
            "run_config": self.config,
            "tags": self.tags,
            "job_code_origin": self.target.origin,
        }

    def _narrow(self, job: JobDefinition) -> None:
        """Go on with a part of the job."""
        self.target = attrs.evolve(self.target, job=job)

    def _read_config(self) -> Document:
        from plugwork.config.overrides import from_mapping

        request = self.request
        below = None
        if request.parent is not None:
            name = f"the run config of {short_id(request.parent.run_id)}"
            below = from_mapping(request.parent.run_config, name)
        return read_config(self.target, request.files, request.sets, below)

    def _fresh_plan(self) -> ExecutionPlan:
        from plugwork.plan import create_plan

        return create_plan(
            self.target.job, self.config, tags=self.tags, positions=self._document.positions
        )

    def _again(self, instance: Instance | None, parent: Run) -> Reexecution:
        from plugwork.instance.reexecution import Reexecution
        from plugwork.model.enums import ReexecutionStrategy

        if instance is None:
            raise CheckError("a run is done again in the instance that has it")
        request = self.request
        chosen = ReexecutionStrategy.FROM_FAILURE
        if request.all_steps:
            chosen = ReexecutionStrategy.ALL_STEPS
        return Reexecution(
            instance,
            self.target.job,
            parent,
            strategy=None if request.clauses else chosen,
            step_selection=request.clauses,
            run_config=self.config,
            extra_tags=self.tags,
            positions=self._document.positions,
        )


def _load(request: RunRequest) -> Target:
    if request.origin is not None:
        from plugwork.code import load_code

        job = load_code(request.origin.code).job(request.origin.job_name)
        return Target(request.text, job, request.origin)
    name = request.job_name
    if name is None and request.parent is not None:
        return load_target(request.text, None, request.parent.job_name)
    return load_target(request.text, name)
