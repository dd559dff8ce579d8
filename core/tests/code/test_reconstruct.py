from __future__ import annotations

import sys
from pathlib import Path

import pytest

from plugwork.code import load_job, reconstructable
from plugwork.errors import InvariantViolationError, JobNotFoundError
from plugwork.model import JobOrigin

CODE = """
from plugwork import graph, job, op

@op
def one(): ...

@graph
def body():
    one()

@job
def nightly():
    one()

weekly = body.to_job(name="of_the_week")

def make():
    return body.to_job(name="made")

def make_inner():
    @job
    def inner(): ...
    return inner

def not_a_job():
    return 3
"""


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    import importlib

    (tmp_path / "jobs_to_rebuild.py").write_text(CODE)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.chdir(tmp_path)
    yield importlib.import_module("jobs_to_rebuild")
    del sys.modules["jobs_to_rebuild"]


@pytest.mark.parametrize(
    ("name", "job"), [("nightly", "nightly"), ("weekly", "of_the_week"), ("make", "made")]
)
def test_a_job_at_the_top_of_a_module_is_found_again(module, name: str, job: str) -> None:
    found = reconstructable(getattr(module, name))
    assert (found.job_name, found.origin.code.attribute) == (job, name)
    assert load_job(found.origin).job.name == job


def test_a_job_that_is_gone_is_told(module) -> None:
    origin = JobOrigin(reconstructable(module.nightly).origin.code, "other")
    with pytest.raises(JobNotFoundError, match="'other'"):
        load_job(origin)


def test_what_another_process_cannot_find_is_refused(module) -> None:
    with pytest.raises(InvariantViolationError, match="job 'inner'"):
        reconstructable(module.make_inner())
    with pytest.raises(InvariantViolationError, match=r"cannot find '.*<lambda>'"):
        reconstructable(lambda: module.nightly)
    with pytest.raises(InvariantViolationError, match="which is no job"):
        reconstructable(module.not_a_job)
    with pytest.raises(InvariantViolationError, match="neither a job nor a function"):
        reconstructable(3)  # type: ignore[arg-type]  # on purpose


def test_a_job_of_a_notebook_is_refused(module, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "__name__", "__main__")
    monkeypatch.delattr(module, "__file__")
    with pytest.raises(InvariantViolationError, match="notebook"):
        reconstructable(module.nightly)


def test_a_job_of_a_script_is_found_by_its_file(module, monkeypatch, tmp_path: Path) -> None:
    monkeypatch.setattr(module, "__name__", "__main__")
    code = reconstructable(module.nightly).origin.code
    assert (code.kind, code.target) == ("file", str(tmp_path / "jobs_to_rebuild.py"))
