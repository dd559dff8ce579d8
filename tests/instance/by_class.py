"""Components that a test's ``plugwork.yaml`` names by module and class; and a job for workers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import plugwork as pw
from plugwork.abc import ConfigurableClass, ConfigurableClassData, Executor, RetryMode
from plugwork.model import Event
from plugwork.plugin import ExecutionPlan, PlanOrchestrationContext
from plugwork_memory import MemoryStorage


class Described(ConfigurableClass):
    """What the components of this module share: text in their config, and their instance."""

    text: str
    instance: Any = None
    _data: ConfigurableClassData | None = None

    @property
    def inst_data(self) -> ConfigurableClassData | None:
        return self._data

    @classmethod
    def config_type(cls) -> Any:
        return {"text": pw.Field(str, default_value="none")}

    @classmethod
    def from_config_value(
        cls, inst_data: ConfigurableClassData | None, config_value: Mapping[str, Any]
    ) -> Any:
        made = cls()
        made.text, made._data = config_value["text"], inst_data
        return made

    def register_instance(self, instance: pw.Instance) -> None:
        self.instance = instance


class ClassStorage(MemoryStorage, Described):
    """A storage of its own class."""


class IdleExecutor(Executor, Described):
    """Does nothing, and says that it did."""

    @property
    def retries(self) -> RetryMode:
        return RetryMode.ENABLED

    def execute(
        self, plan_context: PlanOrchestrationContext, execution_plan: ExecutionPlan
    ) -> Iterator[Event]:
        yield plan_context.emitter.engine(f"Idle: {self.text}.")


@pw.op
def one() -> int:
    return 1


@pw.job
def tiny() -> None:
    one()
