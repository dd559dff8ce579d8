"""What goes into an op or a graph."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Final
from typing import Any as AnyValue

from plugwork.definitions.annotations import resolve_type
from plugwork.definitions.names import check_name
from plugwork.definitions.place import telling_where
from plugwork.definitions.types import Any, Nothing, Type, TypeKind
from plugwork.errors import InvalidDefinitionError

if TYPE_CHECKING:
    from plugwork.model.assets import AssetKey


def check_text(given: object, what: str) -> None:
    """Refuse what is neither text nor None."""
    if given is not None and not isinstance(given, str):
        raise InvalidDefinitionError(f"{what} must be text, got {given!r}")


class _NotGiven:
    """Stands where None would be a value."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "<not given>"

    def __bool__(self) -> bool:
        return False


NOT_GIVEN: Final = _NotGiven()


class In:
    """Says more about an input than the function's signature does.

    :param type: type, class or annotation; the parameter's annotation when not given.
    :param default_value: taken when nothing feeds the input.
    :param metadata: facts that IO managers can read.
    :param asset_key: the asset that the input is loaded from.
    :param asset_partitions: which of its partitions.
    :param input_manager_key: resource that loads the input, instead of the IO manager that stored
        the value.
    """

    __slots__ = (
        "asset_key",
        "asset_partitions",
        "default_value",
        "description",
        "input_manager_key",
        "metadata",
        "type",
    )

    def __init__(
        self,
        type: AnyValue = NOT_GIVEN,  # noqa: A002 - a public parameter name
        description: str | None = None,
        default_value: AnyValue = NOT_GIVEN,
        metadata: Mapping[str, AnyValue] | None = None,
        asset_key: AssetKey | str | Sequence[str] | None = None,
        asset_partitions: Collection[str] | None = None,
        input_manager_key: str | None = None,
    ) -> None:
        with telling_where("In"):
            self.type = NOT_GIVEN if type is NOT_GIVEN else resolve_type(type)
            check_text(input_manager_key, "input_manager_key")
            if self.type is Nothing and default_value is not NOT_GIVEN:
                raise InvalidDefinitionError("an input of type Nothing has no value, so no default")
        self.description = description
        self.default_value = default_value
        self.metadata = dict(metadata or {})
        self.asset_key = None if asset_key is None else as_asset_key(asset_key)
        self.asset_partitions = None if asset_partitions is None else frozenset(asset_partitions)
        self.input_manager_key = input_manager_key


def as_asset_key(value: AssetKey | str | Sequence[str]) -> AssetKey:
    """Return the key that text, or parts of text, stand for."""
    from plugwork.model.assets import AssetKey  # few inputs name one

    return value if isinstance(value, AssetKey) else AssetKey(value)


class GraphIn:
    """Describes an input of a graph; its type is that of the inputs which it feeds."""

    __slots__ = ("description",)

    def __init__(self, description: str | None = None) -> None:
        self.description = description


class InputDefinition:
    """One input of an op or a graph, with everything known about it."""

    __slots__ = (
        "asset_key",
        "default_value",
        "description",
        "input_manager_key",
        "metadata",
        "name",
        "type",
    )

    def __init__(
        self,
        name: str,
        type: Type = Any,  # noqa: A002 - named as in In
        description: str | None = None,
        default_value: AnyValue = NOT_GIVEN,
        metadata: Mapping[str, AnyValue] | None = None,
        input_manager_key: str | None = None,
        asset_key: AssetKey | None = None,
    ) -> None:
        self.name = check_name(name, "input")
        self.type = type
        self.description = description
        self.default_value = default_value
        self.metadata = metadata or {}
        self.input_manager_key = input_manager_key
        self.asset_key = asset_key
        if default_value is not NOT_GIVEN:
            self._check_default()

    def _check_default(self) -> None:
        """Refuse a default that no step could take."""
        if self.type.needs_context or (found := self.type.check(self.default_value)).success:
            return
        if self.default_value is None and self.type.kind is not TypeKind.SCALAR:
            return  # ``x: Row = None`` is a habit of those who always feed the input
        raise InvalidDefinitionError(
            f"input {self.name!r}: the default does not fit the type {self.type.name}: "
            f"{found.description}"
        )

    @property
    def has_default_value(self) -> bool:
        return self.default_value is not NOT_GIVEN

    def __repr__(self) -> str:
        return f"<InputDefinition {self.name}: {self.type.name}>"
