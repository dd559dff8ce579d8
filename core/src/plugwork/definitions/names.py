"""What names and tags may look like."""

from __future__ import annotations

import json
import keyword
import re
import warnings
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from plugwork.errors import InvalidDefinitionError

NAME = re.compile(r"[A-Za-z0-9_]+")
TAG_KEY = re.compile(r"([A-Za-z0-9_.-]{1,63}/)?[A-Za-z0-9_.-]{1,63}")
RESERVED = frozenset(keyword.kwlist) | {
    "context",
    "conf",
    "config",
    "meta",
    "arg_dict",
    "dict",
    "input_arg_dict",
    "output_arg_dict",
    "int",
    "str",
    "float",
    "bool",
    "input",
    "output",
    "type",
}


def check_name(name: object, what: str) -> str:
    """Return the name if it may be one.

    :param what: what it names, for the message: ``"op"``, ``"input of op 'x'"``.
    :raises InvalidDefinitionError: for other characters than letters, digits and underscore, and
        for a reserved word.
    """
    if not isinstance(name, str) or NAME.fullmatch(name) is None:
        raise InvalidDefinitionError(
            f"{name!r} is no name for the {what}: use letters, digits and underscores"
        )
    if name in RESERVED:
        raise InvalidDefinitionError(f"{name!r} is no name for the {what}: the word is reserved")
    return name


def check_resource_keys(keys: Iterable[str] | None, owner: str) -> frozenset[str]:
    """Return required resource keys as a set.

    :param owner: who requires them, for the message: ``"op 'x'"``.
    :raises InvalidDefinitionError: for one text in the place of several, and for other values.
    """
    found = keys or ()
    if isinstance(found, str) or not isinstance(found, Iterable):
        raise InvalidDefinitionError(
            f"{owner}: required_resource_keys must be a set of names, got {keys!r}"
        )
    return frozenset(check_name(key, f"resource key required by {owner}") for key in found)


def check_tags(tags: Mapping[str, Any] | None, owner: str) -> dict[str, str]:
    """Return the tags as text to text; other values are encoded as JSON.

    :raises InvalidDefinitionError: for a value that JSON would change.
    """
    if not tags:
        return {}
    if not isinstance(tags, Mapping):
        raise InvalidDefinitionError(f"the tags of {owner} must be a dictionary, got {tags!r}")
    return {_tag_key(key, owner): _tag_value(key, value, owner) for key, value in tags.items()}


def _tag_key(key: object, owner: str) -> str:
    if not isinstance(key, str):
        raise InvalidDefinitionError(f"tag {key!r} of {owner}: a tag's key must be text")
    if TAG_KEY.fullmatch(key) is None:
        warnings.warn(
            f"tag {key!r} of {owner}: use letters, digits, '_', '-', '.' and at most one '/'",
            stacklevel=4,
        )
    return key


def _tag_value(key: str, value: object, owner: str) -> str:
    if isinstance(value, str):
        return value
    try:
        text = json.dumps(value)
    except (TypeError, ValueError):
        text = None
    if text is None or json.loads(text) != value:
        raise InvalidDefinitionError(
            f"tag {key!r} of {owner}: {value!r} is neither text nor a value that JSON can hold"
        )
    return text


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return the end of a message about a name that is not there; empty when none is near."""
    from plugwork.config.walk import closest

    close = closest(name, known)
    return f"; did you mean {close!r}?" if close else ""


def copy_names(definition: object, fn: Callable[..., Any]) -> None:
    """Give a definition the name, module and docstring of the function that it was made of."""
    for attribute in ("__name__", "__qualname__", "__module__", "__doc__"):
        setattr(definition, attribute, getattr(fn, attribute, None))
    definition.__dict__["__wrapped__"] = fn
