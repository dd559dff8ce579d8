from __future__ import annotations

import subprocess
import sys
from datetime import date
from enum import Enum
from typing import Annotated, Any, Literal

import pytest
from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator, model_validator

import plugwork
from plugwork import (
    Config,
    ConfigurableResource,
    InvalidConfigError,
    InvalidDefinitionError,
    RunConfig,
    job,
    op,
    resource,
    validate_run_config,
)

IN_PROCESS = plugwork.in_process_executor


class Tone(Enum):
    LOW = "low"
    HIGH = "high"


class Window(BaseModel):
    """The hours that are loaded."""

    start: int = Field(ge=0, description="first hour")
    end: int = 24

    @field_validator("end")
    @classmethod
    def in_a_day(cls, end: int) -> int:
        if end > 24:
            raise ValueError("a day has 24 hours")
        return end

    @model_validator(mode="after")
    def in_order(self) -> Window:
        if self.end < self.start:
            raise ValueError("ends before it starts")
        return self


class Cat(BaseModel):
    kind: Literal["cat"] = "cat"
    meows: int


class Dog(BaseModel):
    kind: Literal["dog"] = "dog"


class Load(BaseModel):
    window: Window
    others: list[Window] = []
    named: dict[str, Window] = {}
    maybe: Window | None = None
    day: date = date(2024, 1, 1)
    tone: Tone = Tone.LOW
    token: SecretStr = SecretStr("hush")
    size: int = Field(default=3, alias="sz")
    pet: Cat | Dog = Field(default=Dog(), discriminator="kind")


def job_with(config_class: Any, seen: list[Any]) -> plugwork.JobDefinition:
    @op(name="load", config_schema=config_class)
    def load(context: plugwork.OpExecutionContext) -> None:
        seen.append(context.op_config)

    @job(executor_def=IN_PROCESS)
    def it() -> None:
        load()

    return it


def given(config: Any, config_class: Any = Load) -> Any:
    """Run an op, and return the config that it got."""
    seen: list[Any] = []
    job_with(config_class, seen).execute_in_process(RunConfig(ops={"load": config}))
    return seen[0]


def refused(config: Any, config_class: Any = Load) -> dict[str, str]:
    """Return the message of each problem by its way."""
    run_config = {"ops": {"load": {"config": config}}}
    with pytest.raises(InvalidConfigError) as caught:
        job_with(config_class, []).execute_in_process(run_config)
    root = "root:ops:load:config"
    return {each.stack.removeprefix(root): each.message for each in caught.value.errors}


def test_a_model_is_the_annotation_of_config() -> None:
    seen: list[Window] = []

    @op
    def load(config: Window) -> None:
        seen.append(config)

    @job(executor_def=IN_PROCESS)
    def it() -> None:
        load()

    it.execute_in_process({"ops": {"load": {"config": {"start": 6}}}})
    it.execute_in_process(RunConfig(ops={"load": Window(start=7, end=8)}))
    assert seen == [Window(start=6), Window(start=7, end=8)]


def test_models_stand_inside_models() -> None:
    config = {
        "window": {"start": 1},
        "others": [{"start": 2, "end": 3}],
        "named": {"x": {"start": 4}},
        "maybe": {"start": 5},
        "day": "2024-05-06",
        "tone": "high",
        "token": "secret",
        "sz": 9,
        "pet": {"cat": {"meows": 2}},
    }
    assert given({"config": config}) == Load(
        window=Window(start=1),
        others=[Window(start=2, end=3)],
        named={"x": Window(start=4)},
        maybe=Window(start=5),
        day=date(2024, 5, 6),
        tone=Tone.HIGH,
        token=SecretStr("secret"),
        sz=9,
        pet=Cat(meows=2),
    )


def test_an_object_goes_through_run_config_unchanged() -> None:
    whole = Load(
        window=Window(start=1), sz=4, pet=Cat(meows=1), maybe=Window(start=2), tone=Tone.HIGH
    )
    assert given(whole) == whole
    assert given({"config": {"window": {"start": 0}}}) == Load(window=Window(start=0))


def test_a_model_is_a_part_of_a_schema() -> None:
    config = {"n": 1, "w": {"start": 2}}
    assert given({"config": config}, {"n": int, "w": Window}) == {"n": 1, "w": Window(start=2)}


def test_types_are_checked_before_the_validators_run() -> None:
    told = refused(
        {"window": {"start": "1", "stop": 2}, "others": [{}], "sz": True, "pet": {"cow": {}}}
    )
    assert set(told) == {
        ":window:start",
        ":window:stop",
        ":others:0:start",
        ":sz",
        ":pet:cow",
    }
    assert told[":window:start"].startswith("ops.load.config.window.start must be an integer")


def test_what_validators_refuse_is_told_with_its_place() -> None:
    assert refused({"start": 0, "end": 25}, Window) == {
        ":end": "ops.load.config.end: a day has 24 hours"
    }
    assert refused({"start": 3, "end": 2}, Window) == {"": "ops.load.config: ends before it starts"}
    assert refused({"window": {"start": -1}, "day": "someday"}) == {
        ":window:start": "ops.load.config.window.start: Input should be greater than or equal to 0",
    }
    assert ":day" in refused({"window": {"start": 1}, "day": "someday"})


def test_a_refused_secret_is_not_shown() -> None:
    class Login(BaseModel):
        password: SecretStr

        @field_validator("password")
        @classmethod
        def long(cls, password: SecretStr) -> SecretStr:
            raise ValueError("too short")

    told = refused({"password": "hunter2"}, Login)
    assert told == {":password": "ops.load.config.password: too short"}
    assert "hunter2" not in refused({"password": 5, "pw": "hunter2"}, Login)[":pw"]


def test_validators_see_what_a_variable_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PW_START", "30")
    config = {"start": {"env": "PW_START"}}
    stored = validate_run_config(job_with(Window, []), {"ops": {"load": {"config": config}}})
    assert stored["ops"]["load"]["config"] == {"start": {"env": "PW_START"}, "end": 24}
    assert refused(config, Window) == {"": "ops.load.config: ends before it starts"}
    monkeypatch.setenv("PW_START", "3")
    assert given({"config": config}, Window) == Window(start=3)
    monkeypatch.delenv("PW_START")
    assert "PW_START is not set" in refused(config, Window)[":start"]


def test_further_keys_are_kept_where_the_model_keeps_them() -> None:
    class Open(BaseModel):
        model_config = ConfigDict(extra="allow")
        n: int = 1

    made = given(Open(n=2, more=[1]), Open)  # type: ignore[call-arg]  # that is the test
    assert made.more == [1]


def test_a_resource_takes_a_model() -> None:
    seen: list[Any] = []

    @resource(config_schema={"window": Window})
    def db(context: plugwork.InitResourceContext) -> Any:
        return context.resource_config["window"]

    class Service(ConfigurableResource):  # type: ignore[misc]  # its metaclass is any
        window: Window

    @op(required_resource_keys={"db", "service"})
    def use(context: plugwork.OpExecutionContext) -> None:
        seen.append((context.resources.db, context.resources.service.window))

    @job(
        executor_def=IN_PROCESS,
        resource_defs={"db": db, "service": Service(window=Window(start=1))},
    )
    def it() -> None:
        use()

    it.execute_in_process({"resources": {"db": {"config": {"window": {"start": 2}}}}})
    [(from_function, from_class)] = seen
    assert from_class == Window(start=1)
    assert from_function == {"start": 2, "end": 24}


class Declared(Config):
    limit: int = Field(default=3, ge=1, description="at most")  # type: ignore[assignment]  # as users write it
    names: list[str] = Field(default_factory=list)  # type: ignore[assignment]  # as users write it
    needed: str = Field(description="who")  # type: ignore[assignment]  # as users write it
    pet: Annotated[Cat | Dog, "an animal"] = Field(default=Cat(meows=1), discriminator="kind")  # type: ignore[assignment]  # as users write it


def test_a_declaration_of_pydantic_stands_in_a_config_class() -> None:
    made = given({"config": {"needed": "me"}}, Declared)
    assert (made.limit, made.names, made.needed, made.pet) == (3, [], "me", Cat(meows=1))
    assert set(refused({"limit": 0, "pet": {"cat": {}}}, Declared)) == {
        ":limit",
        ":needed",
        ":pet:cat:meows",
    }


def test_a_default_that_does_not_fit_is_told_at_definition() -> None:
    class Wrong(BaseModel):
        n: int = "x"  # type: ignore[assignment]  # on purpose

    with pytest.raises(InvalidDefinitionError, match=r"Wrong\.n: the default_value does not fit"):
        job_with(Wrong, [])


def test_the_base_class_itself_is_no_config_class() -> None:
    with pytest.raises(InvalidDefinitionError, match="BaseModel"):
        job_with(BaseModel, [])


def test_nothing_is_imported_for_those_who_have_no_models() -> None:
    code = """
import sys
from plugwork import Config, ConfigurableResource, Definitions, RunConfig, job, op
class Mine(Config):
    n: int = 1
@op
def load(config: Mine): ...
@job
def it(): load()
RunConfig(ops={"load": Mine()}).to_config_dict()
Definitions(jobs=[it])
print(*({"pydantic", "plugwork_pydantic", "plugwork.registry.index"} & sys.modules.keys()))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""
