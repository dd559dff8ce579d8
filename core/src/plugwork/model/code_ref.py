"""Where user code is found, so that another process can load the same."""

from __future__ import annotations

from typing import Literal

import attrs

from plugwork.model.record import Record, tagged


@tagged("code_ref")
@attrs.frozen
class CodeRef(Record):
    """Names definitions: a file, a module or a package, and what to take from it."""

    kind: Literal["module", "file", "package"]
    #: Absolute path of a file, or the dotted name of a module or package.
    target: str
    #: Module-level name of a ``Definitions``, a job, or a function that returns one; None: find it.
    attribute: str | None = None
    #: First on ``sys.path`` while loading a module; None for the process's own.
    working_directory: str | None = None
    #: Path of the Python interpreter; None for the one that runs.
    interpreter: str | None = None

    def describe(self) -> str:
        """Return what a user would type to name the same."""
        return f"{self.target}:{self.attribute}" if self.attribute else self.target


@tagged("job_origin")
@attrs.frozen
class JobOrigin(Record):
    """One job of the definitions that a :class:`CodeRef` names."""

    code: CodeRef
    job_name: str
