"""Core metadata of one installed distribution, read as it is found on disk."""

from __future__ import annotations

import json
import re
from email import message_from_string
from email.message import Message
from pathlib import Path
from urllib.parse import unquote, urlsplit

import attrs
from packaging.utils import canonicalize_name


@attrs.frozen
class CoreMetadata:
    """The fields of ``METADATA`` or ``PKG-INFO`` that the audit uses."""

    name: str
    version: str
    summary: str = ""
    license_expression: str = ""
    license_field: str = ""
    license_files: tuple[str, ...] = ()
    classifiers: tuple[str, ...] = ()
    #: Requirement lines, as written.
    requires: tuple[str, ...] = ()


def read_metadata(metadata_path: Path) -> CoreMetadata:
    """Read the metadata of one ``*.dist-info`` or ``*.egg-info``.

    What the file does not say is taken from the folder's own name; a missing file is no error.
    """
    fields = message_from_string(_metadata_text(metadata_path))
    name, version = split_folder_name(metadata_path.name)
    return CoreMetadata(
        name=_one(fields, "Name") or name,
        version=_one(fields, "Version") or version,
        summary=_one(fields, "Summary"),
        license_expression=_one(fields, "License-Expression"),
        license_field=_one(fields, "License"),
        license_files=_many(fields, "License-File"),
        classifiers=_many(fields, "Classifier"),
        requires=_many(fields, "Requires-Dist"),
    )


def split_folder_name(folder: str) -> tuple[str, str]:
    """Take name and version from ``name-version.dist-info``; either may be empty.

    >>> split_folder_name("zope.interface-5.4-py3.11.egg-info")
    ('zope.interface', '5.4')
    """
    stem = re.sub(r"\.(dist|egg)-info$", "", presentable(folder))
    stem = re.sub(r"-py\d[\d.]*$", "", stem)
    name, _, version = stem.partition("-")
    return name, version


def presentable(text: str) -> str:
    """Escape what cannot be stored as UTF-8: bytes of a file name that are no text."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def canonical_name(name: str) -> str:
    """Return the spelling by which names are compared: lower case, single hyphens."""
    return str(canonicalize_name(name))


def editable_source(metadata_path: Path) -> Path | None:
    """Return the project folder of an editable install; None for a common one."""
    try:
        origin = json.loads(read_text(metadata_path / "direct_url.json"))
        editable = origin.get("dir_info", {}).get("editable", False)
        return Path(unquote(urlsplit(origin["url"]).path)) if editable else None
    except (OSError, ValueError, KeyError, AttributeError):
        return None


def read_text(path: Path) -> str:
    """Read a text file of unknown age: UTF-8, with or without mark, else Latin-1.

    :raises OSError: if the file cannot be read.
    """
    data = path.read_bytes()
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def _metadata_text(metadata_path: Path) -> str:
    """Read ``METADATA`` or ``PKG-INFO``; an old ``egg-info`` may itself be that file."""
    for path in (metadata_path / "METADATA", metadata_path / "PKG-INFO", metadata_path):
        if path.is_file():
            return read_text(path)
    return ""


def _one(fields: Message, name: str) -> str:
    """Return a field's text; ``UNKNOWN`` is what old tools wrote for an empty one."""
    value = str(fields.get(name, "")).strip()
    return "" if value == "UNKNOWN" else value


def _many(fields: Message, name: str) -> tuple[str, ...]:
    return tuple(str(value).strip() for value in fields.get_all(name, ()))
