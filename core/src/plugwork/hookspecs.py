"""Every hook that a plugin can implement.

A plugin marks a module-level function with :data:`hookimpl`; arguments are passed by keyword, and
an implementation may leave out those it does not use. :data:`SCOPES` tells in which processes
each hook is called. Within an interface number hooks and arguments are only added.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import pluggy

if TYPE_CHECKING:
    from plugwork.abc.specs import (
        ComputeLogManagerSpec,
        CoordinatorSpec,
        ExecutorSpec,
        FileManagerSpec,
        LauncherSpec,
        LoopSpec,
        PluginConfig,
        SchedulerSpec,
        StorageSpec,
    )
    from plugwork.errors import Problem
    from plugwork.model import EventLogEntry, Run, RunStatus

PROJECT = "plugwork"

hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)


class Scope(enum.StrEnum):
    """A kind of process in which hooks are called."""

    #: The command line, a daemon, the web server: whatever has the instance open.
    HOST = "host"
    #: The worker of one run.
    RUN = "run"
    #: A process that executes steps for a run worker.
    STEP = "step"


_OWNERS = frozenset({Scope.HOST, Scope.RUN})
_ALL = frozenset(Scope)

#: The processes in which each hook is called.
SCOPES: Mapping[str, frozenset[Scope]] = {
    "plugwork_executors": _OWNERS,
    "plugwork_storages": _ALL,
    "plugwork_launchers": _OWNERS,
    "plugwork_coordinators": _OWNERS,
    "plugwork_schedulers": _OWNERS,
    "plugwork_compute_log_managers": _ALL,
    "plugwork_file_managers": _ALL,
    "plugwork_loops": frozenset({Scope.HOST}),
    "plugwork_add_hooks": _ALL,
    "plugwork_configure": _ALL,
    "plugwork_resolve_reference": _ALL,
    "plugwork_select_executor": _OWNERS,
    "plugwork_execute_step": frozenset({Scope.RUN, Scope.STEP}),
    "plugwork_events_logged": _OWNERS,
    "plugwork_run_status_changed": _OWNERS,
    "plugwork_check_config": frozenset({Scope.HOST}),
    "plugwork_doctor": frozenset({Scope.HOST}),
    "plugwork_shutdown": _ALL,
}


# Providing components: every implementation is asked, each for what its own plugin brings. The
# names must be those that the distribution's entry points announce.


@hookspec
def plugwork_executors() -> list[ExecutorSpec]:
    """Return the executors of this plugin.

    Called once, when configuration or a job first names one of them.
    """
    raise NotImplementedError


@hookspec
def plugwork_storages() -> list[StorageSpec]:
    """Return the storages of this plugin, when configuration first names one of them."""
    raise NotImplementedError


@hookspec
def plugwork_launchers() -> list[LauncherSpec]:
    """Return the run launchers of this plugin, when configuration first names one of them."""
    raise NotImplementedError


@hookspec
def plugwork_coordinators() -> list[CoordinatorSpec]:
    """Return the run coordinators of this plugin, when configuration first names one of them."""
    raise NotImplementedError


@hookspec
def plugwork_schedulers() -> list[SchedulerSpec]:
    """Return the schedulers of this plugin, when configuration first names one of them."""
    raise NotImplementedError


@hookspec
def plugwork_compute_log_managers() -> list[ComputeLogManagerSpec]:
    """Return the compute log managers of this plugin, when configuration first names one."""
    raise NotImplementedError


@hookspec
def plugwork_file_managers() -> list[FileManagerSpec]:
    """Return the file managers of this plugin, when configuration or a job first names one."""
    raise NotImplementedError


@hookspec
def plugwork_loops() -> list[LoopSpec]:
    """Return the loops that a daemon runs for the components of this plugin.

    Called when a daemon starts, for plugins that configuration names or enables.
    """
    raise NotImplementedError


# Life of a plugin. Historic: a plugin that is loaded later is called then.


@hookspec(historic=True)
def plugwork_add_hooks(pluginmanager: pluggy.PluginManager) -> None:
    """Add hooks of your own for other plugins to implement.

    Called as soon as the plugin is registered, before any other hook.

    :param pluginmanager: takes the specifications by ``add_hookspecs(module)``, and makes the
        calls of them; the hooks of this module are not to be called through it.
    """


@hookspec(historic=True)
def plugwork_configure(config: PluginConfig) -> None:
    """Take over the settings, once they are validated and references are resolved.

    An error raised here is the user's to mend: it ends the command and names the plugin.
    """


# One answer: the first implementation that does not return None settles it.


@hookspec(firstresult=True)
def plugwork_resolve_reference(scheme: str, value: str) -> str | None:
    """Resolve a reference of configuration, ``${scheme:value}``, of a scheme that is your own.

    Called while settings are structured, for enabled plugins only, once for each reference; the
    answer is a secret and is masked wherever settings are shown.

    :return: the text, or None when the scheme is not yours.
    """
    raise NotImplementedError


@hookspec(firstresult=True)
def plugwork_select_executor(step: Any, names: Sequence[str]) -> str | None:
    """Choose the executor of one step, before its first attempt.

    Asked at the start of a run about each step that no route names, and by a dry run; once for
    steps that stand for several, one for each dynamic output. All attempts go there. Not asked
    when the run's own executor takes no single steps, and not by ``execute_in_process``.

    :param step: the step of the plan.
    :param names: the executors that the run may use: its own first, then those of routes, then
        all others that are installed.
    :return: one of the names, or None to leave the choice to others.
    """
    raise NotImplementedError


@hookspec(firstresult=True)
def plugwork_execute_step(step: Any, context: Any, run: Callable[[], Any]) -> Any:
    """Stand around the execution of one attempt of a step, in the process that executes it.

    To time or trace, implement it as ``hookimpl(wrapper=True)``, a generator that yields once. To
    repeat or replace the execution, implement it plainly, call ``run()`` as often as needed, and
    return its result. What ``run()`` raises must pass through.

    :param step: the step of the plan.
    :param context: the step's execution context.
    :param run: executes the attempt and returns its result.
    """
    raise NotImplementedError


# Notifications. After commit, in the process that committed, at most once, each plugin on a
# thread of its own behind a bounded queue. A plugin that is slow or raises again and again is put
# aside; the run does not notice. Who needs every event reads the log by cursor instead.


@hookspec
def plugwork_events_logged(entries: Sequence[EventLogEntry]) -> None:
    """Notice events that have just been committed together, in the order of their ``seq``."""


@hookspec
def plugwork_run_status_changed(run: Run, previous: RunStatus | None, current: RunStatus) -> None:
    """Notice a change of a run's status.

    :param run: the run as it is after the change.
    :param previous: None when the run has just been created.
    """


@hookspec
def plugwork_check_config(config: PluginConfig) -> list[Problem] | None:
    """Return what is wrong with the settings beyond their types, for ``plugwork check``.

    Must not change anything; it may connect to what the settings name. Answers within the time
    budget, or is reported as hanging.
    """
    raise NotImplementedError


@hookspec
def plugwork_doctor() -> list[str] | None:
    """Return lines on the plugin's own health, for ``plugwork plugins doctor``.

    Answers within the time budget, or is reported as hanging.
    """
    raise NotImplementedError


@hookspec
def plugwork_shutdown() -> None:
    """Flush and close what the plugin holds; the last call, when the instance is disposed.

    On the plugin's own thread, after the notifications that wait there.
    """
