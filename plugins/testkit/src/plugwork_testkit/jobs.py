"""Jobs for the tests of components that execute runs; other processes import them from here."""

from __future__ import annotations

import threading
from pathlib import Path

from plugwork import Config, Instance, JobDefinition, RetryPolicy, Run, job, op
from plugwork.model import CodeRef, JobOrigin

#: Real seconds between two looks for a file.
GLANCE = 0.01


class Signposts(Config):
    """Files with which a test and an op tell each other how far they are."""

    #: Made by the op when it begins.
    started: str
    #: Made by the test when the op may end.
    go_on: str
    #: Made by the op whatever ends it.
    ended: str

    @classmethod
    def in_folder(cls, folder: Path) -> Signposts:
        names = ("started", "go_on", "ended")
        return cls(**{name: str(folder / name) for name in names})

    def run_config(self, op_name: str) -> dict[str, object]:
        """Return the run config of a job of one op that takes these."""
        values = {"started": self.started, "go_on": self.go_on, "ended": self.ended}
        return {"ops": {op_name: {"config": values}}}


@op
def one() -> int:
    return 1


@op
def add_one(number: int) -> int:
    return number + 1


@op
def fails() -> None:
    raise ValueError("this op fails")


@op
def waits(config: Signposts) -> None:
    try:
        # Within: who sees the file may interrupt at once.
        Path(config.started).touch()
        while not Path(config.go_on).exists():
            threading.Event().wait(GLANCE)
    finally:
        Path(config.ended).touch()


@op
def stubborn(config: Signposts) -> None:
    while True:
        try:
            Path(config.started).touch()
            while not Path(config.go_on).exists():
                threading.Event().wait(GLANCE)
            return
        except BaseException:  # noqa: BLE001 - this is what the op is for
            Path(config.ended).touch()


@job
def quick() -> None:
    add_one(one())


@job
def failing() -> None:
    fails()


@job
def waiting() -> None:
    waits()


@job
def unstoppable() -> None:
    stubborn()


@job(op_retry_policy=RetryPolicy(max_retries=3))
def waiting_with_retries() -> None:
    waits()


def store_run(
    instance: Instance,
    job_def: JobDefinition = quick,
    posts: Signposts | None = None,
    attribute: str | None = None,
    module: str = __name__,
) -> Run:
    """Store a run of a job of this module, not started, which any process can load.

    :param posts: for a job of one op that takes them.
    :param attribute: of the module, instead of the job's own name.
    :param module: another one that holds the job.
    """
    code = CodeRef("module", module, attribute or job_def.name)
    config = posts.run_config(OPS[job_def.name]) if posts is not None else None
    return instance.create_run_for_job(
        job_def, run_config=config, job_code_origin=JobOrigin(code, job_def.name)
    )


#: Job -> its op that takes signposts.
OPS = {"waiting": "waits", "waiting_with_retries": "waits", "unstoppable": "stubborn"}
