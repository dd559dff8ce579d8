"""The suite of IO managers, on those of the kernel and on an example of a base of the kernel."""

from __future__ import annotations

import functools
import pickle
from pathlib import Path
from typing import Any

import pytest

from plugwork import InMemoryIOManager, InputContext, OutputContext, UPathIOManager
from plugwork.abc import IOManager
from plugwork.errors import InvalidDefinitionError, InvariantViolationError
from plugwork_testkit.io_manager import (
    DiskIOManagerConformance,
    IOManagerConformance,
    OpenIOManager,
    output,
)


class Pickles(UPathIOManager):
    extension = ".pkl"

    def dump_to_path(self, context: OutputContext, obj: Any, path: Path) -> None:
        with path.open("wb") as stream:
            pickle.dump(obj, stream)

    def load_from_path(self, context: InputContext, path: Path) -> Any:
        return pickle.loads(path.read_bytes())

    def get_metadata(self, context: OutputContext, obj: Any) -> dict[str, Any]:
        return {"kind": type(obj).__name__}


class TestPickles(DiskIOManagerConformance):
    @pytest.fixture
    def root(self, tmp_path: Path) -> Path:
        return tmp_path / "values"

    @pytest.fixture
    def open_manager(self, root: Path) -> OpenIOManager:
        return functools.partial(Pickles, str(root))


class Shared:
    """Opens one and the same manager each time."""

    def __init__(self) -> None:
        self.manager = InMemoryIOManager()

    def __call__(self) -> IOManager:
        return self.manager


class TestInMemory(IOManagerConformance):
    @pytest.fixture
    def open_manager(self) -> OpenIOManager:
        return Shared()

    # What is kept in memory need not be pickled.
    test_a_value_that_cannot_be_stored_leaves_the_one_before = None  # type: ignore[assignment]
    # What memory lacks, it lacks at the next attempt, too.
    test_a_missing_value_fails_the_step_that_reads_it = None  # type: ignore[assignment]


def test_a_path_says_what_it_holds_and_the_event_says_where(tmp_path: Path) -> None:
    context = output("g.step", mapping_key="k")
    Pickles(tmp_path).handle_output(context, [1])
    path = tmp_path / str(context.run_id) / "g.step" / "result" / "k.pkl"
    assert path.is_file()
    told = context.get_logged_metadata()
    assert (told["path"].value, told["kind"]) == (str(path), "list")


def test_an_asset_stands_under_its_key(tmp_path: Path) -> None:
    context = OutputContext(asset_key=["a", "b"], name="result")
    Pickles(tmp_path).handle_output(context, 1)
    assert (tmp_path / "a" / "b.pkl").is_file()
    assert Pickles(tmp_path).load_input(InputContext(asset_key=["a", "b"])) == 1


def test_a_value_that_is_a_directory_is_replaced(tmp_path: Path) -> None:
    class Folders(UPathIOManager):
        def dump_to_path(self, context: OutputContext, obj: Any, path: Path) -> None:
            path.mkdir()
            (path / str(obj)).write_text("x")

        def load_from_path(self, context: InputContext, path: Path) -> Any:
            return sorted(one.name for one in path.iterdir())

    manager = Folders(tmp_path)
    for value in ("first", "second"):
        manager.handle_output(output(), value)
    assert manager.load_input(InputContext(upstream_output=output())) == ["second"]


def test_a_url_needs_a_package_that_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "upath", None)
    with pytest.raises(InvalidDefinitionError, match="pip install universal_pathlib"):
        Pickles("s3://bucket/values")


def test_without_identifier_there_is_no_path(tmp_path: Path) -> None:
    with pytest.raises(InvariantViolationError, match="no output feeds the input 'x'"):
        Pickles(tmp_path).load_input(InputContext(name="x"))
