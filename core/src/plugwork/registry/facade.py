"""Typed calls of every hook: nothing else in the house touches ``pm.hook``."""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import pluggy

from plugwork import hookspecs
from plugwork.abc.specs import LoopSpec, PluginConfig
from plugwork.clock import Clock
from plugwork.errors import PluginError, PluginHookError, Problem
from plugwork.registry.notifier import (
    Budget,
    Call,
    NotAnsweredError,
    Notifier,
    NotifierRecord,
)
from plugwork.registry.objects import describe
from plugwork.registry.provided import check_api, read_specs

if TYPE_CHECKING:
    from plugwork.model import EventLogEntry, Run, RunStatus

R = TypeVar("R")
_Target = tuple[Notifier, Callable[..., Any], tuple[str, ...]]


class Hooks:
    """The hooks of the registered plugins. Thread-safe.

    :param budget: what each plugin's notifications may cost.
    """

    def __init__(self, manager: pluggy.PluginManager, budget: Budget, clock: Clock) -> None:
        self._manager = manager
        self._budget = budget
        self._clock = clock
        self._lock = threading.Lock()
        self._notifiers: dict[str, Notifier] = {}
        self._targets: dict[str, tuple[_Target, ...]] = {}
        self._implemented: dict[str, bool] = {}
        manager.add_hookspecs(hookspecs)
        manager.register(_Base(), "plugwork itself")
        manager.hook.plugwork_add_hooks.call_historic(kwargs={"pluginmanager": manager})

    def refresh(self) -> None:
        """Notice that plugins came or went."""
        with self._lock:
            self._targets = {}
            self._implemented = {}

    def loops(self) -> list[LoopSpec]:
        """Return the loops that the registered plugins bring.

        :raises PluginError: one of them raised, returned something else, or names a wrong API.
        """
        found: list[LoopSpec] = []
        for name, plugin in self._manager.list_name_plugin():
            specs = read_specs(self._manager, plugin, name, "plugwork_loops", LoopSpec)
            for spec in specs:
                check_api(spec, "loop", name)
            found += specs
        return found

    def configure(self, config: PluginConfig) -> None:
        """Hand the settings to the plugins, also to those that are loaded later.

        :raises PluginError: one of them refuses; it names which.
        """
        call = self._manager.hook.plugwork_configure.call_historic
        self._answer("plugwork_configure", lambda: call(kwargs={"config": config}))

    def resolve_reference(self, scheme: str, value: str) -> str | None:
        """Resolve a reference of a plugin's own scheme; None when no plugin knows the scheme.

        :raises PluginError: the plugin that knows it failed.
        """
        hook = "plugwork_resolve_reference"
        if not self._has(hook):
            return None
        call = self._manager.hook.plugwork_resolve_reference
        answer = self._answer(hook, lambda: call(scheme=scheme, value=value))
        if answer is not None and not isinstance(answer, str):
            raise PluginHookError(
                f"hook {hook} returned a {type(answer).__name__} for the scheme {scheme!r}, "
                f"expected text: {self._implementers(hook)}"
            )
        return answer

    def select_executor(self, step: object, names: Sequence[str]) -> str | None:
        """Ask which executor a step gets; None when no plugin cares.

        :raises PluginError: a plugin failed, or chose a name that is not offered.
        """
        hook = "plugwork_select_executor"
        if not self._has(hook):
            return None
        call = self._manager.hook.plugwork_select_executor
        answer = self._answer(hook, lambda: call(step=step, names=names))
        if answer is not None and answer not in names:
            raise PluginHookError(
                f"hook {hook} chose {answer!r:.80}, which is none of {', '.join(names)}: "
                f"{self._implementers(hook)}"
            )
        return None if answer is None else str(answer)

    @property
    def selects_executors(self) -> bool:
        """Whether a plugin may choose executors of steps."""
        return self._has("plugwork_select_executor")

    @property
    def surrounds_steps(self) -> bool:
        """Whether a plugin stands around attempts: each then runs in one thread from end to end."""
        return self._has("plugwork_execute_step")

    def execute_step(self, step: object, context: object, run: Callable[[], R]) -> R:
        """Execute an attempt, with the plugins that stand around it.

        :param run: the execution itself; what it raises passes through.
        """
        if not self._has("plugwork_execute_step"):
            return run()
        attempts = _Attempts(run)
        call = self._manager.hook.plugwork_execute_step
        answer: R | None = call(step=step, context=context, run=attempts)
        result: R = attempts.last if answer is None else answer
        return result

    def events_logged(self, entries: Sequence[EventLogEntry]) -> None:
        """Tell the plugins of events that were committed together. Never blocks or raises."""
        targets = self._targets.get("plugwork_events_logged")
        if targets is None or targets:
            self._notify("plugwork_events_logged", {"entries": entries})

    def notifies(self, hook: str) -> bool:
        """Tell whether any plugin listens to a notification; for callers whose news costs."""
        return bool(self._targets_of(hook))

    def run_status_changed(self, run: Run, previous: RunStatus | None, current: RunStatus) -> None:
        """Tell the plugins of a run's new status. Never blocks or raises."""
        arguments = {"run": run, "previous": previous, "current": current}
        self._notify("plugwork_run_status_changed", arguments)

    def check_config(self, config: PluginConfig) -> list[Problem]:
        """Ask the plugins what is wrong with their settings; a failing plugin is a problem."""
        problems: list[Problem] = []
        for plugin, answer in self._ask("plugwork_check_config", {"config": config}, Problem):
            if isinstance(answer, NotAnsweredError):
                message = f"{plugin}: hook plugwork_check_config: {answer}"
                problems.append(Problem("PW-PLG-009", message))
            else:
                problems += answer
        return problems

    def doctor(self) -> dict[str, list[str]]:
        """Ask the plugins for their health: plugin -> lines; a failing one says how it failed."""
        return {
            plugin: [str(answer)] if isinstance(answer, NotAnsweredError) else answer
            for plugin, answer in self._ask("plugwork_doctor", {}, str)
        }

    def shutdown(self, timeout: float = 5.0) -> None:
        """Let the plugins finish what waits, and tell them that it was the last.

        :param timeout: seconds for all of them together.
        """
        self._notify("plugwork_shutdown", {})
        end = self._clock.monotonic() + timeout
        with self._lock:
            notifiers = list(self._notifiers.values())
        for notifier in notifiers:
            notifier.drain(max(0.0, end - self._clock.monotonic()))

    def records(self) -> list[NotifierRecord]:
        """Return what each plugin's notifications have cost."""
        with self._lock:
            notifiers = list(self._notifiers.values())
        return [notifier.record() for notifier in notifiers]

    def _has(self, hook: str) -> bool:
        known = self._implemented.get(hook)
        if known is None:
            with self._lock:
                known = any(
                    not isinstance(each.plugin, _Base) for each in self._implementations(hook)
                )
                self._implemented[hook] = known
        return known

    def _implementations(self, hook: str) -> list[pluggy.HookImpl]:
        caller: pluggy.HookCaller = getattr(self._manager.hook, hook)
        return caller.get_hookimpls()

    def _implementers(self, hook: str) -> str:
        return ", ".join(each.plugin_name for each in self._implementations(hook))

    def _answer(self, hook: str, call: Callable[[], Any]) -> Any:
        try:
            return call()
        except (Exception, SystemExit) as error:
            culprit = self._culprit(hook, error) or self._implementers(hook)
            message = f"{culprit}: hook {hook} raised {describe(error)}"
            raise PluginError(message) from error

    def _culprit(self, hook: str, error: BaseException) -> str | None:
        """Find the plugin whose implementation stands in the traceback."""
        codes = {
            getattr(each.function, "__code__", None): each.plugin_name
            for each in self._implementations(hook)
        }
        trace = error.__traceback__
        while trace is not None:
            if trace.tb_frame.f_code in codes:
                return codes[trace.tb_frame.f_code]
            trace = trace.tb_next
        return None

    def _targets_of(self, hook: str) -> tuple[_Target, ...]:
        targets = self._targets.get(hook)
        if targets is None:
            with self._lock:
                targets = tuple(
                    (self._notifier(each.plugin_name), each.function, tuple(each.argnames))
                    for each in self._implementations(hook)
                )
                self._targets[hook] = targets
        return targets

    def _notifier(self, plugin: str) -> Notifier:
        if plugin not in self._notifiers:
            self._notifiers[plugin] = Notifier(plugin, self._budget, self._clock)
        return self._notifiers[plugin]

    def _notify(self, hook: str, arguments: Mapping[str, Any]) -> None:
        for notifier, function, names in self._targets_of(hook):
            notifier.notify(hook, _call(function, names, arguments))

    def _ask(self, hook: str, arguments: Mapping[str, Any], item: type) -> list[tuple[str, Any]]:
        answers: list[tuple[str, Any]] = []
        for notifier, function, names in self._targets_of(hook):
            call = functools.partial(_listed, _call(function, names, arguments), item)
            try:
                answer = notifier.ask(hook, call, self._budget.seconds)
            except NotAnsweredError as error:
                answer = error
            answers.append((notifier.plugin, answer))
        return answers


class _Attempts(Generic[R]):
    """The ``run`` argument of ``plugwork_execute_step``; remembers its last result."""

    def __init__(self, run: Callable[[], R]) -> None:
        self._run = run
        self.made = False
        self.last: Any = None

    def __call__(self) -> R:
        self.last = result = self._run()
        self.made = True
        return result


class _Base:
    """The kernel's own implementations: what happens when no plugin does it otherwise."""

    @hookspecs.hookimpl(trylast=True)
    def plugwork_execute_step(self, run: _Attempts[Any]) -> Any:
        # A plugin that called run() and forgot to return its result must not cause a second run.
        return run.last if run.made else run()


def _call(function: Callable[..., Any], names: Sequence[str], values: Mapping[str, Any]) -> Call:
    return functools.partial(function, **{name: values[name] for name in names})


def _listed(call: Call, item: type) -> list[Any]:
    answer = call()
    if answer is None:
        return []
    if not isinstance(answer, list | tuple) or not all(isinstance(e, item) for e in answer):
        raise PluginHookError(f"returned {answer!r:.80}, expected a list of {item.__name__}")
    return list(answer)
