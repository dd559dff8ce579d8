"""No compute logs: output goes where it went before, and nothing is kept."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import IO, Any

from plugwork.abc import (
    CapturedLogContext,
    CapturedLogMetadata,
    ComputeLogManager,
    ConfigurableClass,
    ConfigurableClassData,
    IOType,
    LogKey,
    check_log_key,
)
from plugwork.abc.specs import ComponentContext
from plugwork.errors import CheckError


class NoOpComputeLogManager(ComputeLogManager, ConfigurableClass):
    """Captures nothing; every capture is complete, and empty."""

    def __init__(self, inst_data: ConfigurableClassData | None = None) -> None:
        self._inst_data = inst_data

    @property
    def inst_data(self) -> ConfigurableClassData | None:
        return self._inst_data

    @classmethod
    def config_type(cls) -> Any:
        return {}

    @classmethod
    def from_config_value(
        cls, inst_data: ConfigurableClassData | None, config_value: Mapping[str, Any]
    ) -> NoOpComputeLogManager:
        return cls(inst_data)

    @contextmanager
    def capture_logs(self, log_key: LogKey, echo: bool = True) -> Iterator[CapturedLogContext]:
        yield CapturedLogContext(log_key)

    @contextmanager
    def open_log_stream(self, log_key: LogKey, io_type: IOType) -> Iterator[IO[str] | None]:
        check_log_key(log_key)
        yield None

    def is_capture_complete(self, log_key: LogKey) -> bool:
        check_log_key(log_key)
        return True

    def get_log_data_for_type(
        self, log_key: LogKey, io_type: IOType, offset: int = 0, max_bytes: int | None = None
    ) -> tuple[bytes | None, int]:
        check_log_key(log_key)
        return None, offset

    def get_log_metadata(self, log_key: LogKey) -> CapturedLogMetadata:
        check_log_key(log_key)
        return CapturedLogMetadata()

    def delete_logs(
        self, log_key: LogKey | None = None, prefix: Sequence[str] | None = None
    ) -> None:
        if (log_key is None) == (prefix is None):
            raise CheckError("give a log key, or a prefix: what is to be deleted?")

    def get_log_keys_for_log_key_prefix(
        self, log_key_prefix: Sequence[str], io_type: IOType
    ) -> Sequence[Sequence[str]]:
        check_log_key(log_key_prefix)
        return []


def open_no_compute_logs(settings: None, context: ComponentContext) -> ComputeLogManager:
    """Make a compute log manager that keeps nothing."""
    return NoOpComputeLogManager()
