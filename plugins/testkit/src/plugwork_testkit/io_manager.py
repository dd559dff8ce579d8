"""What every IO manager that stores what it is given must do."""

from __future__ import annotations

import os
import pkgutil
import signal
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from typing import Any

import pytest

from plugwork import InitResourceContext, InputContext, OutputContext
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
