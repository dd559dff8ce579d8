"""Run config from several sources: files, ``--set``, each laid over the one before."""

from __future__ import annotations

import glob
import re
from collections.abc import Mapping, Sequence
from importlib import resources
from pathlib import Path as FilePath
from typing import Any

from plugwork.config.document import Document, load_document, parse_document, parse_scalar
from plugwork.config.merging import merge_documents
from plugwork.config.places import Path, PositionMap, Source
from plugwork.errors import InvalidConfigError, ParameterCheckError, Problem

#: How messages call the source of a ``--set``.
SET_SOURCE = "--set on the command line"

_PART = re.compile(r'"(?P<quoted>[^"]*)"|(?P<plain>[^."]+)')


def parse_set(text: str) -> Document:
    """Read ``path=value``: ``ops.check.config.threshold=5``, the value as YAML has it.

    A key that holds a dot is quoted: ``ops."a.b".config.x=1``.

    :raises InvalidConfigError: when the text is not of this form.
    """
    path_text, sign, value_text = text.partition("=")
    path = _path(path_text)
    if not sign or not path:
        raise _refused(f'--set takes path=value, got "{text}"')
    try:
        value = parse_scalar(value_text)
    except InvalidConfigError as error:
        reason = error.errors[0].message
        raise _refused(f"--set {path_text}: {reason}; quote the value") from error
    for part in reversed(path):
        value = {part: value}
    return from_mapping(value, SET_SOURCE)


def from_mapping(value: Mapping[str, Any], name: str) -> Document:
    """Give a mapping that stands in no file a source.

    :param name: how messages call it.
    """
    positions = PositionMap(name)
    _place_all(value, (), Source(name), positions)
    return Document(dict(value), positions)


def merge_run_config(*layers: Document) -> Document:
    """Lay each document over the one before: mappings merge, all else is replaced.

    Each value keeps the source that gave it.
    """
    merged = Document({}, PositionMap("the run config"))
    for layer in layers:
        merged = merge_documents(merged, layer)
    return merged


def config_from_files(config_files: Sequence[str]) -> dict[str, Any]:
    """Read run config from YAML files, each laid over those before.

    :param config_files: paths, or patterns such as ``config/*.yaml``, whose files are read in the
        order of their names.
    :raises InvalidConfigError: when one cannot be read, or a pattern matches nothing.
    """
    documents = []
    for pattern in _listed(config_files, "config_files"):
        found = sorted(glob.glob(pattern))
        if not found:
            problem = Problem("PW-CFG-008", f"no file matches {pattern}", source=pattern)
            raise InvalidConfigError(f"{pattern} cannot be read:", [problem])
        documents += [load_document(FilePath(file)) for file in found]
    return merge_run_config(*documents).value


def config_from_yaml_strings(yaml_strings: Sequence[str]) -> dict[str, Any]:
    """Read run config from YAML texts, each laid over those before.

    :raises InvalidConfigError: when one is not YAML, or no mapping.
    """
    texts = _listed(yaml_strings, "yaml_strings")
    documents = [parse_document(text, f"YAML text {n}") for n, text in enumerate(texts, start=1)]
    return merge_run_config(*documents).value


def config_from_pkg_resources(pkg_resource_defs: Sequence[tuple[str, str]]) -> dict[str, Any]:
    """Read run config from YAML files that packages bring, each laid over those before.

    :param pkg_resource_defs: package and file name: ``[("shop.config", "base.yaml")]``.
    :raises InvalidConfigError: when one cannot be read.
    """
    documents = []
    for package, name in pkg_resource_defs:
        called = f"{name} of {package}"
        try:
            text = resources.files(package).joinpath(name).read_text(encoding="utf-8-sig")
        except (ImportError, OSError, UnicodeDecodeError) as error:
            problem = Problem("PW-CFG-008", f"{called} cannot be read: {error}", source=called)
            raise InvalidConfigError(f"{called} cannot be read:", [problem]) from error
        documents.append(parse_document(text, called))
    return merge_run_config(*documents).value


def _listed(given: Sequence[str], what: str) -> Sequence[str]:
    if isinstance(given, str):
        raise ParameterCheckError(f"{what} is a list of texts, got the one text {given!r}")
    return given


def _path(text: str) -> list[str]:
    """Split a dotted path; empty when it is not well formed."""
    parts: list[str] = []
    end = 0
    for found in _PART.finditer(text):
        between = text[end : found.start()]
        if between != ("." if parts else ""):
            return []
        parts.append(found["quoted"] if found["plain"] is None else found["plain"].strip())
        end = found.end()
    return parts if end == len(text) else []


def _place_all(value: object, path: Path, source: Source, positions: PositionMap) -> None:
    positions.add(path, source, source)
    if isinstance(value, Mapping):
        for key, part in value.items():
            _place_all(part, (*path, str(key)), source, positions)


def _refused(message: str) -> InvalidConfigError:
    problem = Problem("PW-CFG-003", message, source=SET_SOURCE)
    return InvalidConfigError("--set cannot be read:", [problem])
