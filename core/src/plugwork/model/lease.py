"""Who holds a run or a loop, and since which takeover."""

from __future__ import annotations

from typing import Literal

import attrs

from plugwork.model.record import Record, tagged

LeaseKind = Literal["run", "loop"]


@tagged("holder")
@attrs.frozen
class Holder(Record):
    """A process, named so that another on the same host can tell whether it still lives."""

    host: str
    #: Changes at every boot of the host; empty where the system tells none.
    boot_id: str
    #: The PID namespace; empty where the system has none.
    pid_namespace: str
    pid: int
    #: When the process started, in the system's own ticks: a reused pid differs in it.
    start_time: str


@attrs.frozen
class Lease:
    """A holder's right to write a run, or to lead a loop."""

    kind: LeaseKind
    #: Run id, or name of the loop.
    key: str
    #: None when nobody holds it now.
    holder: Holder | None
    #: Grows with every takeover; a writer with an older one is refused.
    fence: int
    #: Grows with every renewal.
    beat: int
    #: Seconds without a new beat after which a watcher may take over.
    ttl: float
    #: Wall-clock time of the last renewal; for people, never compared.
    renewed_at: float
