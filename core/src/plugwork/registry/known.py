"""What is to be installed for a name that is not: known without asking anyone."""

from __future__ import annotations

#: Kind and name -> distribution; sorted.
DISTRIBUTIONS: dict[tuple[str, str], str] = {
    ("compute_log_manager", "local"): "plugwork-local",
    ("compute_log_manager", "none"): "plugwork-local",
    ("coordinator", "immediate"): "plugwork-local",
    ("coordinator", "queued"): "plugwork-queue",
    ("executor", "async"): "plugwork-inprocess",
    ("executor", "celery"): "plugwork-celery",
    ("executor", "dask"): "plugwork-dask",
    ("executor", "in_process"): "plugwork-inprocess",
    ("executor", "multiprocess"): "plugwork-multiprocess",
    ("executor", "ray"): "plugwork-ray",
    ("executor", "threads"): "plugwork-inprocess",
    ("file_manager", "azure"): "'plugwork-fsspec[azure]'",
    ("file_manager", "gcs"): "'plugwork-fsspec[gcs]'",
    ("file_manager", "local"): "plugwork-local",
    ("file_manager", "s3"): "'plugwork-fsspec[s3]'",
    ("launcher", "code_server"): "plugwork-grpc",
    ("launcher", "in_process"): "plugwork-local",
    ("launcher", "subprocess"): "plugwork-local",
    ("scheduler", "daemon"): "plugwork-daemon",
    ("storage", "memory"): "plugwork-memory",
    ("storage", "mysql"): "plugwork-mysql",
    ("storage", "postgres"): "plugwork-postgres",
    ("storage", "sqlite"): "plugwork-sqlite",
}

#: Public names of ``plugwork`` that plugins bring -> the distribution of ours that does.
NAMES: dict[str, str] = {
    "FilesystemIOManager": "plugwork-local",
    "LocalFileHandle": "plugwork-local",
    "async_executor": "plugwork-inprocess",
    "fs_io_manager": "plugwork-local",
    "in_process_executor": "plugwork-inprocess",
    "local_file_manager": "plugwork-local",
    "multiprocess_executor": "plugwork-multiprocess",
    "threads_executor": "plugwork-inprocess",
}
