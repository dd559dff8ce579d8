"""``${env:NAME}``, ``${file:PATH}`` and their kin: values that stand elsewhere."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path

import attrs

from plugwork.config.env import EnvVar

#: Asked for schemes that are not built in: ``(scheme, text after the colon)``; None = not known.
SchemeResolver = Callable[[str, str], str | None]

_TOKEN = re.compile(r"\$\$\{|\$\{(?P<scheme>[A-Za-z][A-Za-z0-9_+.-]*):(?P<body>[^{}]*)(?P<end>\}?)")
_ENV = re.compile(
    r"(?P<name>[A-Za-z_][A-Za-z0-9_]*)(?::(?P<type>[^=]*))?(?:=(?P<default>.*))?", re.S
)
_FILE_LIMIT = 1 << 20
MASK = "***"
#: A shorter secret is masked only where it is the whole value: it would be found in any text.
_PART_LENGTH = 4


class ReferenceSyntaxError(ValueError):
    """A reference is not well formed."""


class UnresolvedReferenceError(LookupError):
    """A reference leads nowhere; the message never holds a value."""


@attrs.frozen
class Reference:
    """One ``${scheme:body}``."""

    scheme: str
    body: str

    def __str__(self) -> str:
        # A default may be a secret too: it stays out of messages.
        return f"${{{self.scheme}:{self.body.partition('=')[0]}}}"


def is_env_mapping(value: object) -> bool:
    """Tell whether a value is ``{env: NAME}``."""
    if not isinstance(value, Mapping) or len(value) != 1:
        return False
    name = value.get("env")
    return isinstance(name, str) and bool(name)


def is_reference(value: object) -> bool:
    """Tell whether a leaf holds a reference, alone or inside text.

    :raises ReferenceSyntaxError: when it holds one that is not well formed.
    """
    if isinstance(value, EnvVar) or is_env_mapping(value):
        return True
    if not isinstance(value, str) or "${" not in value:
        return False
    references = [part for part in parse(value) if isinstance(part, Reference)]
    for reference in references:
        if reference.scheme == "env":
            _env_parts(reference)
    return bool(references)


def is_bare_reference(value: object) -> bool:
    """Tell whether a value is one reference and no text beside it, so that it may be shown."""
    if is_env_mapping(value):
        return True
    parts = parse(value) if isinstance(value, str) else []
    return len(parts) == 1 and isinstance(parts[0], Reference) and "=" not in parts[0].body


def stored_reference(value: object) -> object:
    """Write a reference as it is stored: an :class:`EnvVar` becomes ``{"env": name}``."""
    return {"env": value.env_var_name} if isinstance(value, EnvVar) else value


def name_references(value: object) -> str:
    """Name the references of a leaf, without the text around them."""
    if isinstance(value, Mapping):
        return f"${{env:{value['env']}}}"
    return " and ".join(str(p) for p in parse(str(value)) if isinstance(p, Reference))


def parse(text: str) -> list[str | Reference]:
    """Split text into literal parts and references; ``$${`` stands for a literal ``${``.

    :raises ReferenceSyntaxError: for a reference without its closing brace.
    """
    parts: list[str | Reference] = []
    end = 0
    for found in _TOKEN.finditer(text):
        parts.append(text[end : found.start()])
        parts.append(_token(found))
        end = found.end()
    parts.append(text[end:])
    return [part for part in parts if part != ""]


def _token(found: re.Match[str]) -> str | Reference:
    if found["scheme"] is None:
        return "${"
    if not found["end"]:
        raise ReferenceSyntaxError(
            f"the reference ${{{found['scheme']}:... lacks its closing brace, or has one inside"
        )
    return Reference(found["scheme"], found["body"])


class Secrets:
    """What references stood for; such text is masked wherever a setting is shown."""

    def __init__(self) -> None:
        self._texts: set[str] = set()

    def add(self, text: str) -> None:
        """Remember a value that must not be shown."""
        if text:
            self._texts.add(text)

    def mask(self, value: object) -> object:
        """Return a copy with every remembered value replaced by ``***``, also inside text."""
        if isinstance(value, Mapping):
            return {key: self.mask(part) for key, part in value.items()}
        if isinstance(value, (list, tuple)):
            return [self.mask(part) for part in value]
        if isinstance(value, str):
            return self._mask_text(value)
        return MASK if value is not None and str(value) in self._texts else value

    def _mask_text(self, text: str) -> str:
        if text in self._texts:
            return MASK
        for secret in sorted(self._texts, key=len, reverse=True):
            if len(secret) >= _PART_LENGTH:
                text = text.replace(secret, MASK)
        return text


class Resolver:
    """Finds what references stand for, and remembers it as secret.

    :param environ: the environment, for ``env``.
    :param base: the folder from which relative paths of ``file`` are taken.
    :param others: asked for further schemes.
    """

    def __init__(
        self,
        environ: Mapping[str, str],
        base: Path | None = None,
        others: SchemeResolver | None = None,
        secrets: Secrets | None = None,
    ) -> None:
        self._environ = environ
        self._base = base or Path()
        self._others = others
        self.secrets = secrets if secrets is not None else Secrets()

    def resolve(self, value: object, *, embedded: bool) -> object:
        """Return what a leaf stands for, or the very same object when it is no reference.

        :param embedded: whether ``${...}`` inside text counts; else only ``{env: NAME}``.
        :raises UnresolvedReferenceError: with a message that names the reference.
        """
        if isinstance(value, EnvVar):
            return self._variable(value.env_var_name)
        if isinstance(value, Mapping):
            return self._variable(value["env"]) if is_env_mapping(value) else value
        if not embedded or not isinstance(value, str) or "${" not in value:
            return value
        return self._text(value)

    def _text(self, text: str) -> object:
        parts = parse(text)
        if len(parts) == 1 and isinstance(parts[0], Reference):
            return self._one(parts[0])
        return "".join(_as_text(self._one(p)) if isinstance(p, Reference) else p for p in parts)

    def _one(self, reference: Reference) -> object:
        if reference.scheme == "env":
            return self._env(reference)
        if reference.scheme == "file":
            return self._file(reference)
        found = self._ask(reference)
        if found is None:
            raise UnresolvedReferenceError(
                f"nothing installed resolves {reference}; built in are env and file"
            )
        self.secrets.add(found)
        return found

    def _ask(self, reference: Reference) -> str | None:
        if self._others is None:
            return None
        try:
            return self._others(reference.scheme, reference.body)
        except Exception as error:
            raise UnresolvedReferenceError(
                f"{reference} could not be read ({type(error).__name__})"
            ) from error

    def _variable(self, name: str) -> str:
        if name not in self._environ:
            raise UnresolvedReferenceError(f"the environment variable {name} is not set")
        self.secrets.add(self._environ[name])
        return self._environ[name]

    def _env(self, reference: Reference) -> object:
        name, kind, default = _env_parts(reference)
        if name not in self._environ and default is not None:
            return _READERS[kind](default) if kind else default
        text = self._variable(name)
        try:
            return _READERS[kind](text) if kind else text
        except ValueError:
            raise UnresolvedReferenceError(
                f"the value of {reference} is not of type {kind}"
            ) from None

    def _file(self, reference: Reference) -> str:
        path = self._base / Path(reference.body).expanduser()
        try:
            with path.open(encoding="utf-8") as stream:
                text = stream.read(_FILE_LIMIT + 1)
        except (OSError, UnicodeDecodeError) as error:
            why = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
            raise UnresolvedReferenceError(
                f"the file of {reference} cannot be read: {why}"
            ) from error
        if len(text) > _FILE_LIMIT:
            raise UnresolvedReferenceError(f"the file of {reference} is larger than 1 MiB")
        text = text.rstrip("\r\n")
        self.secrets.add(text)
        return text


def read_bool(text: str) -> bool:
    """Read a boolean word.

    :raises ValueError: for any other text.
    """
    word = text.strip().lower()
    if word in ("true", "yes", "on", "1"):
        return True
    if word in ("false", "no", "off", "0"):
        return False
    raise ValueError("not a boolean")


_READERS: dict[str, Callable[[str], object]] = {
    "str": str,
    "int": int,
    "float": float,
    "bool": read_bool,
}


def _env_parts(reference: Reference) -> tuple[str, str | None, str | None]:
    """Split ``NAME:type=default``."""
    found = _ENV.fullmatch(reference.body)
    if found is None:
        raise ReferenceSyntaxError(
            f"{reference} does not name a variable: ${{env:NAME:type=default}}"
        )
    kind, default = found["type"], found["default"]
    if kind is not None and kind not in _READERS:
        raise ReferenceSyntaxError(f"{reference}: the type must be one of {', '.join(_READERS)}")
    if kind and default is not None:
        try:
            _READERS[kind](default)
        except ValueError:
            raise ReferenceSyntaxError(
                f"the default of {reference} is not of type {kind}"
            ) from None
    return found["name"], kind, default


def _as_text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
