"""The sections of ``plugwork.yaml`` that are the kernel's own, and the defaults they have."""

from __future__ import annotations

import operator
from collections.abc import Mapping
from typing import Any

import attrs

from plugwork.config import types
from plugwork.config.choice import Enum, EnumValue
from plugwork.config.containers import Array, Noneable, ScalarUnion
from plugwork.config.durations import Duration
from plugwork.config.rules import Rule, Ruled
from plugwork.config.schema import Field, Permissive, Selector, Shape
from plugwork.config.types import NO_DEFAULT, ConfigType


@attrs.frozen(kw_only=True)
class Leases:
    """How soon a worker that no longer beats loses its run; in seconds."""

    ttl: float = 15.0
    heartbeat: float = 5.0
    reap: float = 5.0

    @classmethod
    def from_section(cls, section: Mapping[str, Any]) -> Leases:
        """Make it of the section; what is not given follows a short ttl.

        :raises ValueError: when a lease would expire between two heartbeats.
        """
        ttl = section["ttl"]
        usual = min(5.0, ttl / 3)  # three beats must fit into one ttl
        heartbeat, reap = section.get("heartbeat", usual), section.get("reap", usual)
        if heartbeat >= ttl:
            raise ValueError(f"heartbeat ({heartbeat:g}s) must be below ttl ({ttl:g}s)")
        return cls(ttl=ttl, heartbeat=heartbeat, reap=reap)


def _least(inner: ConfigType, bound: float) -> Ruled:
    rule = Rule(f">= {bound:g}", lambda value: operator.ge(value, bound), {"minimum": bound})
    return Ruled(inner, [rule])


def _more_than_zero(inner: ConfigType) -> Ruled:
    return Ruled(inner, [Rule("> 0", lambda value: value > 0, {"exclusiveMinimum": 0})])


def _most(inner: ConfigType, bound: float) -> Ruled:
    rule = Rule(f"<= {bound:g}", lambda value: operator.le(value, bound), {"maximum": bound})
    return Ruled(inner, [rule])


def _told(config: ConfigType, description: str, default: object = NO_DEFAULT) -> Field:
    return Field(config, default_value=default, description=description)


_COUNT = _least(types.Int, 0)
_THREADS = Noneable(_least(types.Int, 1))
_DAYS = _least(types.Int, -1)
_SPAN = _least(Duration, 0)
_INTERVAL = _more_than_zero(Duration)
_LIMIT = Noneable(_most(_COUNT, 1000))

#: The form that names a class instead of a component: :class:`plugwork.abc.ConfigurableClass`.
CLASS_FORM = Shape(
    {
        "module": _told(types.String, "the module to import"),
        "class": _told(types.String, "a ConfigurableClass in it"),
        "config": Field(Permissive(), description="its config"),
    }
)

_LEASES = Shape(
    {
        "ttl": _told(_INTERVAL, "a lease not renewed for so long has expired", 15),
        "heartbeat": Field(
            _INTERVAL, is_required=False, description="how often it is renewed; 5s, or ttl / 3"
        ),
        "reap": Field(
            _INTERVAL, is_required=False, description="between two looks for expired ones"
        ),
    }
)


def _purge(skipped: int) -> Field:
    by_outcome = {
        "skipped": _told(_DAYS, "ticks that asked for nothing", skipped),
        "success": _told(_DAYS, "ticks that asked for runs", -1),
        "failure": _told(_DAYS, "ticks that failed", -1),
        "started": _told(_DAYS, "ticks that never ended", -1),
    }
    days = _told(ScalarUnion(_DAYS, by_outcome), "days; -1 keeps them", {})
    return Field(Shape({"purge_after_days": days}), description="how long its ticks are kept")


_TAG_LIMITS = Array(
    {
        "key": _told(types.String, "the tag"),
        "value": Field(
            ScalarUnion(types.String, {"applyLimitPerUniqueValue": types.Bool}),
            is_required=False,
            description="its value; without one, all values together",
        ),
        "limit": _told(_COUNT, "runs at a time"),
    }
)

_RUN_QUEUE = Shape(
    {
        "max_concurrent_runs": _told(_least(types.Int, -1), "runs at a time; -1: any number", 10),
        "tag_concurrency_limits": _told(_TAG_LIMITS, "limits of runs by tag", []),
        "dequeue_interval_seconds": _told(_INTERVAL, "between two looks at the queue", 5),
        "dequeue_use_threads": _told(types.Bool, "whether runs are launched in parallel", False),
        "dequeue_num_workers": _told(_THREADS, "threads that launch"),
        "max_user_code_failure_retries": _told(_COUNT, "when the code cannot be reached", 0),
        "user_code_failure_retry_delay": _told(_SPAN, "how long its location pauses", 60),
        "block_op_concurrency_limited_runs": _told(
            Shape(
                {
                    "enabled": _told(types.Bool, "whether it is done", True),
                    "op_concurrency_slot_buffer": _told(_COUNT, "runs beyond the slots", 0),
                }
            ),
            "leave runs queued whose first steps all wait for pools",
        ),
    }
)

_CONCURRENCY = Shape(
    {
        "pools": {
            "default_limit": _told(_LIMIT, "for pools without a limit of their own"),
            "granularity": _told(
                Enum("granularity", [EnumValue("run"), EnumValue("op")]), "what takes a slot", "op"
            ),
            "op_granularity_run_buffer": _told(Noneable(_COUNT), "runs beyond the slots"),
        },
        "runs": {
            "max_concurrent_runs": _told(
                Noneable(_least(types.Int, -1)), "runs at a time; -1: any number"
            ),
            "tag_concurrency_limits": _told(_TAG_LIMITS, "limits of runs by tag", []),
        },
        "default_op_concurrency_limit": _told(_LIMIT, "deprecated: pools.default_limit"),
    }
)

_RUN_MONITORING = Shape(
    {
        "enabled": _told(types.Bool, "kept for older files: monitoring is always on", False),
        "start_timeout_seconds": _told(_SPAN, "until a launched run must start", 180),
        "cancel_timeout_seconds": _told(_SPAN, "until a canceled run must end", 180),
        "max_runtime_seconds": _told(_SPAN, "0: no limit", 0),
        "max_resume_run_attempts": _told(_COUNT, "new workers for a run that lost its own", 0),
        "poll_interval_seconds": _told(_INTERVAL, "between two looks", 120),
        "cancellation_thread_poll_interval_seconds": _told(_INTERVAL, "in the run worker", 10),
        "free_slots_after_run_end_seconds": _told(
            Noneable(_SPAN), "until the slots of an ended run are freed"
        ),
    }
)

_RUN_RETRIES = Shape(
    {
        "enabled": _told(types.Bool, "whether failed runs are run again", False),
        "max_retries": _told(_COUNT, "for runs that do not say", 0),
        "retry_on_asset_or_op_failure": _told(types.Bool, "or only when the worker was lost", True),
    }
)

_CODE_SERVERS = Shape(
    {
        "local_startup_timeout": _told(_INTERVAL, "until it must answer", 180),
        "reload_timeout": _told(_INTERVAL, "until the code must be loaded again", 180),
        "wait_for_local_processes_on_shutdown": _told(types.Bool, "end only after them", False),
    }
)

_PYTHON_LOGS = Shape(
    {
        "managed_python_loggers": _told(Array(types.String), "loggers that are captured", []),
        "python_log_level": _told(Noneable(types.String), "the least level that is"),
        "handler_config": _told(
            Noneable(
                {"handlers": Permissive(), "formatters": Permissive(), "filters": Permissive()}
            ),
            "further handlers, as logging.config.dictConfig has them",
        ),
    }
)

_WORKERS = Shape(
    {
        "use_threads": _told(types.Bool, "whether it is done in parallel", False),
        "num_workers": _told(_THREADS, "threads that evaluate"),
        "num_submit_workers": _told(_THREADS, "threads that submit runs"),
    }
)

SECTIONS: Mapping[str, Field] = {
    "durability": _told(
        Enum("durability", [EnumValue("normal"), EnumValue("full")]),
        "normal survives a killed process, full a power failure too",
        "normal",
    ),
    "leases": _told(_LEASES, "how soon a lost worker is found"),
    "retention": _told(
        Shape({"schedule": _purge(-1), "sensor": _purge(7), "auto_materialize": _purge(-1)}),
        "how long ticks are kept",
    ),
    "run_queue": Field(
        _RUN_QUEUE, is_required=False, description="settings of the queued coordinator"
    ),
    "concurrency": _told(_CONCURRENCY, "how much goes on at a time"),
    "run_monitoring": _told(_RUN_MONITORING, "when a run that does not move is given up"),
    "run_retries": _told(_RUN_RETRIES, "whether a failed run is run again"),
    "code_servers": _told(_CODE_SERVERS, "how long code servers may take"),
    "python_logs": _told(_PYTHON_LOGS, "what Python logging adds to a run's events"),
    "schedules": _told(_WORKERS, "how due schedules are evaluated"),
    "sensors": _told(_WORKERS, "how due sensors are evaluated"),
    "backfills": _told(_WORKERS, "how backfills are advanced"),
    "secrets": Field(
        Selector({"custom": CLASS_FORM}),
        is_required=False,
        description="a class that brings environment variables",
    ),
}
