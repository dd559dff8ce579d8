"""A walk over a value beside its schema, gathering every problem on the way."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from plugwork.config.places import Path, Positions, Source, dotted, show
from plugwork.config.references import (
    ReferenceSyntaxError,
    Resolver,
    UnresolvedReferenceError,
    is_reference,
    name_references,
)
from plugwork.errors import ConfigErrorReason, Problem

_KNOWN_SHOWN = 12
_GIVE_IT = "set it, or give a default: ${env:NAME=value}"
#: What a code means where nothing else is said.
_REASONS = {
    "PW-CFG-001": ConfigErrorReason.FIELD_NOT_DEFINED,
    "PW-CFG-002": ConfigErrorReason.MISSING_REQUIRED_FIELD,
    "PW-CFG-004": ConfigErrorReason.RUNTIME_TYPE_MISMATCH,
    "PW-CFG-010": ConfigErrorReason.SELECTOR_FIELD_ERROR,
    "PW-CFG-011": ConfigErrorReason.FAILED_POST_PROCESSING,
    "PW-CFG-012": ConfigErrorReason.RUNTIME_TYPE_MISMATCH,
}


class Leaf(Protocol):
    """A node of the schema for which a reference may stand."""

    expected: str

    def check(self, value: object, at: Walk) -> object:
        """Accept a value; what does not fit goes to the walk."""

    def read(self, text: str) -> object:
        """Make a value from text.

        :raises ValueError: when the text does not tell one.
        """


class Walk:
    """One place of a value under validation; :meth:`into` goes a level down.

    :param references: whether ``${scheme:...}`` and ``{env: NAME}`` may stand for any leaf.
    :param resolver: what resolves references, in the second pass.
    :param schema_line: the declaration of the field, shown with its problems.
    """

    __slots__ = ("path", "positions", "problems", "references", "resolver", "schema_line", "secret")

    def __init__(
        self,
        path: Path = (),
        positions: Positions | None = None,
        *,
        references: bool = False,
        resolver: Resolver | None = None,
        problems: list[Problem] | None = None,
        secret: bool = False,
        schema_line: str = "",
    ) -> None:
        self.path = path
        self.positions = positions
        self.references = references
        self.resolver = resolver
        self.problems: list[Problem] = [] if problems is None else problems
        self.secret = secret
        self.schema_line = schema_line

    def into(self, key: str | int, *, secret: bool = False, schema_line: str = "") -> Walk:
        """Go to a member; what is found there joins the same list of problems."""
        return Walk(
            (*self.path, key),
            self.positions,
            references=self.references,
            resolver=self.resolver,
            problems=self.problems,
            secret=self.secret or secret,
            schema_line=schema_line or self.schema_line,
        )

    def along(self, path: Path) -> Walk:
        """Go several levels down."""
        at = self
        for part in path:
            at = at.into(part)
        return at

    def keeps_reference(self, value: object) -> bool:
        """Tell whether the value is a reference that may stand here; a bad one is recorded."""
        if not self.references:
            return False
        try:
            return is_reference(value)
        except ReferenceSyntaxError as error:
            self.unresolved(str(error))
            return True

    def resolve_leaf(self, leaf: Leaf, value: object, expected: str = "") -> object:
        """Replace a reference by what it stands for, as the leaf's type.

        :param expected: what the text must tell, where that is not what the leaf accepts.
        """
        if self.resolver is None:
            return value
        try:
            resolved = self.resolver.resolve(value, embedded=self.references)
        except UnresolvedReferenceError as error:
            self.unresolved(str(error), _GIVE_IT if self.references else None)
            return value
        if resolved is value:
            return value
        try:
            return leaf.read(resolved) if isinstance(resolved, str) else _accept(leaf, resolved)
        except ValueError:
            what = expected or leaf.expected
            self.unresolved(f"the value of {name_references(value)} is not {what}")
            return value

    def wrong(self, expected: str, value: object) -> None:
        """Record a value of the wrong type or outside what is allowed."""
        got = _kind_of(value) if self.secret else show(value)
        self.add("PW-CFG-004", f"{self.name} must be {expected}, got {got}", self._schema_hint())

    def out_of_range(self, rule: str, value: object) -> None:
        """Record a value of the right type that a rule refuses."""
        got = "" if self.secret else f", got {show(value)}"
        self.add("PW-CFG-012", f"{self.name} must be {rule}{got}", self._schema_hint())

    def unresolved(self, reason: str, hint: str | None = None) -> None:
        """Record a reference that leads nowhere."""
        self.add("PW-CFG-011", f"{self.name}: {reason}", hint)

    def unknown(self, key: object, known: Iterable[str], *, several: bool = False) -> None:
        """Record a key that the schema does not have.

        :param several: whether the mapping has more such keys.
        """
        names = sorted(known)
        inside = f" in {dotted(self.path)}" if self.path else ""
        close = closest(str(key), names)
        better = f'; did you mean "{close}"?' if close else ""
        hint = None if close else _known_hint(names)
        at = self.into(str(key))
        message = f'unknown key "{key}"{inside}{better}'
        reason = ConfigErrorReason.FIELDS_NOT_DEFINED if several else None
        source = self._key_source(str(key))
        self.problems.append(at._problem("PW-CFG-001", message, hint, source, reason))

    def missing(
        self, key: str, example: object, schema_line: str = "", *, several: bool = False
    ) -> None:
        """Record a required key that is not given.

        :param several: whether the mapping lacks more.
        """
        at = self.into(key)
        source = self.source
        hint = f"add it, for example {key}: {example_text(example)}"
        if schema_line:
            hint = f"{hint}    schema: {schema_line}"
        message = f"{at.name} is required and missing"
        reason = ConfigErrorReason.MISSING_REQUIRED_FIELDS if several else None
        self.problems.append(at._problem("PW-CFG-002", message, hint, source, reason))

    def add(
        self,
        code: str,
        message: str,
        hint: str | None = None,
        *,
        key: bool = False,
        reason: ConfigErrorReason | None = None,
    ) -> None:
        """Record a problem of this place.

        :param key: whether the key, rather than the value, is at fault.
        :param reason: where it is not the one that the code stands for.
        """
        source = None
        if self.positions:
            find = self.positions.at_key if key else self.positions.at_value
            source = find(self.path)
        self.problems.append(self._problem(code, message, hint, source, reason))

    @property
    def source(self) -> Source | None:
        """Where the key of this place stands."""
        return self.positions.at_key(self.path) if self.positions else None

    @property
    def name(self) -> str:
        """How messages call this place."""
        return dotted(self.path) or "the config"

    def _key_source(self, key: str) -> Source | None:
        return self.positions.at_key((*self.path, key)) if self.positions else None

    def _schema_hint(self) -> str | None:
        return f"schema: {self.schema_line}" if self.schema_line else None

    def _problem(
        self,
        code: str,
        message: str,
        hint: str | None,
        source: Source | None,
        reason: ConfigErrorReason | None,
    ) -> Problem:
        return Problem(
            code,
            message,
            path=dotted(self.path),
            source=source.name if source else None,
            line=source.line if source else None,
            column=source.column if source else None,
            hint=hint,
            reason=reason or _REASONS.get(code),
            keys=self.path,
        )


def _accept(leaf: Leaf, value: object) -> object:
    trial = Walk()
    checked = leaf.check(value, trial)
    if trial.problems:
        raise ValueError("not accepted")
    return checked


def closest(word: str, known: Iterable[str]) -> str | None:
    """Return the known word that is spelled most like this one, if any is near."""
    from difflib import get_close_matches

    found = get_close_matches(word, list(known), n=1)
    return found[0] if found else None


def example_text(example: object) -> str:
    """Write an example value on one line, as YAML would read it."""
    import json

    return json.dumps(example, ensure_ascii=False, default=str)


def _known_hint(names: list[str]) -> str:
    if not names:
        return "no keys are known here"
    more = ", ..." if len(names) > _KNOWN_SHOWN else ""
    return f"known here: {', '.join(names[:_KNOWN_SHOWN])}{more}"


def _kind_of(value: object) -> str:
    return {
        str: "a string",
        bool: "a boolean",
        int: "an integer",
        float: "a number",
        dict: "a mapping",
        list: "a list",
        type(None): "null",
    }.get(type(value), "another type")
