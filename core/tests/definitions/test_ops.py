from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import TYPE_CHECKING

import pytest

from plugwork import (
    Config,
    ConfigurableResource,
    DynamicOut,
    DynamicOutput,
    Field,
    In,
    Nothing,
    Out,
    Output,
    ResourceParam,
    RetryPolicy,
    op,
)
from plugwork.definitions import types
from plugwork.definitions.op import OpDefinition
from plugwork.definitions.signature import FunctionKind
from plugwork.errors import InvalidDefinitionError

if TYPE_CHECKING:
    from decimal import Decimal


class Settings(Config):
    limit: int = 3


class Database(ConfigurableResource):
    url: str = "none"


def inputs_of(definition: OpDefinition) -> list[tuple[str, str]]:
    return [(one.name, one.type.name) for one in definition.input_defs]


def outputs_of(definition: OpDefinition) -> list[tuple[str, str]]:
    return [(one.name, one.type.name) for one in definition.output_defs]


def test_the_signature_gives_inputs_defaults_and_output() -> None:
    @op
    def f(context, x: int, y: str = "q") -> float:
        """Do it."""
        return 1.0

    assert inputs_of(f) == [("x", "Int"), ("y", "String")]
    assert not f.input_dict["x"].has_default_value
    assert f.input_dict["y"].default_value == "q"
    assert outputs_of(f) == [("result", "Float")]
    assert f.output_dict["result"].is_required
    assert f.output_dict["result"].io_manager_key == "io_manager"
    assert (f.name, f.description, f.signature.takes_context) == ("f", "Do it.", True)


def test_what_is_not_annotated_is_any() -> None:
    @op
    def f(x):
        return x

    assert inputs_of(f) == [("x", "Any")]
    assert outputs_of(f) == [("result", "Any")]


def test_returning_none_gives_an_output_of_nothing() -> None:
    @op
    def f() -> None: ...

    assert f.output_dict["result"].type is types.Nothing


@pytest.mark.parametrize("name", ["context", "_context", "context_", "_"])
def test_the_first_parameter_may_be_the_context(name: str) -> None:
    scope: dict[str, object] = {}
    exec(f"def f({name}, x): ...", scope)  # noqa: S102 - a name that varies
    assert inputs_of(op(scope["f"])) == [("x", "Any")]  # type: ignore[arg-type]  # a function


def test_a_context_in_another_place_is_refused_with_the_place_in_the_file() -> None:
    with pytest.raises(InvalidDefinitionError, match=r"first parameter .*test_ops\.py:\d+"):

        @op
        def f(x, context): ...


def test_a_config_class_is_the_config_and_no_input() -> None:
    @op
    def f(config: Settings, x: int): ...

    assert inputs_of(f) == [("x", "Int")]
    assert f.config_field is not None
    assert f.signature.takes_config


def test_a_config_class_local_to_a_function_is_found() -> None:
    class Local(Config):
        n: int

    @op
    def f(config: Local): ...

    assert f.signature.config_annotation is Local


def test_a_plain_type_may_be_the_config() -> None:
    @op
    def f(config: int): ...

    assert f.config_field is not None
    assert f.config_field.is_required


def test_a_config_parameter_without_annotation_is_refused() -> None:
    with pytest.raises(InvalidDefinitionError, match="'config' needs the annotation"):

        @op
        def f(config): ...


def test_config_is_named_in_one_way_only() -> None:
    with pytest.raises(InvalidDefinitionError, match="give one of them"):

        @op(config_schema={"a": int})
        def f(config: Settings): ...


def test_a_config_schema_may_be_a_field() -> None:
    @op(config_schema=Field(int, default_value=3))
    def f(context): ...

    assert f.config_field is not None
    assert f.config_field.default_value == 3


def test_parameters_of_a_resource_class_are_resources() -> None:
    @op
    def f(db: Database, raw: ResourceParam[int], x: int): ...

    assert inputs_of(f) == [("x", "Int")]
    assert f.required_resource_keys == {"db", "raw"}


def test_resources_are_named_in_one_way_only() -> None:
    with pytest.raises(InvalidDefinitionError, match="in one of the two ways"):

        @op(required_resource_keys={"other"})
        def f(db: Database): ...


def test_an_annotation_that_only_a_type_checker_sees_is_any() -> None:
    @op
    def f(x: Decimal): ...

    assert inputs_of(f) == [("x", "Any")]


def test_in_says_more_than_the_signature() -> None:
    @op(ins={"x": In(int, "the x", metadata={"a": 1}, input_manager_key="loader")})
    def f(x): ...

    one = f.input_dict["x"]
    assert (one.type, one.description) == (types.Int, "the x")
    assert (one.metadata, one.input_manager_key) == ({"a": 1}, "loader")


def test_an_order_only_input_is_no_parameter() -> None:
    @op(ins={"after": In(Nothing)})
    def f(x): ...

    assert inputs_of(f) == [("x", "Any"), ("after", "Nothing")]


def test_an_order_only_input_as_parameter_is_refused() -> None:
    with pytest.raises(InvalidDefinitionError, match="'x' is Nothing"):

        @op(ins={"x": In(Nothing)})
        def f(x): ...


def test_an_input_that_the_function_does_not_take_is_refused() -> None:
    with pytest.raises(InvalidDefinitionError, match="ins has 'z'"):

        @op(ins={"z": In(int)})
        def f(x): ...


def test_keyword_arguments_take_any_declared_input() -> None:
    @op(ins={"a": In(int), "b": In(str)})
    def f(**values): ...

    assert inputs_of(f) == [("a", "Int"), ("b", "String")]


def test_positional_arguments_of_any_number_are_refused() -> None:
    with pytest.raises(InvalidDefinitionError, match="'args' cannot be given by name"):

        @op
        def f(*args): ...


def test_one_out_completes_the_annotation() -> None:
    @op(out=Out(io_manager_key="lake", is_required=False, code_version="2"))
    def f() -> int: ...

    out = f.output_dict["result"]
    assert (out.type, out.io_manager_key) == (types.Int, "lake")
    assert (out.is_required, out.code_version) == (False, "2")


def test_several_outs_take_their_types_from_the_tuple() -> None:
    @op(out={"a": Out(), "b": Out(float)})
    def f() -> tuple[int, str]: ...

    assert outputs_of(f) == [("a", "Int"), ("b", "Float")]


def test_a_tuple_of_another_length_than_the_outs_is_refused() -> None:
    with pytest.raises(InvalidDefinitionError, match="return 3 values, and 2 outputs"):

        @op(out={"a": Out(), "b": Out()})
        def f() -> tuple[int, int, int]: ...


def test_an_op_may_have_no_outputs() -> None:
    @op(out={})
    def f(): ...

    assert f.output_defs == ()


def test_a_list_of_dynamic_outputs_is_a_dynamic_output() -> None:
    @op
    def implied() -> list[DynamicOutput[int]]: ...

    @op(out=DynamicOut(str))
    def declared(): ...

    assert [o.is_dynamic for o in (*implied.output_defs, *declared.output_defs)] == [True, True]
    assert outputs_of(implied) == [("result", "Int")]


def test_every_form_of_function_is_told_apart() -> None:
    @op
    def sync(): ...

    @op
    async def coroutine() -> int: ...

    @op
    def generator() -> Iterator[Output[int]]:
        yield Output(1)

    @op
    async def async_generator() -> AsyncIterator[Output[str]]:
        yield Output("x")

    kinds = [f.signature.kind for f in (sync, coroutine, generator, async_generator)]
    assert kinds == list(FunctionKind)
    assert outputs_of(generator) == [("result", "Int")]
    assert outputs_of(async_generator) == [("result", "String")]


@pytest.mark.parametrize(
    "settings",
    [
        {"out": 3},
        {"ins": {"x": int}},
        {"name": "a-b"},
        {"retry_policy": 3},
        {"required_resource_keys": "db"},
        {"tags": {"a": object()}},
        {"out": {"a b": Out()}},
    ],
)
def test_a_declaration_of_the_wrong_kind_is_refused_with_the_ops_name(
    settings: dict[str, object],
) -> None:
    with pytest.raises(InvalidDefinitionError):

        @op(**settings)  # type: ignore[call-overload, untyped-decorator]  # wrong on purpose
        def f(x): ...


def test_the_other_settings_of_an_op_are_kept() -> None:
    policy = RetryPolicy(max_retries=2)

    @op(name="g", tags={"priority": 5}, retry_policy=policy, code_version="1", pool="db")
    def f(): ...

    assert (f.name, f.tags, f.retry_policy) == ("g", {"priority": "5"}, policy)
    assert (f.code_version, f.pool, f.__name__) == ("1", "db", "f")


def test_a_default_for_nothing_is_refused() -> None:
    with pytest.raises(InvalidDefinitionError, match="no default"):
        In(Nothing, default_value=3)


def test_the_older_name_of_the_code_version_warns() -> None:
    with pytest.warns(DeprecationWarning, match="code_version"):

        @op(version="3")
        def f(): ...

    assert f.code_version == "3"
