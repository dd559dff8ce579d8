"""The settings that executors share: how a run's steps are scheduled, whatever runs them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, TypeVar

import attrs

from plugwork.abc.executor import RetryMode
from plugwork.config import types
from plugwork.config.class_shape import settings_schema
from plugwork.config.containers import ScalarUnion
from plugwork.config.schema import Field, Selector
from plugwork.config.settings import construct
from plugwork.config.walk import Walk
from plugwork.errors import InvalidConfigError
from plugwork.model.tag_limits import PER_VALUE, TagLimit


@attrs.frozen(kw_only=True)
class PerUniqueValue:
    """Stands in the place of a tag's value: each value has the limit for itself."""

    applyLimitPerUniqueValue: bool = attrs.field(
        metadata={"help": "Whether each value of the tag is counted on its own."}
    )


@attrs.frozen(kw_only=True)
class TagLimitSettings:
    """How many steps with a tag run at a time."""

    key: str = attrs.field(metadata={"help": "The tag."})
    limit: int = attrs.field(
        validator=attrs.validators.ge(0), metadata={"help": "How many steps run at a time."}
    )
    value: str | PerUniqueValue | None = attrs.field(
        default=None,
        metadata={"help": "Its value; without one, the steps of all values are counted together."},
    )


@attrs.frozen(kw_only=True)
class StepDependencySettings:
    """When a step may start."""

    require_upstream_step_success: bool = attrs.field(
        default=True,
        metadata={
            "help": "Whether a step waits until the steps before it have ended; if not, it starts "
            "as soon as the outputs that it needs exist."
        },
    )


#: ``true`` or ``false``; or ``{enabled: {}}`` or ``{disabled: {}}``.
_RETRIES = ScalarUnion(types.Bool, Selector({"enabled": {}, "disabled": {}}))


@attrs.frozen(kw_only=True)
class RouteSettings:
    """Which steps go to another executor."""

    use: str | Mapping[str, Mapping[str, Any]] = attrs.field(
        metadata={"help": "The executor's name, or its name with settings."}
    )
    tag: Mapping[str, str] | None = attrs.field(
        default=None, metadata={"help": "Steps that have all of these tags."}
    )
    step: str | None = attrs.field(
        default=None, metadata={"help": "Steps whose key matches, such as fetch_*."}
    )

    def __attrs_post_init__(self) -> None:
        if self.tag is None and self.step is None:
            raise ValueError("a route names its steps by a tag, by a step key, or by both")
        if not isinstance(self.use, str) and len(self.use) != 1:
            raise ValueError("use names one executor")


@attrs.frozen(kw_only=True)
class ExecutorSettings:
    """What every executor that uses the kernel's scheduler can be told.

    Executors derive their settings from it. It is read from ``executor: {name: ...}`` in the
    instance's file, and from the config of a job's executor: both have the same form.
    """

    retries: Annotated[bool | Mapping[str, Any], _RETRIES] = attrs.field(
        default=True,
        metadata={"help": "Whether steps that ask for another attempt get one."},
    )
    tag_concurrency_limits: tuple[TagLimitSettings, ...] = attrs.field(
        default=(), metadata={"help": "Limits of the run's steps by tag."}
    )
    step_dependency_config: StepDependencySettings = attrs.field(
        factory=StepDependencySettings, metadata={"help": "When a step may start."}
    )
    routes: tuple[RouteSettings, ...] = attrs.field(
        default=(),
        metadata={"help": "Steps that go to other executors; the first route that fits holds."},
    )

    @property
    def retry_mode(self) -> RetryMode:
        retries = self.retries
        enabled = retries if isinstance(retries, bool) else "enabled" in retries
        return RetryMode.ENABLED if enabled else RetryMode.DISABLED

    @property
    def tag_limits(self) -> tuple[TagLimit, ...]:
        """The limits, for ``plan_context.active_execution``."""
        return tuple(map(_tag_limit, self.tag_concurrency_limits))

    @property
    def require_upstream_success(self) -> bool:
        return self.step_dependency_config.require_upstream_step_success


S = TypeVar("S", bound=ExecutorSettings)


def executor_schema(settings: type[ExecutorSettings]) -> Field:
    """Return the ``config_schema`` of an executor's definition, from its settings class."""
    return Field(settings_schema(settings), is_required=False)


def executor_settings(settings: type[S], config: Mapping[str, Any]) -> S:
    """Make the settings of the config that an executor's creation function is given.

    :param config: ``executor_config`` of the ``InitExecutorContext``.
    :raises InvalidConfigError: when values do not fit each other.
    """
    at = Walk(("execution", "config"))
    made = construct(settings_schema(settings), config, at)
    if at.problems:
        raise InvalidConfigError("the executor's config cannot be used:", at.problems, config)
    return made  # type: ignore[no-any-return]  # the schema of a class makes objects of it


def _tag_limit(one: TagLimitSettings) -> TagLimit:
    value: Any = one.value
    if isinstance(value, PerUniqueValue):
        value = {PER_VALUE: value.applyLimitPerUniqueValue}
    return TagLimit.from_config({"key": one.key, "value": value, "limit": one.limit})
