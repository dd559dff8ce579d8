"""Importing user code and finding its definitions."""

from __future__ import annotations

import importlib
import importlib.util
import os
import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any

import attrs

from plugwork.boundary import user_code_error_boundary
from plugwork.code.collecting import collect
from plugwork.config.walk import closest
from plugwork.definitions.definitions import Definitions
from plugwork.definitions.job import JobDefinition
from plugwork.errors import (
    FrameworkError,
    InvalidDefinitionError,
    JobNotFoundError,
    TargetNotFoundError,
    UserCodeLoadError,
)
from plugwork.model.code_ref import CodeRef


@attrs.frozen
class LoadedCode:
    """User code in this process."""

    ref: CodeRef
    definitions: Definitions

    def job(self, name: str | None = None) -> JobDefinition:
        """Return a job.

        :param name: may be left out when there is one job.
        :raises JobNotFoundError: when there is none of this name, or it is not clear which.
        """
        names = self.definitions.job_names
        if name is None and len(names) == 1:
            name = names[0]
        if name is None:
            known = f"name one of its jobs: {', '.join(sorted(names))}" if names else "it has none"
            raise JobNotFoundError(f"{self.ref.describe()} does not tell which job; {known}")
        return self.definitions.get_job_def(name)


def load_code(ref: CodeRef) -> LoadedCode:
    """Import what a reference names, and find its definitions.

    A file becomes the top-level module of its stem, with its directory first on ``sys.path``; that
    stays so for the rest of the process, as user code imports late.

    :raises TargetNotFoundError: when file, module or name are not there, or hold no definitions.
    :raises UserCodeLoadError: when the user's code raised.
    :raises InvalidDefinitionError: when a definition breaks a rule; a note tells its place.
    """
    module = _import_file(Path(ref.target)) if ref.kind == "file" else _import_module(ref)
    return LoadedCode(ref, _definitions(module, ref))


class _FreshLoader(SourceFileLoader):
    """Compiles the file that is there, never byte code kept from an earlier one.

    Byte code counts as fresh when time (to the second) and size agree, so a job that was edited
    within a second of its last run, to the same length, would run as it was before.
    """

    def get_code(self, fullname: str) -> CodeType:
        path = self.get_filename(fullname)
        return self.source_to_code(self.get_data(path), path)


def _import_file(path: Path) -> ModuleType:
    name = path.stem
    present = sys.modules.get(name)
    if present is not None:
        if _is_from(present, path):
            return present
        raise TargetNotFoundError(
            f"{path} would be imported as the module {name!r}, and another module of that name is "
            f"loaded ({getattr(present, '__file__', None) or 'built in'}); rename the file"
        )
    if not path.is_file():
        raise TargetNotFoundError(f"there is no file {str(path)!r}")
    _put_first(str(path.parent))
    if path.suffix != ".py":
        raise TargetNotFoundError(f"{path} is no Python file")
    spec = importlib.util.spec_from_file_location(name, path, loader=_FreshLoader(name, str(path)))
    if spec is None or spec.loader is None:
        raise TargetNotFoundError(f"{path} is no Python file")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        with _user_code(f"importing {path.name}"):
            spec.loader.exec_module(module)
    except BaseException:
        sys.modules.pop(name, None)
        raise
    return module


def _is_from(module: ModuleType, path: Path) -> bool:
    file = getattr(module, "__file__", None)
    return file is not None and os.path.realpath(file) == os.path.realpath(path)


def _import_module(ref: CodeRef) -> ModuleType:
    if ref.working_directory:
        _put_first(ref.working_directory)
    try:
        with _user_code(f"importing {ref.target}"):
            return importlib.import_module(ref.target)
    except UserCodeLoadError as error:
        missing = error.user_exception
        if isinstance(missing, ModuleNotFoundError) and _names(ref.target, missing.name):
            raise TargetNotFoundError(_no_module(ref, missing.name or ref.target)) from None
        raise


def _names(target: str, missing: str | None) -> bool:
    """Tell whether the missing module is the target itself, or a package around it."""
    return missing is not None and f"{target}.".startswith(f"{missing}.")


def _no_module(ref: CodeRef, missing: str) -> str:
    where = f" (looked in {ref.working_directory} and on sys.path)" if ref.working_directory else ""
    file = Path(ref.working_directory or ".") / f"{ref.target}.py"
    better = f"; did you mean the file {file.name}?" if file.is_file() else ""
    return f"there is no module {missing!r}{where}{better}"


def _put_first(directory: str) -> None:
    if sys.path[:1] != [directory]:
        if directory in sys.path:
            sys.path.remove(directory)
        sys.path.insert(0, directory)


@contextmanager
def _user_code(doing: str) -> Iterator[None]:
    """Wrap what the user's code raises; tell the user's line with what plugwork refuses."""
    try:
        with user_code_error_boundary(UserCodeLoadError, lambda: f"Error occurred while {doing}:"):
            yield
    except UserCodeLoadError:
        raise
    except FrameworkError as error:
        place = _user_place(error)
        if place and place not in str(error):
            error.add_note(f"  at {place}")
        raise
    except SystemExit as error:
        raise TargetNotFoundError(
            f"{doing} ended with sys.exit({error.code!r}); code that defines jobs must not exit: "
            "put it under if __name__ == '__main__'"
        ) from error


def _user_place(error: BaseException) -> str | None:
    """Return file and line of the last frame that is not plugwork's or the importer's."""
    own = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        if not frame.filename.startswith((own, "<")):
            return f"{frame.filename}:{frame.lineno}"
    return None


def _definitions(module: ModuleType, ref: CodeRef) -> Definitions:
    if ref.attribute is not None:
        return _of_attribute(module, ref, ref.attribute)
    members = {name: value for name, value in vars(module).items() if not name.startswith("__")}
    found = {id(one): name for name, one in members.items() if isinstance(one, Definitions)}
    if len(found) > 1:
        raise InvalidDefinitionError(
            f"{ref.describe()} has several Definitions ({', '.join(found.values())}); keep one, or "
            f"name it: {ref.describe()}:{next(iter(found.values()))}"
        )
    if found:
        definitions: Definitions = members[next(iter(found.values()))]
        return definitions
    loose = collect(members.values())
    if not loose.jobs and not loose.schedules and not loose.sensors:
        raise TargetNotFoundError(
            f"{ref.describe()} defines no job: it has neither a Definitions nor a job at its top "
            "level"
        )
    return loose


def _of_attribute(module: ModuleType, ref: CodeRef, name: str) -> Definitions:
    if not hasattr(module, name):
        candidates = [
            key
            for key, one in vars(module).items()
            if isinstance(one, (Definitions, JobDefinition))
        ]
        close = closest(name, candidates)
        better = f"; did you mean {close!r}?" if close else ""
        known = f" (it defines: {', '.join(candidates)})" if candidates else ""
        place = attrs.evolve(ref, attribute=None).describe()
        raise TargetNotFoundError(f"{place} has no {name!r}{better}{known}")
    value = getattr(module, name)
    if _is_factory(value):
        value = _called(value, ref)
    if isinstance(value, JobDefinition):
        return _with_siblings(module, value)
    if isinstance(value, Definitions):
        return value
    raise TargetNotFoundError(
        f"{ref.describe()} is of type {type(value).__name__}; name a job, a Definitions, or a "
        "function that returns one of them"
    )


def _is_factory(value: Any) -> bool:
    """Tell a function that returns definitions from definitions that can be called."""
    if not callable(value) or isinstance(value, (Definitions, JobDefinition, type)):
        return False
    loose = collect([value])
    return not loose.schedules and not loose.sensors


def _called(factory: Callable[[], Any], ref: CodeRef) -> Any:
    with _user_code(f"calling {ref.describe()}"):
        return factory()


def _with_siblings(module: ModuleType, job: JobDefinition) -> Definitions:
    """Give a job that is named by itself what the module's one Definitions binds to it."""
    around = {id(one): one for one in vars(module).values() if isinstance(one, Definitions)}
    if len(around) == 1:
        [collection] = around.values()
        if collection.holds(job):
            return Definitions(
                jobs=[job],
                resources=collection.resources,
                executor=collection.executor,
                loggers=collection.loggers,
            )
    return Definitions(jobs=[job])
