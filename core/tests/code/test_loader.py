from __future__ import annotations

import os
import py_compile
import sys
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from plugwork.code import LoadedCode, load_code, parse_target
from plugwork.errors import (
    InvalidDefinitionError,
    JobNotFoundError,
    TargetNotFoundError,
    UserCodeLoadError,
)

ONE_JOB = """
    from plugwork import job, op

    @op
    def one(): ...

    @job
    def nightly():
        one()
"""
Write = Callable[[str, str], None]


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Write]:
    """Write user code; what it imports is forgotten after the test."""
    before = dict(sys.modules)
    monkeypatch.setattr(sys, "path", list(sys.path))

    def write_file(name: str, text: str) -> None:
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(textwrap.dedent(text))

    yield write_file
    for name in sys.modules.keys() - before.keys():
        if getattr(sys.modules[name], "__file__", None):
            del sys.modules[name]


@pytest.fixture
def load(tmp_path: Path, write: Write) -> Callable[[str], LoadedCode]:
    return lambda target: load_code(parse_target(target, tmp_path))


Load = Callable[[str], LoadedCode]


def test_the_jobs_of_a_file_are_found(write: Write, load: Load) -> None:
    write("shop_a.py", ONE_JOB)
    code = load("shop_a.py")
    assert code.definitions.job_names == ["nightly"]
    assert code.job().name == "nightly"
    assert code.job("nightly") is code.job()


def test_a_file_is_a_top_level_module_and_imports_its_neighbours(
    write: Write, load: Load, tmp_path: Path
) -> None:
    write("shop_b.py", "from shop_b_parts import number\n" + textwrap.dedent(ONE_JOB))
    write("shop_b_parts.py", "number = 7")
    load("shop_b.py")
    assert sys.modules["shop_b"].number == 7
    assert sys.path[0] == str(tmp_path)
    assert load("shop_b.py").definitions.job_names == ["nightly"]


def test_byte_code_of_an_earlier_text_is_not_run(
    write: Write, load: Load, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    file = tmp_path / "shop_edited.py"
    write(file.name, ONE_JOB)
    before = file.stat()
    py_compile.compile(str(file))
    assert load(file.name).definitions.job_names == ["nightly"]
    del sys.modules["shop_edited"]
    write(file.name, ONE_JOB.replace("nightly", "evening"))
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert load(file.name).definitions.job_names == ["evening"]


def test_the_one_definitions_counts_and_not_the_jobs_around_it(write: Write, load: Load) -> None:
    write("shop_c.py", ONE_JOB + "    from plugwork import Definitions\n    defs = Definitions()\n")
    assert load("shop_c.py").definitions.job_names == []


def test_several_definitions_must_be_told_apart(write: Write, load: Load) -> None:
    write("shop_d.py", "from plugwork import Definitions\na = Definitions()\nb = Definitions()\n")
    with pytest.raises(InvalidDefinitionError, match=r"several Definitions \(a, b\)"):
        load("shop_d.py")
    assert load("shop_d.py:b").definitions.job_names == []


def test_an_attribute_names_a_job_with_what_the_definitions_bind(write: Write, load: Load) -> None:
    write(
        "shop_e.py",
        ONE_JOB
        + """
    from plugwork import Definitions

    def make():
        return nightly

    defs = Definitions(jobs=[nightly], resources={"db": 4})
    """,
    )
    assert "db" in load("shop_e.py:nightly").job().resource_defs
    assert load("shop_e.py:make").job().name == "nightly"


@pytest.mark.parametrize(
    ("attribute", "message"),
    [
        ("nightli", "has no 'nightli'; did you mean 'nightly'.*it defines: nightly"),
        ("number", "is of type int; name a job"),
    ],
)
def test_an_attribute_that_is_no_job_is_refused(
    write: Write, load: Load, attribute: str, message: str
) -> None:
    write("shop_f.py", ONE_JOB + "\n    number = 3\n")
    with pytest.raises(TargetNotFoundError, match=message):
        load(f"shop_f.py:{attribute}")


def test_a_module_is_loaded_by_name(write: Write, load: Load) -> None:
    write("pack_g/__init__.py", "")
    write("pack_g/jobs.py", ONE_JOB)
    assert load("pack_g.jobs").job().name == "nightly"


@pytest.mark.parametrize("target", ["no_such_module_h", "pack_h.missing"])
def test_a_missing_module_is_told_as_such(write: Write, load: Load, target: str) -> None:
    write("pack_h/__init__.py", "")
    with pytest.raises(TargetNotFoundError, match=f"there is no module '{target}'"):
        load(target)


def test_a_module_named_for_a_file_is_told_with_the_file(write: Write, load: Load) -> None:
    write("shop_i.py", "import no_such_module_i")
    with pytest.raises(UserCodeLoadError, match="importing shop_i") as caught:
        load("shop_i")
    assert isinstance(caught.value.user_exception, ModuleNotFoundError)


def test_what_the_users_code_raises_is_kept_and_the_module_is_not(write: Write, load: Load) -> None:
    write("shop_j.py", "1 / 0")
    with pytest.raises(UserCodeLoadError, match=r"importing shop_j[.]py") as caught:
        load("shop_j.py")
    assert isinstance(caught.value.user_exception, ZeroDivisionError)
    assert "shop_j" not in sys.modules


def test_a_syntax_error_is_the_users_too(write: Write, load: Load) -> None:
    write("shop_k.py", "def broken(:")
    with pytest.raises(UserCodeLoadError) as caught:
        load("shop_k.py")
    assert isinstance(caught.value.user_exception, SyntaxError)


def test_a_definition_that_breaks_a_rule_is_told_with_its_line(
    write: Write, load: Load, tmp_path: Path
) -> None:
    write("shop_l.py", ONE_JOB + "\n    @job\n    def wrong():\n        one(3)\n")
    with pytest.raises(InvalidDefinitionError) as caught:
        load("shop_l.py")
    assert f"({tmp_path / 'shop_l.py'}:13)" in str(caught.value)


def test_code_that_exits_is_told(write: Write, load: Load) -> None:
    write("shop_m.py", "raise SystemExit(3)")
    with pytest.raises(TargetNotFoundError, match=r"sys.exit\(3\)"):
        load("shop_m.py")


def test_a_file_without_jobs_is_told(write: Write, load: Load) -> None:
    write("shop_n.py", "x = 1")
    with pytest.raises(TargetNotFoundError, match="defines no job"):
        load("shop_n.py")


def test_a_file_named_like_a_loaded_module_is_refused(write: Write, load: Load) -> None:
    write("textwrap.py", ONE_JOB)
    with pytest.raises(TargetNotFoundError, match="rename the file"):
        load("textwrap.py")


def test_of_several_jobs_one_must_be_named(write: Write, load: Load) -> None:
    write("shop_o.py", ONE_JOB + "\n    @job\n    def hourly():\n        one()\n")
    code = load("shop_o.py")
    with pytest.raises(JobNotFoundError, match="hourly, nightly"):
        code.job()
    with pytest.raises(JobNotFoundError, match="did you mean 'hourly'"):
        code.job("hurly")


AUTOMATED = """
    from plugwork import Definitions, ResourceParam, ScheduleDefinition, job, sensor

    @job
    def nightly(): ...

    each_day = ScheduleDefinition(job=nightly, cron_schedule="@daily", name="each_day")

    @sensor(job=nightly)
    def inbox(context): ...
"""


def test_schedules_and_sensors_at_the_top_level_are_found(write: Write, tmp_path: Path) -> None:
    write("shop_auto.py", AUTOMATED + "    again = each_day\n")
    found = load_code(parse_target(str(tmp_path / "shop_auto.py"))).definitions
    assert [one.name for one in found.schedules] == ["each_day"]
    assert [one.name for one in found.sensors] == ["inbox"]
    assert found.job_names == ["nightly"]


def test_a_job_that_a_schedule_targets_is_one_of_the_definitions(
    write: Write, tmp_path: Path
) -> None:
    more = "    defs = Definitions(schedules=[each_day], resources={'db': 'x'})\n"
    write("shop_target.py", AUTOMATED + more)
    code = load_code(parse_target(f"{tmp_path / 'shop_target.py'}:nightly"))
    assert "db" in code.job().resource_defs
    assert [one.name for one in load_code(code.ref).definitions.resolve_all_job_defs()] == [
        "nightly"
    ]


@pytest.mark.parametrize("name", ["each_day", "inbox"])
def test_a_schedule_or_sensor_is_no_target(write: Write, tmp_path: Path, name: str) -> None:
    write(f"shop_{name}.py", AUTOMATED)
    with pytest.raises(TargetNotFoundError, match=r"Definition; name a job"):
        load_code(parse_target(f"{tmp_path / f'shop_{name}.py'}:{name}"))
