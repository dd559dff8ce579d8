"""The closed sets: statuses, event types, reasons."""

from __future__ import annotations

from enum import StrEnum


class RunStatus(StrEnum):
    """Where a run stands. Derived from its events; nobody writes it directly."""

    QUEUED = "QUEUED"
    NOT_STARTED = "NOT_STARTED"
    MANAGED = "MANAGED"
    STARTING = "STARTING"
    STARTED = "STARTED"
    SUSPENDED = "SUSPENDED"
    SUCCESS = "SUCCESS"
    FAILURE = "FAILURE"
    CANCELING = "CANCELING"
    CANCELED = "CANCELED"


#: Final: no event changes them.
FINISHED_STATUSES = frozenset({RunStatus.SUCCESS, RunStatus.FAILURE, RunStatus.CANCELED})
#: A run in one of these holds a place among the concurrent runs.
ACTIVE_STATUSES = frozenset({RunStatus.STARTING, RunStatus.STARTED, RunStatus.CANCELING})
IN_PROGRESS_STATUSES = ACTIVE_STATUSES | {RunStatus.SUSPENDED}
NOT_FINISHED_STATUSES = IN_PROGRESS_STATUSES | {RunStatus.QUEUED, RunStatus.NOT_STARTED}
CANCELABLE_STATUSES = frozenset({RunStatus.STARTED, RunStatus.QUEUED})


class EventType(StrEnum):
    """What happened. The values are stored text and never change."""

    RUN_ENQUEUED = "RUN_ENQUEUED"
    RUN_DEQUEUED = "RUN_DEQUEUED"
    RUN_STARTING = "RUN_STARTING"
    RUN_START = "RUN_START"
    RUN_SUCCESS = "RUN_SUCCESS"
    RUN_FAILURE = "RUN_FAILURE"
    RUN_CANCELING = "RUN_CANCELING"
    RUN_CANCELED = "RUN_CANCELED"
    RUN_SUSPENDED = "RUN_SUSPENDED"
    RUN_RESUMED = "RUN_RESUMED"
    STEP_WORKER_STARTING = "STEP_WORKER_STARTING"
    STEP_WORKER_STARTED = "STEP_WORKER_STARTED"
    RESOURCE_INIT_STARTED = "RESOURCE_INIT_STARTED"
    RESOURCE_INIT_SUCCESS = "RESOURCE_INIT_SUCCESS"
    RESOURCE_INIT_FAILURE = "RESOURCE_INIT_FAILURE"
    LOGS_CAPTURED = "LOGS_CAPTURED"
    STEP_START = "STEP_START"
    STEP_RESTARTED = "STEP_RESTARTED"
    STEP_UP_FOR_RETRY = "STEP_UP_FOR_RETRY"
    LOADED_INPUT = "LOADED_INPUT"
    STEP_INPUT = "STEP_INPUT"
    STEP_OUTPUT = "STEP_OUTPUT"
    HANDLED_OUTPUT = "HANDLED_OUTPUT"
    STEP_SUCCESS = "STEP_SUCCESS"
    STEP_FAILURE = "STEP_FAILURE"
    STEP_SKIPPED = "STEP_SKIPPED"
    STEP_EXPECTATION_RESULT = "STEP_EXPECTATION_RESULT"
    ASSET_MATERIALIZATION = "ASSET_MATERIALIZATION"
    ASSET_OBSERVATION = "ASSET_OBSERVATION"
    ASSET_MATERIALIZATION_PLANNED = "ASSET_MATERIALIZATION_PLANNED"
    ASSET_FAILED_TO_MATERIALIZE = "ASSET_FAILED_TO_MATERIALIZE"
    ASSET_WIPED = "ASSET_WIPED"
    ASSET_CHECK_EVALUATION_PLANNED = "ASSET_CHECK_EVALUATION_PLANNED"
    ASSET_CHECK_EVALUATION = "ASSET_CHECK_EVALUATION"
    HOOK_COMPLETED = "HOOK_COMPLETED"
    HOOK_SKIPPED = "HOOK_SKIPPED"
    HOOK_ERRORED = "HOOK_ERRORED"
    ENGINE_EVENT = "ENGINE_EVENT"


RUN_EVENTS = frozenset(t for t in EventType if t.startswith("RUN_"))
#: A storage finds them over all runs, by their type.
LISTED_EVENTS = RUN_EVENTS | {EventType.ASSET_MATERIALIZATION, EventType.ASSET_OBSERVATION}
MARKER_EVENTS = frozenset(
    {
        EventType.ENGINE_EVENT,
        EventType.STEP_WORKER_STARTING,
        EventType.STEP_WORKER_STARTED,
        EventType.RESOURCE_INIT_STARTED,
        EventType.RESOURCE_INIT_SUCCESS,
        EventType.RESOURCE_INIT_FAILURE,
    }
)
HOOK_EVENTS = frozenset(t for t in EventType if t.startswith("HOOK_"))
STEP_EVENTS = frozenset(
    {
        EventType.STEP_START,
        EventType.STEP_RESTARTED,
        EventType.STEP_UP_FOR_RETRY,
        EventType.LOADED_INPUT,
        EventType.STEP_INPUT,
        EventType.STEP_OUTPUT,
        EventType.HANDLED_OUTPUT,
        EventType.ASSET_MATERIALIZATION,
        EventType.ASSET_OBSERVATION,
        EventType.ASSET_CHECK_EVALUATION,
        EventType.STEP_EXPECTATION_RESULT,
        EventType.STEP_SUCCESS,
        EventType.STEP_FAILURE,
        EventType.STEP_SKIPPED,
    }
)
FAILURE_EVENTS = frozenset(
    {
        EventType.RUN_FAILURE,
        EventType.RUN_CANCELED,
        EventType.STEP_FAILURE,
        EventType.HOOK_ERRORED,
        EventType.RESOURCE_INIT_FAILURE,
    }
)
#: Ends an attempt of a step.
ATTEMPT_END_EVENTS = frozenset(
    {EventType.STEP_SUCCESS, EventType.STEP_FAILURE, EventType.STEP_UP_FOR_RETRY}
)


class RunFailureReason(StrEnum):
    """Why a run failed."""

    UNEXPECTED_TERMINATION = "UNEXPECTED_TERMINATION"
    RUN_EXCEPTION = "RUN_EXCEPTION"
    STEP_FAILURE = "STEP_FAILURE"
    JOB_INITIALIZATION_FAILURE = "JOB_INITIALIZATION_FAILURE"
    START_TIMEOUT = "START_TIMEOUT"
    RUN_WORKER_RESTART = "RUN_WORKER_RESTART"
    UNKNOWN = "UNKNOWN"

    @classmethod
    def _missing_(cls, value: object) -> RunFailureReason:
        # A newer release may have stored a reason that this one does not know.
        return cls.UNKNOWN


class ErrorSource(StrEnum):
    """Whose code a step's error came from."""

    USER_CODE_ERROR = "USER_CODE_ERROR"
    FRAMEWORK_ERROR = "FRAMEWORK_ERROR"
    UNEXPECTED_ERROR = "UNEXPECTED_ERROR"
    INTERRUPT = "INTERRUPT"


class ReexecutionStrategy(StrEnum):
    """Which steps of a run a new run does again."""

    ALL_STEPS = "ALL_STEPS"
    FROM_FAILURE = "FROM_FAILURE"


class StepStatus(StrEnum):
    """Where a step, or one attempt of it, stands."""

    IN_PROGRESS = "IN_PROGRESS"
    SUCCESS = "SUCCESS"
    FAILURE = "FAILURE"
    SKIPPED = "SKIPPED"
    UP_FOR_RETRY = "UP_FOR_RETRY"
