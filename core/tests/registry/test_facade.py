from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pluggy
import pytest

from plugwork.abc.specs import PluginConfig
from plugwork.clock import SYSTEM_CLOCK
from plugwork.errors import PluginError, PluginHookError, Problem
from plugwork.hookspecs import PROJECT, SCOPES, hookimpl
from plugwork.registry.facade import Hooks
from plugwork.registry.notifier import Budget, Notifier, NotifierState

LIMIT = 10.0


class ManualClock:
    """A clock that goes on when it is told to; waits for facts in real time."""

    def __init__(self) -> None:
        self.time = 0.0

    def now(self) -> float:
        return self.time

    def monotonic(self) -> float:
        return self.time

    def wait(self, event: threading.Event, timeout: float) -> bool:
        return event.wait(timeout)


class House:
    """A facade, and plugins registered with it."""

    def __init__(self, **budget: Any) -> None:
        self.manager = pluggy.PluginManager(PROJECT)
        self.clock = ManualClock()
        self.hooks = Hooks(self.manager, Budget(**budget), self.clock)

    def register(self, plugin: object, name: str) -> None:
        self.manager.register(plugin, name)
        self.hooks.refresh()

    def record(self, name: str) -> Any:
        (record,) = [each for each in self.hooks.records() if each.plugin == name]
        return record


class Listener:
    def __init__(self, act: Callable[[Any], None] = lambda entries: None) -> None:
        self.act = act
        self.seen: list[Any] = []
        self.told = threading.Semaphore(0)

    @hookimpl
    def plugwork_events_logged(self, entries: Any) -> None:
        self.seen.append(entries)
        self.told.release()
        self.act(entries)


class Gate:
    """Holds up who calls it until it is opened."""

    def __init__(self) -> None:
        self.reached = threading.Event()
        self.opened = threading.Event()

    def __call__(self, entries: Any) -> None:
        self.reached.set()
        assert self.opened.wait(LIMIT)


def until(fact: Callable[[], bool]) -> None:
    """Look until the fact is there, for which there is nothing to wait on."""
    never = threading.Event()
    end = SYSTEM_CLOCK.monotonic() + LIMIT
    while not fact():
        assert SYSTEM_CLOCK.monotonic() < end
        never.wait(0.001)


@pytest.fixture
def gate() -> Iterator[Gate]:
    made = Gate()
    yield made
    made.opened.set()


def test_notifications_arrive_in_order_on_a_thread_of_the_plugin() -> None:
    threads: list[str] = []
    house = House()
    listener = Listener(lambda entries: threads.append(threading.current_thread().name))
    house.register(listener, "listener")
    for number in range(10):
        house.hooks.events_logged([number])  # type: ignore[list-item] # passed on unseen
    house.hooks.shutdown(LIMIT)
    assert listener.seen == [[number] for number in range(10)]
    assert set(threads) == {"plugwork listener"}
    assert house.record("listener").calls == 10


def test_a_plugin_that_raises_is_disabled_when_its_errors_are_used_up() -> None:
    def boom(entries: Any) -> None:
        raise (SystemExit if entries == [1] else ValueError)("boom")

    house = House(errors=3)
    bad, good = Listener(boom), Listener()
    house.register(bad, "bad")
    house.register(good, "good")
    for number in range(6):
        house.hooks.events_logged([number])  # type: ignore[list-item] # passed on unseen
        house.hooks.shutdown(LIMIT)
    assert len(bad.seen) == 3
    assert len(good.seen) == 6
    record = house.record("bad")
    assert (record.state, record.errors, record.dropped) == (NotifierState.DISABLED, 3, 3)
    assert record.last_error == "plugwork_events_logged: ValueError: boom"
    assert house.record("good").state is NotifierState.OK


def test_a_plugin_that_hangs_is_put_aside_and_its_calls_are_dropped(gate: Gate) -> None:
    house = House(seconds=5.0)
    slow, quick = Listener(gate), Listener()
    house.register(slow, "slow")
    house.register(quick, "quick")
    for number in range(4):
        house.hooks.events_logged([number])  # type: ignore[list-item] # passed on unseen
    assert gate.reached.wait(LIMIT)
    until(lambda: house.record("quick").calls == 4)
    house.clock.time = 6.0
    house.hooks.events_logged([4])  # type: ignore[list-item] # passed on unseen
    record = house.record("slow")
    assert (record.state, record.dropped) == (NotifierState.HANGING, 4)
    house.hooks.shutdown(LIMIT)
    assert len(quick.seen) == 5
    assert slow.seen == [[0]]


def test_a_plugin_that_comes_back_goes_on_with_an_error_counted(gate: Gate) -> None:
    house = House(seconds=5.0)
    slow = Listener(gate)
    house.register(slow, "slow")
    house.hooks.events_logged([0])  # type: ignore[list-item] # passed on unseen
    assert gate.reached.wait(LIMIT)
    house.clock.time = 6.0
    assert house.record("slow").state is NotifierState.HANGING
    gate.opened.set()
    assert slow.told.acquire(timeout=LIMIT)
    until(lambda: house.record("slow").state is NotifierState.OK)
    house.hooks.events_logged([1])  # type: ignore[list-item] # passed on unseen
    house.hooks.shutdown(LIMIT)
    record = house.record("slow")
    assert (record.calls, record.errors, record.seconds) == (2, 1, 6.0)
    assert "took 6.0 s, 5 s are allowed" in record.last_error


def test_a_full_queue_drops_what_is_new_and_counts_it(gate: Gate) -> None:
    house = House(waiting=2)
    slow = Listener(gate)
    house.register(slow, "slow")
    house.hooks.events_logged([0])  # type: ignore[list-item] # passed on unseen
    assert gate.reached.wait(LIMIT)
    for number in range(1, 6):
        house.hooks.events_logged([number])  # type: ignore[list-item] # passed on unseen
    assert house.record("slow").dropped == 3
    gate.opened.set()
    house.hooks.shutdown(LIMIT)
    assert slow.seen == [[0], [1], [2]]


def test_shutdown_is_the_last_call_and_waits_for_what_is_queued() -> None:
    calls: list[str] = []

    class Both:
        @hookimpl
        def plugwork_run_status_changed(self, current: Any) -> None:
            calls.append(current)

        @hookimpl
        def plugwork_shutdown(self) -> None:
            calls.append("shutdown")

    house = House()
    house.register(Both(), "both")
    house.hooks.run_status_changed(None, None, "STARTED")  # type: ignore[arg-type] # unseen
    house.hooks.shutdown(LIMIT)
    assert calls == ["STARTED", "shutdown"]


def test_shutdown_does_not_wait_for_a_plugin_that_hangs(gate: Gate) -> None:
    house = House(seconds=1.0)
    house.register(Listener(gate), "slow")
    house.hooks.events_logged([0])  # type: ignore[list-item] # passed on unseen
    assert gate.reached.wait(LIMIT)
    house.clock.time = 2.0
    house.hooks.shutdown(3600.0)
    assert house.record("slow").state is NotifierState.HANGING


def test_without_listeners_no_thread_is_started() -> None:
    house = House()
    before = threading.active_count()
    house.hooks.events_logged([])
    house.hooks.shutdown(LIMIT)
    assert threading.active_count() == before
    assert house.hooks.records() == []


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
@pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")
def test_a_forked_child_notifies_on_a_thread_of_its_own() -> None:
    notifier = Notifier("plugin", Budget(), SYSTEM_CLOCK)
    assert notifier.ask("hook", os.getpid, LIMIT) == os.getpid()
    child = os.fork()
    if child == 0:
        os._exit(0 if notifier.ask("hook", os.getpid, LIMIT) == os.getpid() else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


class Doctor:
    def __init__(self, answer: Callable[[], Any]) -> None:
        self.answer = answer

    @hookimpl
    def plugwork_doctor(self) -> Any:
        return self.answer()

    @hookimpl
    def plugwork_check_config(self, config: PluginConfig) -> Any:
        return self.answer()


def test_answers_are_collected_and_failures_are_lines_of_their_plugin(gate: Gate) -> None:
    house = House(seconds=0.05)
    house.register(Doctor(lambda: ["fine"]), "fine")
    house.register(Doctor(lambda: None), "silent")
    house.register(Doctor(lambda: 1 / 0), "raising")
    house.register(Doctor(lambda: [7]), "junk")
    house.register(Doctor(lambda: gate([])), "hanging")
    health = house.hooks.doctor()
    assert health["fine"] == ["fine"]
    assert health["silent"] == []
    assert health["raising"] == ["ZeroDivisionError: division by zero"]
    assert "expected a list of str" in health["junk"][0]
    assert health["hanging"] == ["no answer within 0.05 s"]


def test_problems_of_settings_are_collected_and_a_failing_plugin_is_one() -> None:
    house = House()
    house.register(Doctor(lambda: [Problem("PW-CFG-012", "too many reels")]), "tape")
    house.register(Doctor(lambda: 1 / 0), "raising")
    found = house.hooks.check_config(PluginConfig(settings={}))
    assert sorted(problem.code for problem in found) == ["PW-CFG-012", "PW-PLG-009"]
    assert any("raising: hook plugwork_check_config: ZeroDivision" in p.message for p in found)


def test_plugins_loaded_later_are_configured_too() -> None:
    told: list[PluginConfig] = []

    class Life:
        @hookimpl
        def plugwork_configure(self, config: PluginConfig) -> None:
            told.append(config)

    house = House()
    config = PluginConfig(settings={"life": None})
    house.register(Life(), "early")
    house.hooks.configure(config)
    house.register(Life(), "late")
    assert told == [config, config]


def test_a_plugin_that_refuses_its_settings_is_named() -> None:
    class Life:
        @hookimpl
        def plugwork_configure(self, config: PluginConfig) -> None:
            raise ValueError("no such reel")

    class Other:
        @hookimpl
        def plugwork_configure(self) -> None: ...

    house = House()
    house.register(Other(), "other")
    house.register(Life(), "life")
    with pytest.raises(PluginError, match=r"^life: hook plugwork_configure raised ValueError: no"):
        house.hooks.configure(PluginConfig(settings={}))


def test_a_plugin_can_add_hooks_for_others() -> None:
    class Specs:
        @staticmethod
        @pluggy.HookspecMarker(PROJECT)
        def plugwork_tape_wound(reel: str) -> None: ...

    class Adding:
        @hookimpl
        def plugwork_add_hooks(self, pluginmanager: pluggy.PluginManager) -> None:
            pluginmanager.add_hookspecs(Specs)

    house = House()
    house.register(Adding(), "adding")
    assert house.manager.hook.plugwork_tape_wound.has_spec()


class Resolving:
    def __init__(self, answer: Any) -> None:
        self.answer = answer

    @hookimpl
    def plugwork_resolve_reference(self, scheme: str, value: str) -> Any:
        if isinstance(self.answer, BaseException):
            raise self.answer
        return self.answer if scheme == "vault" else None

    @hookimpl
    def plugwork_select_executor(self, names: Any) -> Any:
        return self.answer


def test_the_first_plugin_that_knows_a_scheme_answers() -> None:
    house = House()
    assert house.hooks.resolve_reference("vault", "a/b") is None
    house.register(Resolving("secret"), "vault")
    assert house.hooks.resolve_reference("vault", "a/b") == "secret"
    assert house.hooks.resolve_reference("keys", "a/b") is None


@pytest.mark.parametrize("error", [ValueError("sealed"), SystemExit(2)])
def test_a_plugin_that_fails_to_answer_is_named(error: BaseException) -> None:
    house = House()
    house.register(Resolving(None), "silent")
    house.register(Resolving(error), "vault")
    with pytest.raises(PluginError, match=r"^vault: hook plugwork_resolve_reference raised"):
        house.hooks.resolve_reference("vault", "a/b")


def test_an_answer_that_makes_no_sense_is_refused() -> None:
    house = House()
    house.register(Resolving(7), "junk")
    with pytest.raises(PluginHookError, match=r"returned a int for the scheme 'vault'.*: junk"):
        house.hooks.resolve_reference("vault", "a/b")
    with pytest.raises(PluginHookError, match="chose 7, which is none of a, b: junk"):
        house.hooks.select_executor(object(), ["a", "b"])


def test_an_executor_is_chosen_among_those_offered() -> None:
    house = House()
    assert house.hooks.select_executor(object(), ["a", "b"]) is None
    house.register(Resolving("b"), "chooser")
    assert house.hooks.select_executor(object(), ["a", "b"]) == "b"


class Wrapping:
    def __init__(self, trace: list[str]) -> None:
        self.trace = trace

    @hookimpl(wrapper=True)
    def plugwork_execute_step(self, step: Any) -> Iterator[Any]:
        self.trace.append(f"before {step}")
        try:
            return (yield)
        finally:
            self.trace.append("after")


class Retrying:
    def __init__(self, answer: bool) -> None:
        self.answer = answer

    @hookimpl
    def plugwork_execute_step(self, run: Callable[[], Any]) -> Any:
        try:
            result = run()
        except ValueError:
            result = run()
        return result if self.answer else None


def test_a_step_is_executed_as_it_is_when_no_plugin_stands_around_it() -> None:
    assert House().hooks.execute_step("one", None, lambda: 7) == 7


def test_wrappers_stand_around_a_step_and_its_errors_pass_through() -> None:
    trace: list[str] = []
    house = House()
    house.register(Wrapping(trace), "tracer")
    assert house.hooks.execute_step("one", None, lambda: 7) == 7
    with pytest.raises(ZeroDivisionError):
        house.hooks.execute_step("two", None, lambda: 1 / 0)
    assert trace == ["before one", "after", "before two", "after"]


@pytest.mark.parametrize("answer", [True, False])
def test_a_plugin_can_repeat_a_step_even_if_it_forgets_to_return(answer: bool) -> None:
    runs: list[int] = []

    def run() -> str:
        runs.append(1)
        if len(runs) == 1:
            raise ValueError
        return "done"

    house = House()
    house.register(Retrying(answer), "retrier")
    assert house.hooks.execute_step("one", None, run) == "done"
    assert len(runs) == 2


def test_every_hook_has_a_scope_and_documentation() -> None:
    from plugwork import hookspecs

    names = {name for name in vars(hookspecs) if name.startswith("plugwork_")}
    assert names == set(SCOPES)
    assert all(SCOPES.values())
    assert all(getattr(hookspecs, name).__doc__ for name in names)


def test_every_kind_has_its_hook() -> None:
    from plugwork.abc.specs import KINDS, Kind

    assert set(KINDS) == set(Kind)
    assert {info.hook for info in KINDS.values()} <= set(SCOPES)
