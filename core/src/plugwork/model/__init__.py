"""Records, enums and their stored form. Every name here is public, and found lazily."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plugwork._lazy import lazily

if TYPE_CHECKING:
    from plugwork.model.asset_payloads import (
        AssetMaterializationPlannedData as AssetMaterializationPlannedData,
    )
    from plugwork.model.asset_payloads import (
        AssetObservationData as AssetObservationData,
    )
    from plugwork.model.asset_payloads import (
        StepMaterializationData as StepMaterializationData,
    )
    from plugwork.model.assets import (
        AssetKey as AssetKey,
    )
    from plugwork.model.assets import (
        AssetMaterialization as AssetMaterialization,
    )
    from plugwork.model.assets import (
        AssetObservation as AssetObservation,
    )
    from plugwork.model.automation import (
        SCHEDULE_NAME_TAG as SCHEDULE_NAME_TAG,
    )
    from plugwork.model.automation import (
        SENSOR_NAME_TAG as SENSOR_NAME_TAG,
    )
    from plugwork.model.automation import (
        AddDynamicPartitionsRequest as AddDynamicPartitionsRequest,
    )
    from plugwork.model.automation import (
        DeleteDynamicPartitionsRequest as DeleteDynamicPartitionsRequest,
    )
    from plugwork.model.automation import (
        RunRequest as RunRequest,
    )
    from plugwork.model.batch import (
        Appended as Appended,
    )
    from plugwork.model.batch import (
        Batch as Batch,
    )
    from plugwork.model.batch import (
        guard as guard,
    )
    from plugwork.model.code_ref import (
        CodeRef as CodeRef,
    )
    from plugwork.model.code_ref import (
        JobOrigin as JobOrigin,
    )
    from plugwork.model.cursor import (
        Cursor as Cursor,
    )
    from plugwork.model.data_version import (
        DataVersion as DataVersion,
    )
    from plugwork.model.debug_run import (
        DebugRunPayload as DebugRunPayload,
    )
    from plugwork.model.deriving import (
        Derived as Derived,
    )
    from plugwork.model.deriving import (
        add_to_summary as add_to_summary,
    )
    from plugwork.model.deriving import (
        derive as derive,
    )
    from plugwork.model.deriving import (
        merge_attempt as merge_attempt,
    )
    from plugwork.model.enums import (
        ACTIVE_STATUSES as ACTIVE_STATUSES,
    )
    from plugwork.model.enums import (
        CANCELABLE_STATUSES as CANCELABLE_STATUSES,
    )
    from plugwork.model.enums import (
        FINISHED_STATUSES as FINISHED_STATUSES,
    )
    from plugwork.model.enums import (
        IN_PROGRESS_STATUSES as IN_PROGRESS_STATUSES,
    )
    from plugwork.model.enums import (
        LISTED_EVENTS as LISTED_EVENTS,
    )
    from plugwork.model.enums import (
        NOT_FINISHED_STATUSES as NOT_FINISHED_STATUSES,
    )
    from plugwork.model.enums import (
        ErrorSource as ErrorSource,
    )
    from plugwork.model.enums import (
        EventType as EventType,
    )
    from plugwork.model.enums import (
        ReexecutionStrategy as ReexecutionStrategy,
    )
    from plugwork.model.enums import (
        RunFailureReason as RunFailureReason,
    )
    from plugwork.model.enums import (
        RunStatus as RunStatus,
    )
    from plugwork.model.enums import (
        StepStatus as StepStatus,
    )
    from plugwork.model.envelope import (
        Columns as Columns,
    )
    from plugwork.model.envelope import (
        EncodedEntry as EncodedEntry,
    )
    from plugwork.model.envelope import (
        Row as Row,
    )
    from plugwork.model.envelope import (
        columns_of as columns_of,
    )
    from plugwork.model.envelope import (
        encode_entry as encode_entry,
    )
    from plugwork.model.envelope import (
        from_row as from_row,
    )
    from plugwork.model.envelope import (
        to_row as to_row,
    )
    from plugwork.model.error_info import (
        SerializableErrorInfo as SerializableErrorInfo,
    )
    from plugwork.model.evaluations import (
        RunReaction as RunReaction,
    )
    from plugwork.model.evaluations import (
        ScheduleExecutionData as ScheduleExecutionData,
    )
    from plugwork.model.evaluations import (
        SensorExecutionData as SensorExecutionData,
    )
    from plugwork.model.event import (
        Event as Event,
    )
    from plugwork.model.event import (
        EventLogConnection as EventLogConnection,
    )
    from plugwork.model.event import (
        EventLogEntry as EventLogEntry,
    )
    from plugwork.model.event import (
        EventLogRecord as EventLogRecord,
    )
    from plugwork.model.event_filters import (
        AssetRecordsFilter as AssetRecordsFilter,
    )
    from plugwork.model.event_filters import (
        EventRecordsFilter as EventRecordsFilter,
    )
    from plugwork.model.event_filters import (
        EventRecordsResult as EventRecordsResult,
    )
    from plugwork.model.event_filters import (
        RunShardedEventsCursor as RunShardedEventsCursor,
    )
    from plugwork.model.event_filters import (
        RunStatusChangeRecordsFilter as RunStatusChangeRecordsFilter,
    )
    from plugwork.model.lease import (
        Holder as Holder,
    )
    from plugwork.model.lease import (
        Lease as Lease,
    )
    from plugwork.model.lease import (
        LeaseKind as LeaseKind,
    )
    from plugwork.model.metadata import (
        AssetMetadataValue as AssetMetadataValue,
    )
    from plugwork.model.metadata import (
        BoolMetadataValue as BoolMetadataValue,
    )
    from plugwork.model.metadata import (
        FloatMetadataValue as FloatMetadataValue,
    )
    from plugwork.model.metadata import (
        IntMetadataValue as IntMetadataValue,
    )
    from plugwork.model.metadata import (
        JobMetadataValue as JobMetadataValue,
    )
    from plugwork.model.metadata import (
        JsonMetadataValue as JsonMetadataValue,
    )
    from plugwork.model.metadata import (
        MarkdownMetadataValue as MarkdownMetadataValue,
    )
    from plugwork.model.metadata import (
        MetadataValue as MetadataValue,
    )
    from plugwork.model.metadata import (
        NotebookMetadataValue as NotebookMetadataValue,
    )
    from plugwork.model.metadata import (
        NullMetadataValue as NullMetadataValue,
    )
    from plugwork.model.metadata import (
        PathMetadataValue as PathMetadataValue,
    )
    from plugwork.model.metadata import (
        PoolMetadataValue as PoolMetadataValue,
    )
    from plugwork.model.metadata import (
        PythonArtifactMetadataValue as PythonArtifactMetadataValue,
    )
    from plugwork.model.metadata import (
        RunMetadataValue as RunMetadataValue,
    )
    from plugwork.model.metadata import (
        TextMetadataValue as TextMetadataValue,
    )
    from plugwork.model.metadata import (
        TimestampMetadataValue as TimestampMetadataValue,
    )
    from plugwork.model.metadata import (
        UrlMetadataValue as UrlMetadataValue,
    )
    from plugwork.model.metadata import (
        normalize_metadata as normalize_metadata,
    )
    from plugwork.model.payloads import (
        ComputeLogsCaptureData as ComputeLogsCaptureData,
    )
    from plugwork.model.payloads import (
        EngineEventData as EngineEventData,
    )
    from plugwork.model.payloads import (
        HandledOutputData as HandledOutputData,
    )
    from plugwork.model.payloads import (
        HookErroredData as HookErroredData,
    )
    from plugwork.model.payloads import (
        LoadedInputData as LoadedInputData,
    )
    from plugwork.model.payloads import (
        LogRange as LogRange,
    )
    from plugwork.model.payloads import (
        StepFailureData as StepFailureData,
    )
    from plugwork.model.payloads import (
        StepInputData as StepInputData,
    )
    from plugwork.model.payloads import (
        StepOutputData as StepOutputData,
    )
    from plugwork.model.payloads import (
        StepOutputHandle as StepOutputHandle,
    )
    from plugwork.model.payloads import (
        StepRetryData as StepRetryData,
    )
    from plugwork.model.payloads import (
        StepSuccessData as StepSuccessData,
    )
    from plugwork.model.payloads import (
        TypeCheckData as TypeCheckData,
    )
    from plugwork.model.payloads import (
        UserFailureData as UserFailureData,
    )
    from plugwork.model.pools import (
        CLAIM_PATIENCE as CLAIM_PATIENCE,
    )
    from plugwork.model.pools import (
        ClaimedSlotInfo as ClaimedSlotInfo,
    )
    from plugwork.model.pools import (
        ConcurrencyClaimStatus as ConcurrencyClaimStatus,
    )
    from plugwork.model.pools import (
        ConcurrencyKeyInfo as ConcurrencyKeyInfo,
    )
    from plugwork.model.pools import (
        ConcurrencySlotStatus as ConcurrencySlotStatus,
    )
    from plugwork.model.pools import (
        PendingStepInfo as PendingStepInfo,
    )
    from plugwork.model.pools import (
        PoolLimit as PoolLimit,
    )
    from plugwork.model.pools import (
        check_pool_limit as check_pool_limit,
    )
    from plugwork.model.pools import (
        check_priority as check_priority,
    )
    from plugwork.model.record import (
        Record as Record,
    )
    from plugwork.model.record import (
        deserialize_value as deserialize_value,
    )
    from plugwork.model.record import (
        replace as replace,
    )
    from plugwork.model.record import (
        serialize_value as serialize_value,
    )
    from plugwork.model.run import (
        FAILURE_REASON_TAG as FAILURE_REASON_TAG,
    )
    from plugwork.model.run import (
        MAX_RUNTIME_SECONDS_TAG as MAX_RUNTIME_SECONDS_TAG,
    )
    from plugwork.model.run import (
        PARENT_RUN_ID_TAG as PARENT_RUN_ID_TAG,
    )
    from plugwork.model.run import (
        RESUME_RETRY_TAG as RESUME_RETRY_TAG,
    )
    from plugwork.model.run import (
        ROOT_RUN_ID_TAG as ROOT_RUN_ID_TAG,
    )
    from plugwork.model.run import (
        FailureSummary as FailureSummary,
    )
    from plugwork.model.run import (
        Run as Run,
    )
    from plugwork.model.run import (
        RunRecord as RunRecord,
    )
    from plugwork.model.run import (
        RunsFilter as RunsFilter,
    )
    from plugwork.model.run import (
        RunStats as RunStats,
    )
    from plugwork.model.run import (
        RunSummary as RunSummary,
    )
    from plugwork.model.run import (
        StepAttempt as StepAttempt,
    )
    from plugwork.model.run import (
        StepStats as StepStats,
    )
    from plugwork.model.run import (
        check_run_id as check_run_id,
    )
    from plugwork.model.run import (
        make_run_id as make_run_id,
    )
    from plugwork.model.run_payloads import (
        RunCanceledData as RunCanceledData,
    )
    from plugwork.model.run_payloads import (
        RunEnqueuedData as RunEnqueuedData,
    )
    from plugwork.model.run_payloads import (
        RunFailureData as RunFailureData,
    )
    from plugwork.model.state import (
        next_status as next_status,
    )
    from plugwork.model.table import (
        TableColumn as TableColumn,
    )
    from plugwork.model.table import (
        TableColumnConstraints as TableColumnConstraints,
    )
    from plugwork.model.table import (
        TableColumnDep as TableColumnDep,
    )
    from plugwork.model.table import (
        TableColumnLineage as TableColumnLineage,
    )
    from plugwork.model.table import (
        TableColumnLineageMetadataValue as TableColumnLineageMetadataValue,
    )
    from plugwork.model.table import (
        TableConstraints as TableConstraints,
    )
    from plugwork.model.table import (
        TableMetadataValue as TableMetadataValue,
    )
    from plugwork.model.table import (
        TableRecord as TableRecord,
    )
    from plugwork.model.table import (
        TableSchema as TableSchema,
    )
    from plugwork.model.table import (
        TableSchemaMetadataValue as TableSchemaMetadataValue,
    )
    from plugwork.model.tag_limits import (
        TagCounts as TagCounts,
    )
    from plugwork.model.tag_limits import (
        TagLimit as TagLimit,
    )

__getattr__, __dir__, __all__ = lazily(
    globals(),
    {
        ".asset_payloads": (
            "AssetMaterializationPlannedData",
            "AssetObservationData",
            "StepMaterializationData",
        ),
        ".assets": (
            "AssetKey",
            "AssetMaterialization",
            "AssetObservation",
        ),
        ".automation": (
            "AddDynamicPartitionsRequest",
            "DeleteDynamicPartitionsRequest",
            "RunRequest",
            "SCHEDULE_NAME_TAG",
            "SENSOR_NAME_TAG",
        ),
        ".batch": (
            "Appended",
            "Batch",
            "guard",
        ),
        ".code_ref": (
            "CodeRef",
            "JobOrigin",
        ),
        ".cursor": ("Cursor",),
        ".event_filters": (
            "AssetRecordsFilter",
            "EventRecordsFilter",
            "EventRecordsResult",
            "RunShardedEventsCursor",
            "RunStatusChangeRecordsFilter",
        ),
        ".table": (
            "TableColumn",
            "TableColumnConstraints",
            "TableColumnDep",
            "TableColumnLineage",
            "TableColumnLineageMetadataValue",
            "TableConstraints",
            "TableMetadataValue",
            "TableRecord",
            "TableSchema",
            "TableSchemaMetadataValue",
        ),
        ".data_version": ("DataVersion",),
        ".debug_run": ("DebugRunPayload",),
        ".deriving": (
            "Derived",
            "add_to_summary",
            "derive",
            "merge_attempt",
        ),
        ".enums": (
            "ACTIVE_STATUSES",
            "CANCELABLE_STATUSES",
            "ErrorSource",
            "EventType",
            "FINISHED_STATUSES",
            "IN_PROGRESS_STATUSES",
            "LISTED_EVENTS",
            "NOT_FINISHED_STATUSES",
            "ReexecutionStrategy",
            "RunFailureReason",
            "RunStatus",
            "StepStatus",
        ),
        ".envelope": (
            "Columns",
            "EncodedEntry",
            "Row",
            "columns_of",
            "encode_entry",
            "from_row",
            "to_row",
        ),
        ".error_info": ("SerializableErrorInfo",),
        ".evaluations": (
            "RunReaction",
            "ScheduleExecutionData",
            "SensorExecutionData",
        ),
        ".event": (
            "Event",
            "EventLogConnection",
            "EventLogEntry",
            "EventLogRecord",
        ),
        ".lease": (
            "Holder",
            "Lease",
            "LeaseKind",
        ),
        ".metadata": (
            "AssetMetadataValue",
            "BoolMetadataValue",
            "FloatMetadataValue",
            "IntMetadataValue",
            "JobMetadataValue",
            "JsonMetadataValue",
            "MarkdownMetadataValue",
            "MetadataValue",
            "NotebookMetadataValue",
            "NullMetadataValue",
            "PathMetadataValue",
            "PoolMetadataValue",
            "PythonArtifactMetadataValue",
            "RunMetadataValue",
            "TextMetadataValue",
            "TimestampMetadataValue",
            "UrlMetadataValue",
            "normalize_metadata",
        ),
        ".payloads": (
            "ComputeLogsCaptureData",
            "EngineEventData",
            "HandledOutputData",
            "HookErroredData",
            "LoadedInputData",
            "LogRange",
            "StepFailureData",
            "StepInputData",
            "StepOutputData",
            "StepOutputHandle",
            "StepRetryData",
            "StepSuccessData",
            "TypeCheckData",
            "UserFailureData",
        ),
        ".pools": (
            "CLAIM_PATIENCE",
            "ClaimedSlotInfo",
            "ConcurrencyClaimStatus",
            "ConcurrencyKeyInfo",
            "ConcurrencySlotStatus",
            "PendingStepInfo",
            "PoolLimit",
            "check_pool_limit",
            "check_priority",
        ),
        ".record": (
            "Record",
            "deserialize_value",
            "replace",
            "serialize_value",
        ),
        ".run": (
            "FAILURE_REASON_TAG",
            "FailureSummary",
            "MAX_RUNTIME_SECONDS_TAG",
            "PARENT_RUN_ID_TAG",
            "RESUME_RETRY_TAG",
            "ROOT_RUN_ID_TAG",
            "Run",
            "RunRecord",
            "RunStats",
            "RunSummary",
            "RunsFilter",
            "StepAttempt",
            "StepStats",
            "check_run_id",
            "make_run_id",
        ),
        ".run_payloads": (
            "RunCanceledData",
            "RunEnqueuedData",
            "RunFailureData",
        ),
        ".state": ("next_status",),
        ".tag_limits": (
            "TagCounts",
            "TagLimit",
        ),
    },
)
