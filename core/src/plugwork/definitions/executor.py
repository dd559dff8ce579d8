"""Executor definitions: how a job says what drives its steps."""

from __future__ import annotations

import copy
import inspect
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, overload

from plugwork.config.schema import Field
from plugwork.definitions.configured import ConfiguredMixin, field_of
from plugwork.errors import InvalidDefinitionError

if TYPE_CHECKING:
    from plugwork.abc import Executor, ExecutorRequirement, InitExecutorContext

    CreationFn = Callable[[InitExecutorContext], Executor]
    Requirements = Sequence[ExecutorRequirement] | Callable[[Any], Sequence[ExecutorRequirement]]


class ExecutorDefinition(ConfiguredMixin):
    """Makes executors. See :func:`executor`.

    :param config_schema: None takes any config.
    :param requirements: what executors of this kind need of job and instance; or a function of the
        executor's config that says it.
    :param executor_creation_fn: gets one ``InitExecutorContext``.
    """

    what = "executor"

    def __init__(
        self,
        name: str,
        config_schema: Any = None,
        requirements: Requirements | None = None,
        executor_creation_fn: CreationFn | None = None,
        description: str | None = None,
    ) -> None:
        self._name = name
        self._config_field = field_of(config_schema, f"executor {name!r}", executor_creation_fn)
        self._config_schema = config_schema
        self._requirements = requirements
        self._executor_creation_fn = executor_creation_fn
        self._description = description

    @property
    def name(self) -> str:
        return self._name

    @property
    def description(self) -> str | None:  # type: ignore[override]  # read-only here
        return self._description

    @property
    def config_schema(self) -> Any:
        return self._config_schema

    @property
    def config_field(self) -> Field:  # type: ignore[override]  # read-only here
        return self._config_field

    @property
    def requirements(self) -> Requirements | None:
        return self._requirements

    @property
    def executor_creation_fn(self) -> CreationFn | None:
        return self._executor_creation_fn

    def get_requirements(self, executor_config: Any) -> list[ExecutorRequirement]:
        """Return what an executor with this config needs."""
        found = self._requirements
        return list(found(executor_config) if callable(found) else found or ())

    @staticmethod
    def hardcoded_executor(executor: Executor) -> ExecutorDefinition:
        """Wrap an executor that exists already."""
        return ExecutorDefinition(
            type(executor).__name__, executor_creation_fn=lambda context: executor
        )

    def configured(  # type: ignore[override]  # an executor has a name to give
        self,
        config_or_config_fn: Any,
        name: str | None = None,
        config_schema: Any = None,
        description: str | None = None,
    ) -> ExecutorDefinition:
        """Return a definition like this one, with config filled in; it keeps the requirements.

        :param config_or_config_fn: the config; or a function that makes it from the config of the
            new definition.
        :param name: this definition's when not given.
        :param config_schema: of the function's parameter; None takes any config.
        """
        made = super().configured(config_or_config_fn, config_schema, description)
        made._name = name or self._name
        return made

    def _with_config(self, config_field: Field, description: str | None) -> ExecutorDefinition:
        made = copy.copy(self)
        made._config_field = made._config_schema = config_field
        made._description = description or self._description
        return made

    @property
    def _label(self) -> str:
        return f"executor {self._name!r}"

    def __repr__(self) -> str:
        return f"<ExecutorDefinition {self.name}>"


@overload
def executor(name: CreationFn) -> ExecutorDefinition: ...


@overload
def executor(
    name: str | None = ...,
    config_schema: Any = ...,
    requirements: Requirements | None = ...,
) -> Callable[[CreationFn], ExecutorDefinition]: ...


def executor(
    name: str | CreationFn | None = None,
    config_schema: Any = None,
    requirements: Requirements | None = None,
) -> ExecutorDefinition | Callable[[CreationFn], ExecutorDefinition]:
    """Make an executor definition of a function that makes an executor.

    :param name: the function's name when not given.
    :param config_schema: None takes any config.
    :param requirements: see :class:`ExecutorDefinition`.
    :raises InvalidDefinitionError: when the function does not take exactly one argument.
    """

    def define(fn: CreationFn) -> ExecutorDefinition:
        _check_function(fn)
        chosen = name if isinstance(name, str) else fn.__name__
        return ExecutorDefinition(chosen, config_schema, requirements, fn, fn.__doc__)

    return define(name) if callable(name) else define


def _check_function(fn: CreationFn) -> None:
    try:
        inspect.signature(fn).bind(object())
    except TypeError:
        raise InvalidDefinitionError(
            f"the function {fn.__name__!r} of an executor must take one argument, the "
            f"InitExecutorContext; its signature is {inspect.signature(fn)}"
        ) from None


#: Stands for the instance's choice: its ``executor``, else ``multiprocess`` where that is possible,
#: else ``in_process``. Resolved when a run starts.
multi_or_in_process_executor = ExecutorDefinition(
    "multi_or_in_process_executor",
    description="What the instance's configuration names, else the best that is installed.",
)
