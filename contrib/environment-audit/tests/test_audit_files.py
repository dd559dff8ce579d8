from __future__ import annotations

import base64
import hashlib
import os
import tracemalloc
from pathlib import Path
from typing import Any

import pytest

from plugwork_environment_audit.audit import (
    Content,
    RecordState,
    audit_anyway,
    audit_strictly,
    content_of,
)
from plugwork_environment_audit.hashing import FileState, check_file, check_files, file_digest
from plugwork_environment_audit.record import RecordEntry, parse_record, read_record

PACKAGE = {"pkg/__init__.py": "", "pkg/core.py": "x = 1\n", "pkg/data.bin": b"\0" * 100}


def test_an_untouched_distribution_is_verified(site: Any) -> None:
    site.install("pkg", PACKAGE)
    audit = site.audit()["pkg"]
    assert audit.files == {FileState.VERIFIED: 4, FileState.UNHASHED: 1}
    assert audit.record is RecordState.HASHED
    assert not audit.problems


def test_sizes_are_those_on_disk_by_content(site: Any) -> None:
    site.install("pkg", PACKAGE)
    audit = site.audit()["pkg"]
    assert audit.sizes[Content.SOURCE] == 6
    on_disk = sum(path.stat().st_size for path in site.path.rglob("*") if path.is_file())
    assert audit.size == on_disk


def test_a_changed_byte_is_damage_although_the_size_fits(site: Any) -> None:
    site.install("pkg", PACKAGE)
    (site.path / "pkg/core.py").write_text("x = 2\n")
    [problem] = site.audit()["pkg"].problems
    assert (problem.path, problem.state) == ("pkg/core.py", FileState.DAMAGED)
    assert "sha256" in problem.detail


def test_a_wrong_size_is_damage_and_tells_both_sizes(site: Any) -> None:
    site.install("pkg", PACKAGE)
    (site.path / "pkg/data.bin").write_bytes(b"\0" * 99)
    [problem] = site.audit()["pkg"].problems
    assert problem.detail == "99 bytes, 100 recorded"


def test_a_removed_file_is_missing(site: Any) -> None:
    site.install("pkg", PACKAGE)
    (site.path / "pkg/core.py").unlink()
    audit = site.audit()["pkg"]
    assert [(p.path, p.state) for p in audit.problems] == [("pkg/core.py", FileState.MISSING)]


def test_byte_code_that_was_cleaned_away_is_no_problem(site: Any) -> None:
    files = {**PACKAGE, "pkg/__pycache__/core.cpython-311.pyc": b"code"}
    site.install("pkg", files)
    (site.path / "pkg/__pycache__/core.cpython-311.pyc").unlink()
    assert not site.audit()["pkg"].problems


@pytest.mark.parametrize("is_there", [True, False])
def test_a_folder_of_byte_code_in_the_record_is_no_problem(site: Any, is_there: bool) -> None:
    record = site.install("pkg", PACKAGE) / "RECORD"
    record.write_text(record.read_text() + "pkg/__pycache__,,\npkg/sub/__pycache__/,,\n")
    if is_there:
        (site.path / "pkg/__pycache__").mkdir()
        (site.path / "pkg/sub/__pycache__").mkdir(parents=True)
    assert not site.audit()["pkg"].problems


def test_a_record_without_hashes_shows_only_what_is_missing(site: Any) -> None:
    site.install("pkg", PACKAGE, hashed=False)
    (site.path / "pkg/core.py").write_text("changed, and nobody can know")
    (site.path / "pkg/data.bin").unlink()
    audit = site.audit()["pkg"]
    assert audit.record is RecordState.LISTED
    assert [p.path for p in audit.problems] == ["pkg/data.bin"]


def test_a_distribution_without_a_record_has_no_files(site: Any) -> None:
    (site.install("pkg", PACKAGE) / "RECORD").unlink()
    audit = site.audit()["pkg"]
    assert (audit.record, audit.file_count) == (RecordState.NONE, 0)


def test_an_old_list_of_files_is_relative_to_its_own_folder(site: Any) -> None:
    info = site.path / "old-1.0.egg-info"
    info.mkdir()
    (info / "PKG-INFO").write_text("Name: old\nVersion: 1.0\n")
    (info / "installed-files.txt").write_text("../old.py\nPKG-INFO\n../gone.py\n")
    (site.path / "old.py").write_text("import json\n")
    audit = site.audit()["old"]
    assert audit.record is RecordState.LISTED
    assert [Path(p.path).name for p in audit.problems] == ["gone.py"]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="only on systems with named pipes")
def test_a_pipe_in_place_of_a_file_is_damage_and_does_not_hang(site: Any) -> None:
    site.install("pkg", PACKAGE)
    (site.path / "pkg/core.py").unlink()
    os.mkfifo(site.path / "pkg/core.py")
    [problem] = site.audit()["pkg"].problems
    assert problem.detail == "not a regular file"


def test_a_file_that_cannot_be_read_is_an_error_first_and_a_problem_at_last(
    site: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.install("pkg", PACKAGE)
    opened = Path.open

    def failing(self: Path, *args: Any, **kwargs: Any) -> Any:
        if self.name == "data.bin":
            raise OSError(5, "Input/output error", str(self))
        return opened(self, *args, **kwargs)

    monkeypatch.setattr(Path, "open", failing)
    [found] = site.found()
    with pytest.raises(OSError, match=r"pkg/data\.bin of pkg cannot be read: Input/output"):
        audit_strictly(found)
    assert [p.state for p in audit_anyway(found).problems] == [FileState.UNREADABLE]


def test_a_distribution_whose_record_cannot_be_read_is_one_problem(
    site: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.install("pkg", PACKAGE)
    [found] = site.found()
    read = Path.read_bytes

    def failing(self: Path) -> bytes:
        if self.name == "RECORD":
            raise OSError(5, "Input/output error", str(self))
        return read(self)

    monkeypatch.setattr(Path, "read_bytes", failing)
    audit = audit_anyway(found)
    assert [Path(p.path).name for p in audit.problems] == ["RECORD"]
    assert audit.licence.expression == ""


def test_a_huge_file_is_hashed_in_little_memory(tmp_path: Path) -> None:
    path = tmp_path / "huge.bin"
    with path.open("wb") as stream:
        stream.truncate(64 << 20)
    zeros = hashlib.sha256(b"\0" * (64 << 20))
    tracemalloc.start()
    digest = file_digest(path, "sha256")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 4 << 20
    assert digest == base64.urlsafe_b64encode(zeros.digest()).rstrip(b"=").decode()


def test_an_unknown_hash_function_leaves_a_file_unhashed(tmp_path: Path) -> None:
    (tmp_path / "f").write_bytes(b"x")
    for algorithm in ("crc32", "shake_128"):
        check = check_file(tmp_path, RecordEntry("f", algorithm, "abc", 1))
        assert check.state is FileState.UNHASHED


def test_every_common_hash_function_is_compared(tmp_path: Path) -> None:
    (tmp_path / "f").write_bytes(b"x")
    digest = file_digest(tmp_path / "f", "sha512")
    assert len(hashlib.sha512().digest()) * 4 // 3 <= len(digest)
    entries = [RecordEntry("f", "sha512", digest, 1), RecordEntry("f", "sha512", "no", 1)]
    states = [check.state for check in check_files(tmp_path, entries)]
    assert states == [FileState.VERIFIED, FileState.DAMAGED]


def test_a_path_that_no_file_can_have_is_missing(tmp_path: Path) -> None:
    assert check_file(tmp_path, RecordEntry("a\0b")).state is FileState.MISSING


def test_record_lines_of_every_shape_are_read() -> None:
    text = (
        '"with, comma.py",sha256=abc=,12\nno_hash.py,,\r\n\nonly.py\nback\\slash.py,SHA256=x,big\n'
    )
    assert parse_record(text) == (
        RecordEntry("with, comma.py", "sha256", "abc", 12),
        RecordEntry("no_hash.py"),
        RecordEntry("only.py"),
        RecordEntry("back/slash.py", "sha256", "x", None),
    )


def test_a_file_recorded_twice_counts_once() -> None:
    assert len(parse_record("a.py,sha256=x,1\na.py,sha256=x,1\n")) == 1


def test_a_record_in_another_encoding_is_read(site: Any) -> None:
    info = site.install("pkg")
    (info / "RECORD").write_bytes("größe.py,,\n".encode("latin-1"))
    assert read_record(info) == (RecordEntry("größe.py"),)


@pytest.mark.parametrize(
    ("path", "content"),
    [
        ("a/b.py", Content.SOURCE),
        ("a/b.pyi", Content.SOURCE),
        ("a/_b.cpython-311-x86_64-linux-gnu.so", Content.NATIVE),
        ("a.libs/libfoo-1.so.6.2", Content.NATIVE),
        ("a/__pycache__/b.cpython-311.pyc", Content.BYTE_CODE),
        ("a/notes.txt", Content.DATA),
    ],
)
def test_files_are_classed_by_name(path: str, content: Content) -> None:
    assert content_of(path) is content
