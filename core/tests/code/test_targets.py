from __future__ import annotations

from pathlib import Path

import pytest

from plugwork.code import parse_target
from plugwork.errors import TargetNotFoundError
from plugwork.model import CodeRef


@pytest.fixture
def place(tmp_path: Path) -> Path:
    (tmp_path / "jobs.py").write_text("")
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop" / "__init__.py").write_text("")
    (tmp_path / "plain").mkdir()
    (tmp_path / "plain" / "late.py").write_text("")
    return tmp_path


def test_a_file_is_named_by_its_absolute_path(place: Path) -> None:
    file = str(place / "jobs.py")
    assert parse_target("jobs.py", place) == CodeRef("file", file)
    assert parse_target("./plain/../jobs.py:nightly", place) == CodeRef("file", file, "nightly")
    assert parse_target(file, Path("/")) == CodeRef("file", file)


def test_a_module_is_found_from_the_working_directory(place: Path) -> None:
    there = str(place)
    assert parse_target("a.b:c", place) == CodeRef("module", "a.b", "c", working_directory=there)
    assert parse_target("shop", place) == CodeRef("package", "shop", working_directory=there)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("job.py", "there is no file 'job.py'; did you mean 'jobs.py'"),
        ("plain/lat.py", "did you mean 'plain/late.py'"),
        ("nowhere/x.py", "there is no directory"),
        ("plain", r"'plain' is a directory; name a file in it \(late.py\)"),
        ("not a module", "names no code"),
        ("", "names no code"),
        ("a..b", "names no code"),
    ],
)
def test_what_names_no_code_is_told_with_what_to_write(
    place: Path, text: str, message: str
) -> None:
    with pytest.raises(TargetNotFoundError, match=message):
        parse_target(text, place)
