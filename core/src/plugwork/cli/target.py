"""The job that a command line means, and the run config that it gives."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs

from plugwork.errors import CommandLineError, JobNotFoundError

if TYPE_CHECKING:
    from plugwork.code import LoadedCode
    from plugwork.config.document import Document
    from plugwork.config.schema import Shape
    from plugwork.definitions.job import JobDefinition
    from plugwork.model import JobOrigin


@attrs.frozen
class Target:
    """One job, and how another process finds it."""

    #: As the user typed it.
    text: str
    job: JobDefinition
    origin: JobOrigin


def load_target(text: str, job_name: str | None, otherwise: str | None = None) -> Target:
    """Load a job.

    :param text: ``file.py``, ``file.py:name``, a module or ``module:name``.
    :param job_name: needed where the code has several jobs and the target names none.
    :param otherwise: the job to take where it was needed and not given.
    :raises FrameworkError: when the code or the job is not there, or the user's code raised.
    """
    from plugwork.model import JobOrigin

    code = load_code_of(text)
    if job_name is None and len(code.definitions.job_names) > 1:
        job_name = otherwise
    try:
        job = code.job(job_name)
    except JobNotFoundError as error:
        if job_name is None and len(code.definitions.job_names) > 1:
            names = ", ".join(sorted(code.definitions.job_names))
            raise JobNotFoundError(
                f"{text} has several jobs ({names}); choose one: --job "
                f"{min(code.definitions.job_names)}"
            ) from error
        raise
    return Target(text, job, JobOrigin(code.ref, job.name))


def load_code_of(text: str) -> LoadedCode:
    """Load the code that a target names.

    :raises FrameworkError: when it is not there, or the user's code raised.
    """
    from plugwork.cli.names import remember_jobs
    from plugwork.code import load_code, parse_target

    code = load_code(parse_target(text))
    if code.ref.kind == "file":
        remember_jobs(code.ref.target, code.definitions.job_names)
    return code


def read_config(
    target: Target, files: Sequence[str], sets: Sequence[str], below: Document | None = None
) -> Document:
    """Return the run config of ``--config`` files, in order, under those of ``--set``.

    :param below: what both are laid over.
    :raises InvalidConfigError: when a file cannot be read, or a ``--set`` is not understood.
    """
    from plugwork.config.document import load_document
    from plugwork.config.overrides import SET_SOURCE, from_mapping, merge_run_config, parse_set

    layers = [] if below is None else [below]
    layers += [load_document(Path(file), file) for file in files]
    for text in sets:
        value = completed(target.job.run_config_schema, parse_set(text).value)
        layers.append(from_mapping(value, SET_SOURCE))
    return merge_run_config(*layers)


def completed(schema: Shape, value: Any) -> Any:
    """Put the levels in that a user may leave out: ``ops.check.threshold`` has a ``config``.

    :param value: mappings of one key each, down to the value.
    """
    from plugwork.config.schema import Shape

    if not isinstance(value, dict) or len(value) != 1 or not isinstance(schema, Shape):
        return value
    [(key, inner)] = value.items()
    if key in schema.fields:
        below = schema.fields[key].config_type
        return {key: completed(below, inner)} if isinstance(below, Shape) else value
    for level in ("ops", "config"):
        field = schema.fields.get(level)
        inside = field.config_type if field else None
        # What is unknown anywhere is most likely a misspelt field of the config.
        if isinstance(inside, Shape) and (key in inside.fields or level == "config"):
            return {level: completed(inside, value)}
    return value


def read_tags(texts: Sequence[str]) -> dict[str, str]:
    """Read ``--tag key=value``.

    :raises CommandLineError: when one is not of this form.
    """
    tags: dict[str, str] = {}
    for text in texts:
        key, sign, value = text.partition("=")
        if not sign or not key:
            raise CommandLineError(f'--tag takes key=value, got "{text}"')
        tags[key] = value
    return tags
