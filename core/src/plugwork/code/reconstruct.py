"""Jobs that another process can load again."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import attrs

from plugwork.code.loader import load_code
from plugwork.definitions.job import JobDefinition
from plugwork.errors import InvariantViolationError
from plugwork.model.code_ref import CodeRef, JobOrigin


@attrs.frozen
class ReconstructableJob:
    """A job, and how another process finds it."""

    origin: JobOrigin
    job: JobDefinition = attrs.field(eq=False)

    def __reduce__(self) -> tuple[Callable[[JobOrigin], ReconstructableJob], tuple[JobOrigin]]:
        return load_job, (self.origin,)

    @property
    def job_name(self) -> str:
        return self.job.name

    def get_definition(self) -> JobDefinition:
        """Return the job in this process."""
        return self.job


def load_job(origin: JobOrigin) -> ReconstructableJob:
    """Load a job from where it was found.

    :raises JobNotFoundError: when the code has no such job any more.
    """
    return ReconstructableJob(origin, load_code(origin.code).job(origin.job_name))


def reconstructable(target: JobDefinition | Callable[[], JobDefinition]) -> ReconstructableJob:
    """Tell how another process finds a job.

    :param target: a job that is a name of its module; or a function of a module that makes one.
    :raises InvariantViolationError: for lambdas, notebooks, and what is defined inside a function.
    """
    if isinstance(target, JobDefinition):
        module, attribute = _home_of_job(target)
        return _reconstructable(module, attribute, target)
    if not callable(target):
        raise InvariantViolationError(f"{target!r} is neither a job nor a function that makes one")
    name = getattr(target, "__qualname__", "<lambda>")
    home = sys.modules.get(getattr(target, "__module__", ""))
    if home is None or getattr(home, name, None) is not target:
        raise InvariantViolationError(
            f"another process cannot find {name!r}: move it to the top level of a module"
        )
    return _reconstructable(home, name, target())


def _reconstructable(module: ModuleType, attribute: str, job: Any) -> ReconstructableJob:
    if not isinstance(job, JobDefinition):
        raise InvariantViolationError(f"{attribute!r} returned {job!r}, which is no job")
    return ReconstructableJob(JobOrigin(_code_ref(module, attribute), job.name), job)


def _home_of_job(job: JobDefinition) -> tuple[ModuleType, str]:
    for owner in (job, job.graph_def):
        module = sys.modules.get(owner.__dict__.get("__module__", ""))
        if module is not None:
            for name, value in vars(module).items():
                if value is job:
                    return module, name
    raise InvariantViolationError(
        f"another process cannot find job {job.name!r}: it is no name of the module that defines "
        "it; move it to the top level of a module"
    )


def _code_ref(module: ModuleType, attribute: str) -> CodeRef:
    if module.__name__ != "__main__":
        return CodeRef("module", module.__name__, attribute, working_directory=str(Path.cwd()))
    file = getattr(module, "__file__", None)
    if file is None:
        raise InvariantViolationError(
            "another process cannot load what is defined in a notebook or an interactive session: "
            "move it to a file"
        )
    return CodeRef("file", str(Path(file).resolve()), attribute)
