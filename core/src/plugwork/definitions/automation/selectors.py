"""Which runs a run status sensor looks at."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from plugwork.definitions.graph import GraphDefinition
from plugwork.definitions.job import JobDefinition
from plugwork.errors import InvalidDefinitionError, ParameterCheckError

if TYPE_CHECKING:
    from plugwork.model import CodeRef, Run


class CodeLocationSelector:
    """Selects the runs of one code location.

    :param location_name: the module, or the name of the file, that the jobs are loaded from.
    """

    __slots__ = ("location_name",)

    def __init__(self, location_name: str) -> None:
        self.location_name = _text(location_name, "location_name")

    def selects(self, run: Run) -> bool:
        """Tell whether a run is one of these; one without code origin is none."""
        origin = run.job_code_origin
        return origin is not None and location_name(origin.code) == self.location_name

    def __repr__(self) -> str:
        names = ("location_name", "repository_name", "job_name")
        fields = ", ".join(f"{n}={getattr(self, n)!r}" for n in names if hasattr(self, n))
        return f"{type(self).__name__}({fields})"

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and repr(other) == repr(self)

    def __hash__(self) -> int:
        return hash(repr(self))


class RepositorySelector(CodeLocationSelector):
    """Selects the runs of one repository.

    :param repository_name: kept, and not compared: runs do not say which repository of their code
        location they are of.
    """

    __slots__ = ("repository_name",)

    def __init__(self, location_name: str, repository_name: str) -> None:
        super().__init__(location_name)
        self.repository_name = _text(repository_name, "repository_name")


class JobSelector(CodeLocationSelector):
    """Selects the runs of one job of a code location.

    :param repository_name: kept, and not compared, as by :class:`RepositorySelector`.
    :param job_name: all jobs of the location when not given.
    """

    __slots__ = ("job_name", "repository_name")

    def __init__(
        self,
        location_name: str,
        repository_name: str | None = None,
        job_name: str | None = None,
    ) -> None:
        super().__init__(location_name)
        self.repository_name = repository_name
        self.job_name = job_name

    def selects(self, run: Run) -> bool:
        return super().selects(run) and self.job_name in (None, run.job_name)


class Monitored:
    """The runs that one sensor looks at.

    :param jobs: jobs of the sensor's own code location, and selectors.
    :param everywhere: all runs of the instance.
    :raises InvalidDefinitionError: for both at once, and for what is neither job nor selector.
    """

    __slots__ = ("_everywhere", "_own", "selectors")

    def __init__(self, jobs: Any, everywhere: bool, owner: str) -> None:
        if jobs is not None and not isinstance(jobs, (list, tuple)):
            raise InvalidDefinitionError(
                f"{owner}: monitored_jobs must be a list of jobs and selectors, got {jobs!r}"
            )
        if jobs and everywhere:
            raise InvalidDefinitionError(
                f"{owner}: monitored_jobs and monitor_all_code_locations exclude each other"
            )
        for one in jobs or ():
            if not isinstance(one, (JobDefinition, GraphDefinition, CodeLocationSelector)):
                raise InvalidDefinitionError(
                    f"{owner}: monitored_jobs holds {one!r}, which is neither a job nor a selector"
                )
        self.selectors = tuple(one for one in jobs or () if isinstance(one, CodeLocationSelector))
        self._own = frozenset(
            one.name for one in jobs or () if isinstance(one, (JobDefinition, GraphDefinition))
        )
        self._everywhere = everywhere

    def holds(self, run: Run, own_location: CodeRef | None) -> bool:
        """Tell whether the sensor looks at a run.

        :param own_location: where the sensor's code is; None: all locations count as its own.
        """
        if self._everywhere or any(one.selects(run) for one in self.selectors):
            return True
        if self.selectors and not self._own:
            return False
        return run.job_name in (self._own or {run.job_name}) and _is_of(run, own_location)


def _is_of(run: Run, location: CodeRef | None) -> bool:
    if location is None:
        return True
    origin = run.job_code_origin
    return origin is not None and (origin.code.kind, origin.code.target) == (
        location.kind,
        location.target,
    )


def location_name(ref: CodeRef) -> str:
    """Return the name of a code location: of its file, or of its module."""
    return os.path.basename(ref.target) if ref.kind == "file" else ref.target


def _text(value: object, name: str) -> str:
    if not isinstance(value, str) or not value:
        raise ParameterCheckError(f"{name} must be text, got {value!r}")
    return value
