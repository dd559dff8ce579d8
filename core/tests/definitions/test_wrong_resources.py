"""Wrong use of resources, IO managers, hooks and loggers: the error names the object and its place.

Each row is a mistake, the error, and words of its message.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

import plugwork as pw
from plugwork.errors import (
    CheckError,
    FrameworkError,
    InvalidConfigError,
    InvalidDefinitionError,
    InvalidInvocationError,
    InvariantViolationError,
)

HERE = re.escape(__file__)


def two(context: Any, other: Any) -> None: ...


def none() -> None: ...


class Mail(pw.ConfigurableResource):
    to: str
    retries: int = 1


class Holds(pw.ConfigurableResource):
    mail: Mail


class Files(pw.ConfigurableIOManager):
    base: str

    def handle_output(self, context: pw.OutputContext, obj: Any) -> None: ...

    def load_input(self, context: pw.InputContext) -> Any: ...


@pw.resource(required_resource_keys={"second"})
def first(context: Any) -> None: ...


@pw.resource(required_resource_keys={"first"})
def second(context: Any) -> None: ...


@pw.input_manager
def reader(context: Any) -> int:
    return 1


@pw.op
def make() -> int:
    return 1


@pw.op(ins={"x": pw.In(int, input_manager_key="reader")})
def read(x: int) -> None: ...


@pw.op(required_resource_keys={"db"})
def uses(context: Any) -> None: ...


@pw.success_hook(required_resource_keys={"slack"})
def tells(context: Any) -> None: ...


@pw.graph
def makes() -> None:
    make()


@pw.graph
def reads() -> None:
    read()


@pw.graph
def using() -> None:
    uses()


Mistake = Callable[[], object]

MISTAKES: dict[str, tuple[Mistake, type[Exception], str]] = {
    "a resource of no function": (
        lambda: pw.ResourceDefinition(5),  # type: ignore[arg-type]
        InvalidDefinitionError,
        "resource is made of a function, got 5",
    ),
    "a resource of two parameters": (
        lambda: pw.resource(two),
        InvalidDefinitionError,
        f"resource takes one parameter.*context, other.*{HERE}",
    ),
    "resource keys as one text": (
        lambda: pw.resource(required_resource_keys="db")(none),
        InvalidDefinitionError,
        f"resource 'none'.*{HERE}.*set of names, got 'db'",
    ),
    "a resource key that is no name": (
        lambda: pw.resource(required_resource_keys={"a b"})(none),
        InvalidDefinitionError,
        "'a b' is no name for the resource key.*'none'",
    ),
    "a key of a job that is no name": (
        lambda: makes.to_job(resource_defs={"a-b": 1}),
        InvalidDefinitionError,
        "'a-b' is no name for the resource key",
    ),
    "a class bound for its object": (
        lambda: makes.to_job(resource_defs={"mail": Mail}),
        InvalidDefinitionError,
        r"Mail is bound as a class.*Mail\(\.\.\.\)",
    ),
    "an IO manager class bound for its object": (
        lambda: makes.to_job(resource_defs={"io_manager": pw.InMemoryIOManager}),
        InvalidDefinitionError,
        "InMemoryIOManager is bound as a class",
    ),
    "a missing resource": (
        lambda: using.to_job(resource_defs={"other": 1}),
        InvalidDefinitionError,
        "job 'using': op 'uses' needs the resource 'db'.*other",
    ),
    "a missing resource of a resource": (
        lambda: makes.to_job(resource_defs={"first": first}),
        InvalidDefinitionError,
        "job 'makes': resource 'first' needs the resource 'second'",
    ),
    "a missing resource of a hook": (
        lambda: makes.to_job(resource_defs={"db": 1}, hooks={tells}),
        InvalidDefinitionError,
        "job 'makes': hook 'tells' needs the resource 'slack'",
    ),
    "resources in a circle": (
        lambda: makes.to_job(resource_defs={"first": first, "second": second}),
        InvariantViolationError,
        "circle: first -> second -> first",
    ),
    "an unknown field": (
        lambda: Mail(to="x", retry=1),
        InvalidConfigError,
        r"Mail cannot take(.|\n)*retry",
    ),
    "a field of the wrong type": (
        lambda: Mail(to=5),
        InvalidConfigError,
        r"Mail cannot take(.|\n)*to must be",
    ),
    "an unknown field at launch": (
        lambda: Mail.configure_at_launch(retry=1),
        InvalidDefinitionError,
        "Mail has no field 'retry'; it has: retries, to",
    ),
    "a context outside of a run": (
        lambda: Mail(to="x").get_resource_context(),
        CheckError,
        "Mail has a context only while a run uses it",
    ),
    "config filled in that does not fit": (
        lambda: pw.resource(config_schema={"a": int})(first.resource_fn).configured({"a": "x"}),
        InvalidConfigError,
        r"resource 'first'(.|\n)*a must be",
    ),
    "a plain value for an IO manager": (
        lambda: makes.to_job(resource_defs={"io_manager": 5}),
        InvalidDefinitionError,
        "job 'makes': the resource 'io_manager' is no IO manager: output 'result' of op 'make'",
    ),
    "an input manager for an IO manager": (
        lambda: makes.to_job(resource_defs={"io_manager": reader}),
        InvalidDefinitionError,
        "'io_manager' is no IO manager: output 'result' of op 'make'",
    ),
    "a plain value for an input manager": (
        lambda: reads.to_job(resource_defs={"reader": 5}),
        InvalidDefinitionError,
        "'reader' is no input manager: input 'x' of op 'read'",
    ),
    "an IO manager of two parameters": (
        lambda: pw.io_manager(two),
        InvalidDefinitionError,
        f"IO manager takes one parameter.*{HERE}",
    ),
    "an input manager without parameter": (
        lambda: pw.input_manager(none),
        InvalidDefinitionError,
        f"input manager 'none' takes one parameter.*{HERE}",
    ),
    "an IO manager class without its methods": (
        lambda: type("Half", (pw.IOManager,), {})(),
        TypeError,
        "abstract",
    ),
    "a URL without its package": (
        lambda: type("Base", (pw.UPathIOManager,), {"dump_to_path": none, "load_from_path": none})(
            "nowhere://x"
        ),
        FrameworkError,
        "nowhere://x",
    ),
    "a hook without context": (
        lambda: pw.success_hook(none),
        InvalidDefinitionError,
        f"hook 'none': the first parameter .*'context'.*{HERE}",
    ),
    "a hook of two parameters": (
        lambda: pw.failure_hook(two),
        InvalidDefinitionError,
        f"hook 'two'.*one parameter, context.*{HERE}",
    ),
    "a hook over no function": (
        lambda: pw.success_hook(5),  # type: ignore[call-overload]
        InvalidDefinitionError,
        "@success_hook stands over a function, got 5",
    ),
    "a hook function in the place of a hook": (
        lambda: makes.to_job(hooks={two}),  # type: ignore[arg-type]
        InvalidDefinitionError,
        "job 'makes'.*is no hook",
    ),
    "a hook called without context": (
        lambda: tells(),
        InvalidInvocationError,
        "hook 'tells' cannot be called so",
    ),
    "a logger of no parameter": (
        lambda: pw.logger(none),  # type: ignore[call-overload]
        InvalidDefinitionError,
        f"logger takes one parameter.*{HERE}",
    ),
    "a logger of no function": (
        lambda: pw.LoggerDefinition(5),  # type: ignore[arg-type]
        InvalidDefinitionError,
        "a logger is made of a function, got 5",
    ),
    "a logger that returns none": (
        lambda: pw.LoggerDefinition(lambda context: 5)(pw.build_init_logger_context()),  # type: ignore[arg-type,return-value]
        InvariantViolationError,
        f"logger '<lambda>'.*{HERE}.*returned 5, not a Logger",
    ),
    "an output without asset": (
        lambda: pw.OutputContext(name="result").asset_key,
        InvariantViolationError,
        "output 'result' has no asset key",
    ),
    "an input without partition": (
        lambda: pw.InputContext(name="x").asset_partition_key,
        InvariantViolationError,
        "input 'x' has no asset partition",
    ),
    "an event of a store that is none": (
        lambda: pw.OutputContext(name="result").log_event("made"),  # type: ignore[arg-type]
        InvariantViolationError,
        "output 'result': log_event takes an AssetMaterialization.*'made'",
    ),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_named_with_its_place(name: str) -> None:
    make_it, error, words = MISTAKES[name]
    with pytest.raises(error, match=f"(?s){words}"):
        make_it()
