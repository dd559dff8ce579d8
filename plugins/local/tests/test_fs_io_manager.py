from __future__ import annotations

import os
import stat
from functools import partial
from pathlib import Path

import pytest

import plugwork
from plugwork import InitResourceContext
from plugwork.errors import InvariantViolationError, UnpicklableOutputError
from plugwork.plugin import file_name
from plugwork_local.pickled_values import PickledValues
from plugwork_testkit.io_manager import (
    ODD_NAMES,
    RUN,
    DiskIOManagerConformance,
    OpenIOManager,
    feeding,
    open_io_manager,
    output,
)

DEFINITION = "plugwork_local.io_manager:fs_io_manager"


class TestFsIOManager(DiskIOManagerConformance):
    @pytest.fixture
    def root(self, tmp_path: Path) -> Path:
        return tmp_path / "values"

    @pytest.fixture
    def open_manager(self, root: Path) -> OpenIOManager:
        return partial(open_io_manager, DEFINITION, {"base_dir": str(root)})


def files(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_a_value_lies_where_its_identifier_says(tmp_path: Path) -> None:
    manager = open_io_manager(DEFINITION, {"base_dir": str(tmp_path)})
    manager.handle_output(output("g.mul[k0]"), 1)
    manager.handle_output(output("gen", mapping_key="k0"), 2)
    assert files(tmp_path) == [f"{RUN}/g.mul[k0]/result", f"{RUN}/gen/result/k0"]


def test_values_are_closed_to_others(tmp_path: Path) -> None:
    manager = open_io_manager(DEFINITION, {"base_dir": str(tmp_path / "values")})
    before = os.umask(0)
    try:
        manager.handle_output(output(), 1)
    finally:
        os.umask(before)
    modes = {stat.S_IMODE(path.stat().st_mode) for path in tmp_path.rglob("*") if path.is_dir()}
    assert modes == {0o700}
    value = tmp_path / "values" / RUN / "step" / "result"
    assert stat.S_IMODE(value.stat().st_mode) == 0o600


@pytest.mark.parametrize("name", ["", *ODD_NAMES])
def test_a_name_is_one_name_below(name: str, tmp_path: Path) -> None:
    safe = file_name(name)
    assert len(os.fsencode(safe)) <= 255
    assert not safe.startswith(".")
    assert (tmp_path / safe).parent == tmp_path
    assert len(Path(safe).parts) == 1


def test_names_stay_apart_and_usual_ones_stay_as_they_are() -> None:
    names = ["", "%", "%-", "%-.a", "%2E", *ODD_NAMES]
    assert len({file_name(name) for name in names}) == len(names)
    for usual in ("one", "g.add_2", "mul[k0]", RUN, "2024-01-01"):
        assert file_name(usual) == usual


def test_a_value_that_cannot_be_pickled_is_told_by_name(tmp_path: Path) -> None:
    manager = open_io_manager(DEFINITION, {"base_dir": str(tmp_path)})
    with pytest.raises(UnpicklableOutputError, match=f"{RUN}/step/result, a function"):
        manager.handle_output(output(), lambda: None)
    assert not files(tmp_path)


def test_nothing_is_stored_without_a_place() -> None:
    definition = plugwork.FilesystemIOManager().__resource_definition__({})
    opened = definition.open(InitResourceContext({}, None))
    with pytest.raises(InvariantViolationError, match="base_dir"), opened:
        pass


def test_the_class_stores_where_it_is_told(tmp_path: Path) -> None:
    bound = plugwork.FilesystemIOManager(base_dir=str(tmp_path))
    definition = bound.__resource_definition__({})
    with definition.open(InitResourceContext({"base_dir": str(tmp_path)}, None)) as manager:
        manager.handle_output(output(), "value")
        assert manager.load_input(feeding(output())) == "value"
    with pytest.raises(InvariantViolationError, match="set up"):
        bound.handle_output(output(), "value")


def test_full_durability_stores_the_same(tmp_path: Path) -> None:
    values = PickledValues(str(tmp_path), synced=True)
    values.store(["run", "step", "result"], 1)
    values.store(["run", "step", "result"], 2)
    assert values.load(["run", "step", "result"]) == 2
