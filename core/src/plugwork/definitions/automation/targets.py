"""Which jobs a schedule or sensor may ask for runs of."""

from __future__ import annotations

from typing import Any

from plugwork.config.walk import closest
from plugwork.definitions.graph import GraphDefinition
from plugwork.definitions.job import JobDefinition
from plugwork.definitions.names import check_name
from plugwork.errors import InvalidDefinitionError, InvariantViolationError


class Targets:
    """The jobs, by name; those given as objects are known too.

    :param owner: whose they are, with its place, for messages.
    :raises InvalidDefinitionError: when they are told in two ways, or are no jobs.
    """

    __slots__ = ("jobs", "names", "owner")

    def __init__(
        self,
        owner: str,
        *,
        job_name: str | None = None,
        job: Any = None,
        jobs: Any = None,
        target: Any = None,
        asset_selection: Any = None,
    ) -> None:
        given = {
            "job_name": job_name,
            "job": job,
            "jobs": jobs,
            "target": target,
            "asset_selection": asset_selection,
        }
        told = [name for name, value in given.items() if value is not None]
        if len(told) > 1:
            raise InvalidDefinitionError(
                f"{owner}: its targets are told twice, by {' and '.join(told)}; keep one"
            )
        self.owner = owner
        self.jobs: tuple[JobDefinition, ...] = ()
        self.names: tuple[str, ...] = ()
        if asset_selection is not None:
            raise InvalidDefinitionError(
                f"{owner}: this release of plugwork has no assets yet, so that it takes no "
                "asset_selection; name a job"
            )
        if job_name is not None:
            self.names = (check_name(job_name, f"job of {owner}"),)
        elif told:
            self._take(given[told[0]], several=told == ["jobs"])

    def _take(self, given: Any, several: bool) -> None:
        members = given if isinstance(given, (list, tuple)) else [given]
        if several and (members is not given or not members):
            raise InvalidDefinitionError(f"{self.owner}: jobs must be a list of jobs")
        self.jobs = tuple(_job(one, self.owner) for one in members)
        self.names = tuple(one.name for one in self.jobs)
        for name in self.names:
            if self.names.count(name) > 1:
                raise InvalidDefinitionError(f"{self.owner}: two of its jobs are named {name!r}")

    def choose(self, job_name: str | None) -> str:
        """Return the name of the job that a run is asked for of.

        :param job_name: as the request says; needed where there are several.
        :raises InvariantViolationError: when it is none of the targets, or it is not clear which.
        """
        if not self.names:
            raise InvariantViolationError(
                f"{self.owner} asked for a run and has no target; define it with job=, jobs= or "
                "job_name="
            )
        if job_name is None and len(self.names) > 1:
            raise InvariantViolationError(
                f"{self.owner} has several targets ({', '.join(self.names)}), and its run request "
                "does not say which: RunRequest(job_name=...)"
            )
        if job_name is not None and job_name not in self.names:
            close = closest(job_name, self.names)
            better = f"; did you mean {close!r}?" if close else ""
            raise InvariantViolationError(
                f"{self.owner} asked for a run of {job_name!r}, which is none of its targets "
                f"({', '.join(self.names)}){better}"
            )
        return job_name or self.names[0]


def _job(value: Any, owner: str) -> JobDefinition:
    if isinstance(value, GraphDefinition):
        return value.to_job()
    if isinstance(value, JobDefinition):
        return value
    raise InvalidDefinitionError(
        f"{owner}: {value!r} is no job; give a job, or the name of one as job_name"
    )
