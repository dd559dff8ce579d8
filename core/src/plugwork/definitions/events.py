"""What an op's function yields, returns or raises to speak to the framework."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from plugwork.definitions.names import check_name
from plugwork.definitions.place import telling_where
from plugwork.errors import CheckError

if TYPE_CHECKING:
    from plugwork.model.data_version import DataVersion

T = TypeVar("T")


class Output(Generic[T]):
    """A value for one output, with what should be told about it.

    :param output_name: which output of the op.
    :param metadata: told with the output; typed values or plain ones.
    :param data_version: names the contents of the value; told with the output.
    """

    __slots__ = ("data_version", "metadata", "output_name", "tags", "value")

    def __init__(
        self,
        value: T,
        output_name: str = "result",
        metadata: Mapping[str, Any] | None = None,
        data_version: DataVersion | None = None,
        *,
        tags: Mapping[str, str] | None = None,
    ) -> None:
        self.value = value
        self.output_name = output_name
        self.metadata = metadata
        self.data_version = data_version
        self.tags = tags
        if data_version is not None:
            _check_version(data_version)

    def __repr__(self) -> str:
        return f"Output({self.value!r}, output_name={self.output_name!r})"


def _check_version(given: object) -> None:
    from plugwork.model.data_version import DataVersion  # few outputs have one

    if not isinstance(given, DataVersion):
        raise CheckError(f"data_version of an Output must be a DataVersion, got {given!r}")


class DynamicOutput(Generic[T]):
    """One of the values of a dynamic output; the steps mapped over it run once for each.

    :param mapping_key: names this value among its siblings; becomes part of step keys.
    :raises InvalidDefinitionError: when the key is not a name.
    """

    __slots__ = ("mapping_key", "metadata", "output_name", "value")

    def __init__(
        self,
        value: T,
        mapping_key: str,
        output_name: str = "result",
        metadata: Mapping[str, Any] | None = None,
    ) -> None:
        with telling_where(f"DynamicOutput of {output_name!r}"):
            self.mapping_key = check_name(mapping_key, "mapping key of a DynamicOutput")
        self.value = value
        self.output_name = output_name
        self.metadata = metadata

    def __repr__(self) -> str:
        return (
            f"DynamicOutput({self.value!r}, mapping_key={self.mapping_key!r}, "
            f"output_name={self.output_name!r})"
        )


class Failure(Exception):
    """Raise it to fail the step with words and metadata of your own.

    :param allow_retries: False fails the step for good, whatever its retry policy; None is True.
    """

    def __init__(
        self,
        description: str | None = None,
        metadata: Mapping[str, Any] | None = None,
        allow_retries: bool | None = None,
    ) -> None:
        super().__init__(description)
        self.description = description
        self.metadata = dict(metadata or {})
        self.allow_retries = True if allow_retries is None else allow_retries


class RetryRequested(Exception):
    """Raise it to have the step tried again; wins over the step's retry policy.

    :param max_retries: attempts after the first.
    :param seconds_to_wait: before the next attempt; None retries at once.
    """

    def __init__(self, max_retries: int = 1, seconds_to_wait: float | None = None) -> None:
        super().__init__()
        self.max_retries = max_retries
        self.seconds_to_wait = seconds_to_wait
