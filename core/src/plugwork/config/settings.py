"""From the block of a component in the file to the object of its settings class."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from plugwork.config.class_shape import settings_schema
from plugwork.config.places import Path, Positions, dotted
from plugwork.config.references import Resolver
from plugwork.config.types import ConfigType
from plugwork.config.validation import resolve_sources, validate
from plugwork.config.walk import Walk
from plugwork.errors import ConfigErrorReason


def structure_settings(
    cls: type | None,
    given: Mapping[str, Any] | None,
    resolver: Resolver,
    path: Path = (),
    positions: Positions | None = None,
) -> Any:
    """Make the settings object of a component.

    :param cls: the attrs class; None for a component that takes no settings, which gives None.
    :param given: the block as the file has it, references unresolved.
    :param path: where the block stands in its document, for messages.
    :raises InvalidConfigError: with every problem, and never a value that a reference stood for.
    """
    if cls is None:
        return None
    preamble = f"the settings of {dotted(path) or cls.__name__} cannot be used:"
    schema = settings_schema(cls)
    stored = validate(schema, given or {}, path, positions, references=True).unwrap(preamble)
    resolved = resolve_sources(schema, stored, resolver, path, positions, references=True)
    at = Walk(path, positions, problems=resolved.problems, resolver=resolver)
    made = None if resolved.problems else construct(schema, resolved.value, at)
    resolved.unwrap(preamble)
    return made


def construct(schema: ConfigType, value: object, at: Walk) -> Any:
    """Build the objects of a resolved value; what their classes refuse goes to the walk."""
    try:
        return schema.construct(value)
    except (ValueError, TypeError) as error:
        text = str(error.args[0] if error.args else error)
        shown = at.resolver.secrets.mask(text) if at.resolver else text
        reason = ConfigErrorReason.FAILED_POST_PROCESSING
        at.add("PW-CFG-012", f"{at.name}: {shown}", reason=reason)
        return None
