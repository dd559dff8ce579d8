"""What every IO manager that stores what it is given must do."""

from __future__ import annotations

import os
import pkgutil
import signal
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from plugwork import (
    DynamicOut,
    DynamicOutput,
    EventType,
    InitResourceContext,
    InputContext,
    Instance,
    OutputContext,
    RetryPolicy,
    job,
    op,
)
from plugwork.abc import IOManager
from plugwork_testkit.processes import call_elsewhere, running_elsewhere

OpenIOManager = Callable[[], IOManager]

RUN = "11111111-1111-4111-8111-111111111111"
OTHER_RUN = "22222222-2222-4222-8222-222222222222"

#: Names that would lead elsewhere, or onto each other, were they parts of paths as they stand.
ODD_NAMES = [
    "..", ".", "a/b", "a", "/etc/passwd", "../a", "a\\b", "a%2Fb", "%2E%2E", "~", ".a", "a.b",
    "a b", "é", "x" * 300, "x" * 301, "é" * 300, "a\nb", "mul[k0]", "a\0b",
]  # fmt: skip


def open_io_manager(definition: str, config: Any) -> IOManager:
    """Open the IO manager of a resource definition, for good.

    :param definition: where it is found, ``"package.module:name"``.
    :param config: checked already, defaults filled in.
    """
    context = InitResourceContext(config, None)
    found = pkgutil.resolve_name(definition)
    manager: IOManager = ExitStack().enter_context(found.open(context))
    return manager


def output(
    step_key: str = "step", name: str = "result", run_id: str = RUN, mapping_key: str | None = None
) -> OutputContext:
    """Name an output, as a step does that stores it."""
    return OutputContext(step_key=step_key, name=name, run_id=run_id, mapping_key=mapping_key)


def feeding(upstream: OutputContext) -> InputContext:
    """Name an input that an output feeds, as a step does that loads it."""
    return InputContext(name="value", upstream_output=upstream)


def _files_in(directory: Path) -> list[Path]:
    return sorted(path for path in directory.rglob("*") if path.is_file())


@op
def nothing() -> Any:
    return None


@op
def one() -> Any:
    return 1


@op(out=DynamicOut())
def keys() -> Iterator[Any]:
    for key in ("a", "b"):
        yield DynamicOutput(key, key)


@op
def marked(value: Any) -> Any:
    return f"{value}!"


@op
def joined(values: list[Any], collected: list[Any]) -> Any:
    return [*values, collected]


@job
def passing() -> None:
    joined([nothing(), one()], keys().map(marked).collect())


@op(retry_policy=RetryPolicy(max_retries=1))
def reads(value: Any) -> Any:
    return value


@job
def reading() -> None:
    reads(one())


class Forgets(IOManager):
    """Stores nothing, and loads from a manager that was given nothing."""

    def __init__(self, manager: IOManager) -> None:
        self._manager = manager

    def handle_output(self, context: OutputContext, obj: Any) -> None: ...

    def load_input(self, context: InputContext) -> Any:
        return self._manager.load_input(context)


class FailsHalfWay:
    """Gives up when much of it has been written."""

    def __reduce__(self) -> tuple[Any, ...]:
        return (list, ([b"x" * 1_000_000, _Refuses()],))


class _Refuses:
    def __reduce__(self) -> tuple[Any, ...]:
        raise ValueError("not to be stored")


class Kills:
    """Kills the process that stores it, when much of it has been written."""

    def __reduce__(self) -> tuple[Any, ...]:
        return (list, ([b"x" * 1_000_000, _Killer()],))


class _Killer:
    def __reduce__(self) -> tuple[Any, ...]:
        os.kill(os.getpid(), signal.SIGKILL)
        return (list, ())


def _load_elsewhere(open_manager: OpenIOManager, step_key: str) -> Any:
    return open_manager().load_input(feeding(output(step_key)))


def _store_and_die(open_manager: OpenIOManager, step_key: str) -> None:
    open_manager().handle_output(output(step_key), Kills())


class IOManagerConformance:
    """Subclass it as ``TestMine``, and give the fixture that raises here."""

    @pytest.fixture
    def open_manager(self) -> OpenIOManager:
        """What makes a manager of one and the same, empty place whenever it is called.

        It is pickled and called in other processes, too; ``functools.partial(open_io_manager,
        "package.module:name", config)`` does for a resource definition.
        """
        raise NotImplementedError("give the fixture open_manager")

    @pytest.fixture
    def manager(self, open_manager: OpenIOManager) -> IOManager:
        return open_manager()

    @pytest.mark.parametrize("value", [None, False, 0, "", [], {"a": [1, 2.5, "x", b"y"]}, "é" * 9])
    def test_a_value_comes_back(self, manager: IOManager, value: Any) -> None:
        manager.handle_output(output(), value)
        assert manager.load_input(feeding(output())) == value

    def test_a_large_value_comes_back(self, manager: IOManager) -> None:
        value = os.urandom(5_000_000)
        manager.handle_output(output(), value)
        assert manager.load_input(feeding(output())) == value

    def test_values_are_kept_apart_by_run_step_output_and_mapping_key(
        self, manager: IOManager
    ) -> None:
        outputs = [
            output(),
            output("other"),
            output(name="second"),
            output(run_id=OTHER_RUN),
            output("dynamic", mapping_key="k0"),
            output("dynamic", mapping_key="k1"),
            output("step[k0]"),
            output("step.inner"),
        ]
        for number, one in enumerate(outputs):
            manager.handle_output(one, number)
        assert [manager.load_input(feeding(one)) for one in outputs] == list(range(len(outputs)))

    def test_no_name_leads_elsewhere_or_onto_another(self, manager: IOManager) -> None:
        outputs = [output(name) for name in ODD_NAMES]
        outputs += [output("dynamic", mapping_key=name) for name in ODD_NAMES]
        for number, one in enumerate(outputs):
            manager.handle_output(one, number)
        assert [manager.load_input(feeding(one)) for one in outputs] == list(range(len(outputs)))

    def test_another_attempt_replaces_the_value(self, manager: IOManager) -> None:
        for value in ("first", "second"):
            manager.handle_output(output(), value)
        assert manager.load_input(feeding(output())) == "second"

    def test_a_value_that_was_never_stored_is_an_error(self, manager: IOManager) -> None:
        with pytest.raises(Exception, match="missing"):
            manager.load_input(feeding(output("missing")))

    def test_a_value_that_cannot_be_stored_leaves_the_one_before(self, manager: IOManager) -> None:
        manager.handle_output(output(), "before")
        with pytest.raises(Exception, match="not to be stored"):
            manager.handle_output(output(), FailsHalfWay())
        assert manager.load_input(feeding(output())) == "before"

    def test_a_value_is_found_by_the_run_that_produced_it(self, manager: IOManager) -> None:
        """A run that executes a part of another again reads what the other stored."""
        manager.handle_output(output(), "of the first run")
        manager.handle_output(output("later", run_id=OTHER_RUN), "of the second run")
        loaded = InputContext(name="value", job_name="again", upstream_output=output())
        assert manager.load_input(loaded) == "of the first run"

    def test_a_run_passes_its_values(self, manager: IOManager) -> None:
        """Plain values, None, members of a fan-in, mapped ones and collected ones."""
        with Instance.ephemeral() as instance:
            job_def = passing.with_defaults(resource_defs={"io_manager": manager})
            result = job_def.execute_in_process(instance=instance)
        assert result.output_for_node("joined") == [None, 1, ["a!", "b!"]]

    def test_a_missing_value_fails_the_step_that_reads_it(self, manager: IOManager) -> None:
        """And the step is tried again when its policy says so."""
        with Instance.ephemeral() as instance:
            job_def = reading.with_defaults(resource_defs={"io_manager": Forgets(manager)})
            result = job_def.execute_in_process(instance=instance, raise_on_error=False)
            entries = instance.all_logs(result.run_id)
        types = [one.event_type for one in entries if one.step_key == "reads"]
        assert types.count(EventType.STEP_UP_FOR_RETRY) == 1
        (failed,) = [one for one in entries if one.event_type is EventType.STEP_FAILURE]
        assert "loading input" in str(failed.get_event().event_specific_data)

    def test_threads_store_and_load_at_once(self, manager: IOManager) -> None:
        def pass_on(number: int) -> Any:
            manager.handle_output(output(f"step_{number}"), number)
            return manager.load_input(feeding(output(f"step_{number}")))

        with ThreadPoolExecutor(16) as pool:
            assert list(pool.map(pass_on, range(400))) == list(range(400))

    def test_readers_see_one_whole_value_of_several_writers(self, manager: IOManager) -> None:
        values = [str(number) * 100_000 for number in range(4)]
        manager.handle_output(output(), values[0])
        torn: list[int] = []

        def write(value: str) -> None:
            for _ in range(50):
                manager.handle_output(output(), value)

        def read(over: threading.Event) -> None:
            while not over.is_set():
                seen = manager.load_input(feeding(output()))
                if seen not in values:
                    torn.append(len(seen))

        over = threading.Event()
        reader = threading.Thread(target=read, args=(over,))
        reader.start()
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(write, values))
        over.set()
        reader.join()
        assert not torn

    def test_another_process_loads_the_value(
        self, manager: IOManager, open_manager: OpenIOManager
    ) -> None:
        if manager.shares_between_processes:
            manager.handle_output(output("shared"), {"from": "here"})
            assert call_elsewhere(_load_elsewhere, open_manager, "shared") == {"from": "here"}

    def test_a_process_that_is_killed_leaves_the_value_before(
        self, manager: IOManager, open_manager: OpenIOManager
    ) -> None:
        if manager.shares_between_processes:
            manager.handle_output(output("kept"), "before")
            for step_key in ("kept", "new"):
                with running_elsewhere(_store_and_die, open_manager, step_key) as process:
                    process.communicate()
                assert process.returncode == -signal.SIGKILL
            assert manager.load_input(feeding(output("kept"))) == "before"
            with pytest.raises(Exception, match="new"):
                manager.load_input(feeding(output("new")))


class DiskIOManagerConformance(IOManagerConformance):
    """For a manager that writes to a disk. Give the fixtures that raise here and in the base."""

    @pytest.fixture
    def root(self) -> Path:
        """The directory that the manager writes to."""
        raise NotImplementedError("give the fixture root")

    def test_a_value_that_cannot_be_stored_leaves_no_file(
        self, manager: IOManager, root: Path
    ) -> None:
        manager.handle_output(output(), "before")
        before = _files_in(root)
        for step_key in ("step", "another"):
            with pytest.raises(Exception, match="not to be stored"):
                manager.handle_output(output(step_key), FailsHalfWay())
        assert _files_in(root) == before

    def test_no_name_leads_out_of_the_directory(self, manager: IOManager, root: Path) -> None:
        around = [path for path in _files_in(root.parent) if not path.is_relative_to(root)]
        for name in ODD_NAMES:
            manager.handle_output(output(name, mapping_key=name), name)
        assert around == [path for path in _files_in(root.parent) if not path.is_relative_to(root)]
        assert len(_files_in(root)) == len(ODD_NAMES)
