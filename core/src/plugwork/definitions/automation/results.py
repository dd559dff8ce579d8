"""What the functions of schedules and sensors return, besides run requests."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from plugwork.errors import CheckError, ParameterCheckError

if TYPE_CHECKING:
    from plugwork.model import (
        AddDynamicPartitionsRequest,
        AssetMaterialization,
        AssetObservation,
        DeleteDynamicPartitionsRequest,
        RunRequest,
    )


class SkipReason:
    """Says why an evaluation asks for no run.

    :raises ParameterCheckError: when the message is no text.
    """

    __slots__ = ("skip_message",)

    def __init__(self, skip_message: str | None = None) -> None:
        if skip_message is not None and not isinstance(skip_message, str):
            raise ParameterCheckError(f"SkipReason: the message must be text, got {skip_message!r}")
        self.skip_message = skip_message

    def __eq__(self, other: object) -> bool:
        return isinstance(other, SkipReason) and other.skip_message == self.skip_message

    def __hash__(self) -> int:
        return hash(self.skip_message)

    def __repr__(self) -> str:
        return f"SkipReason({self.skip_message!r})"


class SensorResult:
    """All that one evaluation of a sensor tells; it is the only thing that it returns.

    :param skip_reason: a :class:`SkipReason`, or its message.
    :param cursor: with which the next evaluation begins; not after ``context.update_cursor``.
    :param dynamic_partitions_requests: keys to add and delete, before the runs are started.
    :param asset_events: to be stored without a run.
    :raises CheckError: for run requests beside a reason to skip.
    :raises ParameterCheckError: for a value of the wrong type.
    """

    __slots__ = (
        "asset_events",
        "cursor",
        "dynamic_partitions_requests",
        "run_requests",
        "skip_reason",
    )

    def __init__(
        self,
        run_requests: Sequence[RunRequest] | None = None,
        skip_reason: str | SkipReason | None = None,
        cursor: str | None = None,
        dynamic_partitions_requests: Sequence[
            AddDynamicPartitionsRequest | DeleteDynamicPartitionsRequest
        ]
        | None = None,
        asset_events: Sequence[AssetMaterialization | AssetObservation] | None = None,
    ) -> None:
        if run_requests and skip_reason is not None:
            raise CheckError("SensorResult takes run_requests or a skip_reason, not both")
        if cursor is not None and not isinstance(cursor, str):
            raise ParameterCheckError(f"SensorResult: cursor must be text, got {cursor!r}")
        if not isinstance(skip_reason, str | SkipReason | None):
            raise ParameterCheckError(
                f"SensorResult: skip_reason must be a SkipReason or text, got {skip_reason!r}"
            )
        self.run_requests: list[RunRequest] = _all(run_requests, "run_requests", "RunRequest")
        self.skip_reason = SkipReason(skip_reason) if isinstance(skip_reason, str) else skip_reason
        self.cursor = cursor
        self.dynamic_partitions_requests = _all(
            dynamic_partitions_requests,
            "dynamic_partitions_requests",
            "AddDynamicPartitionsRequest",
            "DeleteDynamicPartitionsRequest",
        )
        self.asset_events = _all(
            asset_events, "asset_events", "AssetMaterialization", "AssetObservation"
        )


def _all(given: Any, name: str, *kinds: str) -> list[Any]:
    """Return a list of records.

    :param kinds: names in :mod:`plugwork.model`; imported only when there is something to check.
    """
    if given is not None and not isinstance(given, (list, tuple)):
        raise ParameterCheckError(f"SensorResult: {name} must be a list, got {given!r}")
    if not given:
        return []
    import plugwork.model

    classes = tuple(getattr(plugwork.model, kind) for kind in kinds)
    for one in given:
        if not isinstance(one, classes):
            expected = " or ".join(kinds)
            raise ParameterCheckError(f"SensorResult: {name} holds {one!r}, which is no {expected}")
    return list(given)
