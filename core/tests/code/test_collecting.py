"""Collections read from modules, and repositories."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from plugwork import (
    Definitions,
    ExecutorDefinition,
    InvalidDefinitionError,
    RepositoryDefinition,
    ScheduleDefinition,
    graph,
    job,
    load_definitions_from_module,
    load_definitions_from_modules,
    load_definitions_from_package_module,
    load_definitions_from_package_name,
    op,
    repository,
    sensor,
)
from plugwork.code import load_code
from plugwork.model.code_ref import CodeRef

JOBS = """
from plugwork import ScheduleDefinition, job, op, sensor

@op
def one(): return 1

@job
def nightly(): one()

again = nightly
each_night = ScheduleDefinition(name="each_night", job=nightly, cron_schedule="0 0 * * *")

@sensor(job=nightly)
def watching(context): ...
"""


@pytest.fixture
def packages(tmp_path: Path) -> Iterator[Path]:
    """A directory on the path; the modules under it go with it."""
    paths = list(sys.path)
    sys.path.insert(0, str(tmp_path))
    yield tmp_path
    sys.path[:] = paths
    for name in [name for name in sys.modules if name.partition(".")[0].startswith("shop_of_")]:
        del sys.modules[name]


def module(packages: Path, name: str, text: str = JOBS) -> ModuleType:
    file = packages / f"{name.replace('.', '/')}.py"
    file.parent.mkdir(exist_ok=True)
    file.write_text(text, encoding="utf-8")
    importlib.invalidate_caches()
    return importlib.import_module(name)


def test_a_module_gives_its_jobs_schedules_and_sensors_each_once(packages: Path) -> None:
    defs = load_definitions_from_module(module(packages, "shop_of_one"), resources={"db": 1})
    assert defs.job_names == ["nightly"]
    assert [one.name for one in defs.schedules] == ["each_night"]
    assert [one.name for one in defs.sensors] == ["watching"]
    assert defs.resources == {"db": 1}


def test_what_several_modules_share_counts_once(packages: Path) -> None:
    first = module(packages, "shop_of_first")
    second = module(packages, "shop_of_second", "from shop_of_first import nightly")
    assert load_definitions_from_modules([first, second]).job_names == ["nightly"]


def test_two_jobs_of_one_name_are_refused_when_they_are_looked_up(packages: Path) -> None:
    both = [module(packages, "shop_of_a"), module(packages, "shop_of_b")]
    with pytest.raises(InvalidDefinitionError, match="two jobs have the name 'nightly'"):
        _ = load_definitions_from_modules(both).job_names


def test_a_package_gives_what_all_its_modules_hold(packages: Path) -> None:
    (packages / "shop_of_all").mkdir()
    (packages / "shop_of_all" / "deep").mkdir()
    (packages / "shop_of_all" / "__init__.py").touch()
    (packages / "shop_of_all" / "deep" / "__init__.py").touch()
    (packages / "shop_of_all" / "deep" / "jobs.py").write_text(JOBS, encoding="utf-8")
    importlib.invalidate_caches()
    assert load_definitions_from_package_name("shop_of_all").job_names == ["nightly"]
    package = importlib.import_module("shop_of_all")
    assert load_definitions_from_package_module(package).job_names == ["nightly"]


def test_the_current_module_is_the_one_that_calls(packages: Path) -> None:
    text = JOBS + (
        "from plugwork import load_definitions_from_current_module\n"
        "defs = load_definitions_from_current_module()\n"
    )
    assert module(packages, "shop_of_mine", text).defs.job_names == ["nightly"]


@pytest.mark.parametrize(
    "load", [load_definitions_from_module, load_definitions_from_package_module]
)
def test_what_is_no_module_is_refused(load) -> None:
    with pytest.raises(InvalidDefinitionError, match="'shop' is no module"):
        load("shop")


MINE = ExecutorDefinition("mine")


@op
def one():
    return 1


@graph
def flow():
    one()


@job
def nightly():
    one()


each_night = ScheduleDefinition(name="each_night", job=nightly, cron_schedule="0 0 * * *")


@sensor(job=nightly)
def watching(context): ...


def test_a_repository_sorts_what_its_function_returns() -> None:
    @repository(default_executor_def=MINE)
    def shop():
        """Sells."""
        return [nightly, flow, each_night, watching]

    assert isinstance(shop, RepositoryDefinition)
    assert (shop.name, shop.description) == ("shop", "Sells.")
    assert [one.name for one in shop.get_all_jobs()] == ["nightly", "flow"]
    assert shop.has_job("flow")
    assert not shop.has_job("other")
    assert shop.get_job("nightly").executor_def is MINE
    assert [one.name for one in shop.schedule_defs] == ["each_night"]
    assert shop.has_schedule_def("each_night")
    assert [one.name for one in shop.sensor_defs] == ["watching"]
    assert shop.has_sensor_def("watching")


def test_a_repository_may_be_a_dictionary_of_what_makes_its_members() -> None:
    @repository(name="named")
    def shop():
        return {"jobs": {"nightly": lambda: nightly, "flow": flow}}

    assert shop.name == "named"
    assert shop.job_names == ["nightly", "flow"]


def test_a_repository_in_a_file_is_its_collection(tmp_path: Path, packages: Path) -> None:
    file = tmp_path / "shop_of_repository.py"
    text = JOBS + "from plugwork import repository\n@repository\ndef shop(): return [nightly]\n"
    file.write_text(text, encoding="utf-8")
    assert load_code(CodeRef("file", str(file))).definitions.job_names == ["nightly"]


@pytest.mark.parametrize(
    ("returned", "told"),
    [
        ([one], "holds .*, which is no job, schedule or sensor"),
        (3, "must return a list of definitions, got 3"),
        ("nightly", "must return a list of definitions"),
        ({"jbos": {}}, "a dictionary with 'jbos'"),
        ({"jobs": [nightly]}, "dictionaries by name"),
        ({"jobs": {"other": nightly}}, "'nightly' under the name 'other'"),
    ],
)
def test_a_repository_that_returns_something_else_is_refused(returned: object, told: str) -> None:
    with pytest.raises(InvalidDefinitionError, match=told) as caught:

        @repository
        def shop():
            return returned

    assert __file__ in str(caught.value)


def test_a_repository_of_no_function_is_refused() -> None:
    with pytest.raises(InvalidDefinitionError, match="makes a repository of a function, got 3"):
        repository(3)  # type: ignore[call-overload]  # wrong on purpose


def test_a_repository_is_a_collection() -> None:
    assert isinstance(RepositoryDefinition("shop", definitions=[nightly]), Definitions)
