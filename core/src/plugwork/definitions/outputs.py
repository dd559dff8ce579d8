"""What comes out of an op or a graph."""

from __future__ import annotations

import builtins
from collections.abc import Mapping
from typing import Any as AnyValue

from plugwork.definitions.annotations import resolve_type
from plugwork.definitions.inputs import NOT_GIVEN, check_text
from plugwork.definitions.names import check_name
from plugwork.definitions.place import telling_where
from plugwork.definitions.types import Any, Type
from plugwork.errors import InvalidDefinitionError

#: The resource that stores an output which names no other.
DEFAULT_IO_MANAGER_KEY = "io_manager"
DEFAULT_OUTPUT = "result"


class Out:
    """Says more about an output than the function's signature does.

    :param type: type, class or annotation; the function's return annotation when not given.
    :param is_required: False lets the op end without this output; what needs it is then skipped.
    :param io_manager_key: resource that stores the value, ``io_manager`` when not given.
    :param metadata: facts that IO managers can read.
    :param code_version: names the code that makes this output.
    """

    __slots__ = ("code_version", "description", "io_manager_key", "is_required", "metadata", "type")

    is_dynamic = False

    def __init__(
        self,
        type: AnyValue = NOT_GIVEN,  # noqa: A002 - a public parameter name
        description: str | None = None,
        is_required: bool = True,
        io_manager_key: str | None = None,
        metadata: Mapping[str, AnyValue] | None = None,
        code_version: str | None = None,
    ) -> None:
        with telling_where(builtins.type(self).__name__):
            self.type = NOT_GIVEN if type is NOT_GIVEN else resolve_type(type)
            check_text(io_manager_key, "io_manager_key")
            check_text(code_version, "code_version")
            if not isinstance(is_required, bool):
                raise InvalidDefinitionError(
                    f"is_required must be True or False, got {is_required!r}"
                )
        self.description = description
        self.is_required = is_required
        self.io_manager_key = io_manager_key or DEFAULT_IO_MANAGER_KEY
        self.metadata = dict(metadata or {})
        self.code_version = code_version


class DynamicOut(Out):
    """An output of any number of values, each under a mapping key."""

    __slots__ = ()

    is_dynamic = True


class GraphOut:
    """Describes an output of a graph; its type is that of the output which feeds it."""

    __slots__ = ("description",)

    def __init__(self, description: str | None = None) -> None:
        self.description = description


class OutputDefinition:
    """One output of an op or a graph, with everything known about it."""

    __slots__ = (
        "code_version",
        "description",
        "io_manager_key",
        "is_dynamic",
        "is_required",
        "metadata",
        "name",
        "type",
    )

    def __init__(
        self,
        name: str = DEFAULT_OUTPUT,
        type: Type = Any,  # noqa: A002 - named as in Out
        description: str | None = None,
        is_required: bool = True,
        io_manager_key: str = DEFAULT_IO_MANAGER_KEY,
        metadata: Mapping[str, AnyValue] | None = None,
        code_version: str | None = None,
        is_dynamic: bool = False,
    ) -> None:
        self.name = check_name(name, "output")
        self.type = type
        self.description = description
        self.is_required = is_required
        self.io_manager_key = io_manager_key
        self.metadata = metadata or {}
        self.code_version = code_version
        self.is_dynamic = is_dynamic

    @classmethod
    def from_out(cls, name: str, out: Out, annotated: Type) -> OutputDefinition:
        """Complete an :class:`Out` with the name and the annotated type."""
        return cls(
            name,
            annotated if out.type is NOT_GIVEN else out.type,
            out.description,
            out.is_required,
            out.io_manager_key,
            out.metadata,
            out.code_version,
            out.is_dynamic,
        )

    def __repr__(self) -> str:
        return f"<OutputDefinition {self.name}: {self.type.name}>"
