"""Steps of one run on several executors: which step goes where, and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

import attrs

from plugwork.abc.executor import RetryMode, StepExecutor, StepReport, StepWorkers
from plugwork.errors import UnmetExecutorRequirementsError
from plugwork.plan.gates import Lane

if TYPE_CHECKING:
    from plugwork.abc import Executor
    from plugwork.definitions.executor_settings import RouteSettings
    from plugwork.execution.contexts import PlanOrchestrationContext
    from plugwork.model import Event
    from plugwork.plan import ExecutionPlan, ExecutionStep

#: Makes an executor of its name and settings, for this run.
Make = Callable[[str, "Mapping[str, Any] | None"], "Executor"]
#: Asks plugins: of a step and the names to choose from, the name they chose.
Ask = Callable[["ExecutionStep", Sequence[str]], "str | None"]
_NO_RULE = "no route names it"


@attrs.frozen
class Destination:
    """Where a step runs."""

    #: The executor's name; where one is used with different settings, with a number.
    executor: str
    #: For people: ``route tag kind=io``.
    reason: str


class RoutedExecutor(StepExecutor):
    """Hands each step of a run to the executor that a rule, or a plugin, names for it.

    The first rule that fits a step holds; plugins are asked about steps that no rule names; all
    others go to the run's own executor. Steps that stand for several, once for each dynamic
    output, go to one executor together.

    :param own: the run's own executor; its settings hold for the scheduling of all steps.
    :param offered: names of further executors that plugins may choose.
    :raises UnmetExecutorRequirementsError: when an executor cannot share a run.
    """

    def __init__(
        self, name: str, own: StepExecutor, offered: Sequence[str], make: Make, ask: Ask
    ) -> None:
        self.settings = own.settings
        self._own_name = name
        self._make = make
        self._ask = ask
        self._executors: dict[str, StepExecutor] = {name: own}
        routes = own.settings.routes if own.settings is not None else ()
        self._routes = [(route, self._open_route(route)) for route in routes]
        self._names = list(dict.fromkeys([name, *(use for _, use in self._routes), *offered]))
        #: Node path -> where its steps go.
        self._destinations: dict[tuple[str, ...], Destination] = {}

    @property
    def retries(self) -> RetryMode:
        return self._executors[self._own_name].retries

    def destination(self, step: ExecutionStep) -> Destination:
        """Tell where a step goes; the same for each of its attempts."""
        found = self._destinations.get(step.path)
        if found is None:
            found = self._destinations[step.path] = self._choose(step)
        return found

    def describe(self, plan: ExecutionPlan) -> str:
        """Tell, for the run's first engine event, how many steps go where and why."""
        counts = Counter(self.destination(step) for step in plan.steps)
        return "; ".join(
            f"{number} to {one.executor} ({one.reason})" for one, number in counts.items()
        )

    def execute(
        self, plan_context: PlanOrchestrationContext, execution_plan: ExecutionPlan
    ) -> Iterator[Event]:
        routes = self.describe(execution_plan)
        plan_context.executor_reason += f"; steps: {routes}"
        self.place = f"on {' and '.join(self._used(execution_plan))}"
        return plan_context.drive_steps(self)

    @contextmanager
    def open_workers(
        self,
        plan_context: PlanOrchestrationContext,
        report: Callable[[StepReport], None],
        step_keys: Sequence[str] | None = None,
    ) -> Iterator[StepWorkers]:
        with ExitStack() as stack:
            stack.enter_context(plan_context.sharing_steps())
            workers: dict[str, StepWorkers] = {}
            for name, keys in self._used(plan_context.plan).items():
                opened = self._executors[name].open_workers(plan_context, report, keys)
                workers[name] = stack.enter_context(opened)
            yield RoutedWorkers(workers, lambda step: self.destination(step).executor)

    def _used(self, plan: ExecutionPlan) -> dict[str, list[str]]:
        """Return the executors that get steps, each with their keys."""
        used: dict[str, list[str]] = {}
        for step in plan.steps:
            used.setdefault(self.destination(step).executor, []).append(step.key)
        return used

    def _choose(self, step: ExecutionStep) -> Destination:
        for route, name in self._routes:
            if _fits(route, step):
                return Destination(name, f"route {_told(route)}")
        chosen = self._ask(step, self._names)
        if chosen is None:
            return Destination(self._own_name, _NO_RULE if self._routes else "the run's own")
        if chosen not in self._executors:
            self._add(chosen, chosen, None)
        return Destination(chosen, "chosen by a plugin")

    def _open_route(self, route: RouteSettings) -> str:
        if isinstance(route.use, str):
            name, settings = route.use, None
        else:
            ((name, settings),) = route.use.items()
        if settings is None and name in self._executors:
            return name
        label, number = name, 1
        while label in self._executors:
            number += 1
            label = f"{name} {number}"
        return self._add(label, name, settings)

    def _add(self, label: str, name: str, settings: Mapping[str, Any] | None) -> str:
        made = self._make(name, settings)
        if not isinstance(made, StepExecutor):
            raise UnmetExecutorRequirementsError(
                f"executor {name!r} drives a whole run and takes no single steps; route to another"
            )
        own = self.settings
        if own is not None and made.settings is not None:
            # When steps may start is decided for the whole run.
            rule = own.step_dependency_config
            made.settings = attrs.evolve(made.settings, step_dependency_config=rule)
        self._executors[label] = made
        return label


class RoutedWorkers(StepWorkers):
    """The workers of several executors, as one.

    :param of: names the executor of a step.
    """

    def __init__(
        self, workers: Mapping[str, StepWorkers], of: Callable[[ExecutionStep], str]
    ) -> None:
        self._workers = workers
        self._of = of
        self.opening_events = [event for one in workers.values() for event in one.opening_events]
        self.lane = Lane(of, {name: one.capacity for name, one in workers.items()})

    @property
    def capacity(self) -> int:
        return sum(one.capacity for one in self._workers.values())

    def submit(self, step: ExecutionStep, attempt: int) -> None:
        self._workers[self._of(step)].submit(step, attempt)

    def work(self) -> None:
        for one in self._workers.values():
            one.work()

    def interrupt(self, reason: str) -> None:
        for one in self._workers.values():
            one.interrupt(reason)


def _fits(route: RouteSettings, step: ExecutionStep) -> bool:
    tags = route.tag or {}
    if any(step.tags.get(key) != value for key, value in tags.items()):
        return False
    # Steps once for each dynamic output are named by their node, too.
    names = (step.key, ".".join(step.path))
    return route.step is None or any(fnmatchcase(name, route.step) for name in names)


def _told(route: RouteSettings) -> str:
    tags = [f"tag {key}={value}" for key, value in (route.tag or {}).items()]
    return " and ".join([*tags, *([f"step {route.step}"] if route.step is not None else [])])
