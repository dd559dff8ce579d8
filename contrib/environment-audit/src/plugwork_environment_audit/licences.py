"""Which licence a distribution has, in SPDX terms, and where that was found."""

from __future__ import annotations

import enum
import re
from collections.abc import Iterable
from pathlib import Path

import attrs
from packaging.licenses import InvalidLicenseExpression, canonicalize_license_expression

from plugwork_environment_audit import licence_names
from plugwork_environment_audit.metadata import CoreMetadata, read_text

LICENCE_FILE = re.compile(r"^(licen[cs]e|copying)", re.IGNORECASE)
#: Says "BSD" without saying which; only the text can tell.
SOME_BSD = "LicenseRef-BSD"
#: What is looked at of a licence's text, in characters; the longest preamble ends before.
TEXT_START = 4000
#: A ``License`` field longer than this holds the licence's text, not its name.
NAME_LENGTH = 120


class LicenceSource(enum.StrEnum):
    """Where a licence was found, the most reliable first."""

    EXPRESSION = "License-Expression"
    FIELD = "License"
    CLASSIFIER = "classifier"
    TEXT = "licence file"
    NONE = "nowhere"


class Family(enum.StrEnum):
    """What a licence asks of who passes the software on."""

    PERMISSIVE = "permissive"
    PUBLIC_DOMAIN = "public domain"
    WEAK_COPYLEFT = "weak copyleft"
    STRONG_COPYLEFT = "strong copyleft"
    PROPRIETARY = "proprietary"
    OTHER = "other"
    UNKNOWN = "unknown"


@attrs.frozen
class Licence:
    """The licence of one distribution."""

    #: SPDX expression; empty when it is unknown.
    expression: str
    source: LicenceSource
    #: What the distribution itself wrote, for an unknown licence.
    written: str = ""

    @property
    def family(self) -> Family:
        """The most demanding of what every reading of the expression leaves to choose."""
        return family_of(self.expression)


def find_licence(metadata: CoreMetadata, metadata_path: Path) -> Licence:
    """Find the licence: expression, then field, then classifiers, then the licence's own text.

    :param metadata_path: the ``*.dist-info``, in which licence files are looked for.
    """
    written = metadata.license_expression or metadata.license_field
    if expression := spdx_expression(metadata.license_expression):
        return Licence(expression, LicenceSource.EXPRESSION)
    if expression := from_field(metadata.license_field):
        return _told_apart(Licence(expression, LicenceSource.FIELD), metadata, metadata_path)
    if expression := from_classifiers(metadata.classifiers):
        return _told_apart(Licence(expression, LicenceSource.CLASSIFIER), metadata, metadata_path)
    if expression := from_files(metadata_path, metadata.license_files):
        return Licence(expression, LicenceSource.TEXT)
    return Licence("", LicenceSource.NONE, written=written.strip()[:NAME_LENGTH])


def spdx_expression(text: str) -> str:
    """Return the canonical SPDX expression; empty when the text is none."""
    try:
        return str(canonicalize_license_expression(text)) if text.strip() else ""
    except InvalidLicenseExpression:
        return ""


def from_field(text: str) -> str:
    """Understand the free text of the ``License`` field; empty when it cannot be."""
    if len(text) > NAME_LENGTH or "\n" in text.strip():
        return from_text(text)
    alias = licence_names.ALIASES.get(simplified(text))
    return alias or spdx_expression(text) or _joined_aliases(text)


def from_classifiers(classifiers: Iterable[str]) -> str:
    """Join what the classifiers name: several are alternatives; empty when one is unclear."""
    names = [line.split("::")[-1].strip() for line in classifiers if line.startswith("License ::")]
    specific = [name for name in names if name != "OSI Approved"]
    known = [licence_names.CLASSIFIERS.get(name, "") for name in specific]
    return " OR ".join(dict.fromkeys(known)) if known and all(known) else ""


def from_files(metadata_path: Path, names: Iterable[str]) -> str:
    """Recognise the text of a licence file beside the metadata; empty when none is known.

    :raises OSError: if a licence file cannot be read.
    """
    for path in _licence_files(metadata_path, names):
        if expression := from_text(read_text(path)):
            return expression
    return ""


def from_text(text: str) -> str:
    """Recognise a licence by its text; empty when it is none of the common ones."""
    folded = " ".join(text[:TEXT_START].lower().replace(",", ", ").split())
    plain = folded.replace("license, version", "license version")
    found = (spdx for phrase, spdx in licence_names.PHRASES if phrase in plain)
    return next(found, "")


def simplified(text: str) -> str:
    """Fold the ways of writing one licence into one: case, ``the``, ``license``, punctuation.

    >>> simplified("The BSD 3-Clause License")
    'bsd 3 clause'
    """
    words = re.sub(r"[-_,()/\"']+", " ", text.lower()).split()
    noise = {"the", "license", "licence", "licensed", "version", "under"}
    return " ".join(word for word in words if word not in noise)


def family_of(expression: str) -> Family:
    """Class an expression: of alternatives the mildest counts, of joined ones the strictest."""
    if not expression:
        return Family.UNKNOWN
    order = list(Family)
    choices = re.split(r"\s+OR\s+", expression.replace("(", " ").replace(")", " "))
    return min((_strictest(choice) for choice in choices), key=order.index)


def _strictest(conjunction: str) -> Family:
    order = list(Family)
    names = [part.split() for part in re.split(r"\s+AND\s+", conjunction)]
    return max((_family_of_name(words[0]) for words in names if words), key=order.index)


def _family_of_name(identifier: str) -> Family:
    for family, prefixes in licence_names.FAMILIES:
        if identifier.startswith(prefixes):
            return Family(family)
    return Family.PERMISSIVE


def _told_apart(licence: Licence, metadata: CoreMetadata, metadata_path: Path) -> Licence:
    """Replace "some BSD licence" by the one whose text is there."""
    if licence.expression != SOME_BSD:
        return licence
    told = from_files(metadata_path, metadata.license_files)
    return Licence(told, LicenceSource.TEXT) if told.startswith("BSD-") else licence


def _joined_aliases(text: str) -> str:
    """Understand ``MIT/Apache-2.0`` and ``BSD or GPLv3``: alternatives, all of them known."""
    parts = re.split(r"/|\bor\b|;", text, flags=re.IGNORECASE)
    if len(parts) < 2:
        return ""
    known = [licence_names.ALIASES.get(simplified(part)) or spdx_expression(part) for part in parts]
    return " OR ".join(dict.fromkeys(known)) if all(known) else ""


def _licence_files(metadata_path: Path, names: Iterable[str]) -> list[Path]:
    """List licence files: those that the metadata names, else those named like one."""
    if not metadata_path.is_dir():
        return []
    folders = (metadata_path / "licenses", metadata_path)
    named = [folder / name for name in names for folder in folders]
    alike = [path for path in sorted(metadata_path.iterdir()) if LICENCE_FILE.match(path.name)]
    return [path for path in dict.fromkeys([*named, *alike]) if path.is_file()]
