"""Who this process is, and whether another one of this machine is gone."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

from plugwork.model import Holder

_LINUX = sys.platform.startswith("linux")
_WINDOWS = os.name == "nt"
_current: Holder | None = None


def current_holder() -> Holder:
    """Return this process as a holder of leases; a forked child is another one."""
    global _current
    if _current is None or _current.pid != os.getpid():
        _current = holder_of(os.getpid())
    return _current


def holder_of(pid: int) -> Holder:
    """Return a process of this machine as a holder: a child to whom a lease is handed."""
    machine = _machine_id()
    return Holder(
        host=socket.gethostname() + (f"/{machine}" if machine else ""),
        boot_id=_boot_id(),
        pid_namespace=_pid_namespace(),
        pid=pid,
        start_time=_start_time(pid) or "",
    )


def is_gone(holder: Holder) -> bool:
    """Tell whether a holder is provably dead.

    False is no proof of life: the process may run on another machine, or cannot be seen from here.
    """
    here = current_holder()
    if _is_same_boot(holder, here):
        if holder.pid_namespace != here.pid_namespace:
            return False
        return not _exists(holder)
    return _is_same_machine(holder, here) and holder.boot_id != here.boot_id


def is_alive(holder: Holder) -> bool:
    """Tell whether a holder's process is seen to exist here; it may still hang."""
    here = current_holder()
    if not _is_same_boot(holder, here) or holder.pid_namespace != here.pid_namespace:
        return False
    return _exists(holder)


def describe_holder(holder: Holder) -> str:
    """Name a holder for people."""
    return f"pid {holder.pid} on {holder.host.partition('/')[0]}"


def _is_same_boot(one: Holder, other: Holder) -> bool:
    if one.boot_id or other.boot_id:
        return one.boot_id == other.boot_id
    return one.host == other.host


def _is_same_machine(one: Holder, other: Holder) -> bool:
    """Names alone prove nothing: two containers may have the same one."""
    return one.host == other.host and "/" in one.host and bool(one.boot_id and other.boot_id)


def _exists(holder: Holder) -> bool:
    if _WINDOWS:
        return True  # there, asking by a signal would end the process
    try:
        os.kill(holder.pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass  # another user's
    seen = _start_time(holder.pid)
    return seen is None or not holder.start_time or seen == holder.start_time


def _read(path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return ""


def _ask(*command: str) -> str:
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=5, check=False)
    except (OSError, subprocess.SubprocessError):
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""


def _machine_id() -> str:
    """Return what tells two machines of one name apart; empty where nothing does."""
    if _LINUX:
        return _read("/etc/machine-id")[:12]
    return "" if _WINDOWS else _ask("sysctl", "-n", "kern.uuid")[:12]


def _boot_id() -> str:
    if _LINUX:
        return _read("/proc/sys/kernel/random/boot_id")
    return "" if _WINDOWS else _ask("sysctl", "-n", "kern.bootsessionuuid")


def _pid_namespace() -> str:
    try:
        return os.readlink("/proc/self/ns/pid") if _LINUX else ""
    except OSError:
        return ""


def _start_time(pid: int) -> str | None:
    """Return when a process started, ``"ended"`` for one that only waits to be collected.

    None: it cannot be seen.
    """
    if _LINUX:
        # The name stands in brackets and may hold anything.
        fields = _read(f"/proc/{pid}/stat").rpartition(")")[2].split()
        if len(fields) < 20:
            return None
        return "ended" if fields[0] in "ZX" else fields[19]
    return None if _WINDOWS else _ask("ps", "-o", "lstart=", "-p", str(pid)) or None
