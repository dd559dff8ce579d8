"""The passes of a value over a schema: validate, then resolve."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import attrs

from plugwork.config.compiling import resolve_to_config_type
from plugwork.config.places import Path, Positions
from plugwork.config.references import Resolver
from plugwork.config.walk import Walk
from plugwork.errors import InvalidConfigError, Problem


@attrs.frozen
class Validated:
    """A value that went over a schema, and what was wrong with it."""

    #: With defaults filled in; of use only when there are no problems.
    value: Any
    problems: list[Problem]

    def unwrap(self, preamble: str) -> Any:
        """Return the value.

        :raises InvalidConfigError: with the preamble and all problems, if there are any.
        """
        if self.problems:
            raise InvalidConfigError(preamble, self.problems, self.value)
        return self.value


def validate(
    config_type: object,
    value: object,
    path: Path | str = (),
    positions: Positions | None = None,
    *,
    references: bool = False,
) -> Validated:
    """Check a value and fill in defaults; references and enums stay as they are written.

    The result is what is stored. Every problem is gathered.

    :param config_type: a schema or a short form of one.
    :param path: where the value stands in its document.
    :param positions: tells file, line and column, by the paths of that document.
    :param references: whether ``${...}`` and ``{env: NAME}`` may stand for any leaf, as in the
        instance's file. Else only ``{env: NAME}``, for the types that say so.
    """
    at = Walk(_path(path), positions, references=references)
    checked = resolve_to_config_type(config_type).check(value, at)
    return Validated(checked, at.problems)


def resolve_sources(
    config_type: object,
    value: object,
    environ: Mapping[str, str] | Resolver,
    path: Path | str = (),
    positions: Positions | None = None,
    *,
    references: bool = False,
) -> Validated:
    """Read what a validated value takes from elsewhere; the result is what user code sees.

    Enums become their Python values. A variable that is not set is a problem that names it.

    :param environ: the environment, or a resolver that knows more and remembers secrets.
    """
    resolver = environ if isinstance(environ, Resolver) else Resolver(environ)
    at = Walk(_path(path), positions, references=references, resolver=resolver)
    resolved = resolve_to_config_type(config_type).resolve(value, at)
    return Validated(resolved, at.problems)


def _path(path: Path | str) -> Path:
    if isinstance(path, str):
        return tuple(path.split(".")) if path else ()
    return path
