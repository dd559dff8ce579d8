from __future__ import annotations

import typing

import pytest

from plugwork.config import Field, Shape, validate
from plugwork.config.types import ConfigType
from plugwork.definitions import types
from plugwork.definitions.annotations import Dict, List, Optional, Set, Tuple, resolve_type
from plugwork.definitions.events import Output
from plugwork.definitions.loaders import input_config
from plugwork.definitions.type_loader import TypeLoader, type_loader
from plugwork.definitions.types import PythonObjectType, Type, TypeCheck
from plugwork.definitions.usable_types import make_python_type_usable_as_type, usable_as_type
from plugwork.errors import (
    InvalidConfigDefinitionError,
    InvalidDefinitionError,
    UnknownResourceError,
)
from plugwork.errors import InvariantViolationError as Invariant
from plugwork.execution.step.type_checks import TypeCheckContext, check_type


class Row:
    pass


class Named(typing.Protocol):
    name: str


def passes(annotation: object, value: object) -> bool:
    return resolve_type(annotation).check(value).success


@pytest.mark.parametrize(
    ("annotation", "good", "bad"),
    [
        (int, [1, True], ["1", 1.0, None]),
        (str, ["x"], [1, None]),
        (float, [1.5], [1, "1"]),
        (bool, [True], [1, None]),
        (Row, [Row()], [1, None]),
        (int | None, [1, None], ["x"]),
        (typing.Optional[int], [1, None], ["x"]),  # noqa: UP045 - the older form is a form too
        (int | str, [1, "x"], [1.5, None]),
        (list[int], [[], [1, 2]], [[1, "x"], (1,), 1]),
        (list[int | None], [[1, None]], [["x"]]),
        (set[str], [{"a"}], [{1}, ["a"]]),
        (dict[str, int], [{}, {"a": 1}], [{"a": "x"}, {1: 1}, []]),
        (tuple[int, str], [(1, "x")], [(1,), ("x", 1), [1, "x"]]),
        (tuple[int, ...], [(), (1, 2)], [("x",), [1]]),
        (typing.Literal["a", 1], ["a", 1], ["b", True]),
        (typing.Annotated[int, "x"], [1], ["x"]),
        (typing.NewType("Id", int), [1], ["x"]),
        (list, [[1, "x"]], [()]),
        (dict, [{1: "x"}], [[]]),
        (Output[int], [1], ["x"]),
        (Optional[int], [None, 1], ["x"]),
        (List[int], [[1]], [["x"]]),
        (Dict[str, int], [{"a": 1}], [{"a": "b"}]),
        (Set[int], [{1}], [[1]]),
        (Tuple[int, str], [(1, "a")], [(1, 2)]),
        (List, [["x", 1]], ["x"]),
    ],
)
def test_a_value_is_checked_against_its_annotation(
    annotation: object, good: list[object], bad: list[object]
) -> None:
    assert [value for value in good if not passes(annotation, value)] == []
    assert [value for value in bad if passes(annotation, value)] == []


@pytest.mark.parametrize("annotation", [typing.Any, object, Named, typing.TypeVar("T")])
def test_what_cannot_be_checked_is_any(annotation: object) -> None:
    assert resolve_type(annotation) is types.Any


def test_nothing_has_no_value() -> None:
    assert resolve_type(None) is types.Nothing
    assert types.Nothing.check(None).success
    assert not types.Nothing.check(0).success


def test_a_failed_check_tells_where_in_the_value() -> None:
    found = resolve_type(dict[str, list[int]]).check({"a": [1, "x"]})
    assert found.description == "at key 'a': at 1: expected int, got 'x' (str)"


def test_a_value_that_is_no_annotation_is_refused() -> None:
    with pytest.raises(InvalidDefinitionError, match="3 is no type"):
        resolve_type(3)


def test_a_type_of_the_users_own_says_why_a_value_failed() -> None:
    def even(_: object, value: object) -> TypeCheck:
        return TypeCheck(value == 2, "not two", {"seen": 3})

    found = Type(name="Two", type_check_fn=even).check(3)
    assert (found.success, found.description, found.metadata) == (False, "not two", {"seen": 3})


def test_a_check_that_returns_something_else_is_an_error_of_its_author() -> None:
    broken = Type(name="Broken", type_check_fn=lambda _, value: "yes")  # type: ignore[arg-type, return-value]  # on purpose
    with pytest.raises(Invariant, match="the check of type 'Broken' returned 'yes'"):
        broken.check(1)


def test_a_type_needs_a_name() -> None:
    with pytest.raises(InvalidDefinitionError, match="name or a key"):
        Type(type_check_fn=lambda _, value: True)


def test_a_class_of_the_users_can_be_given_another_name() -> None:
    named = PythonObjectType(Row, name="DataRow")
    assert named.name == "DataRow"
    assert named.check(1).description == "expected Row, got 1 (int)"


def test_built_in_types_are_config_types_too() -> None:
    assert validate({"n": Field(types.Int)}, {"n": "x"}).problems
    assert not validate({"n": Field(types.Int)}, {"n": 1}).problems


def test_a_type_of_objects_is_no_config_type() -> None:
    with pytest.raises(InvalidConfigDefinitionError, match="no form in config"):
        Field(PythonObjectType(Row))


class Point:
    def __init__(self, x: int = 0) -> None:
        self.x = x


@pytest.mark.parametrize(
    ("annotation", "value", "description"),
    [
        (dict[str, int], {1: 1}, "the key 1: expected str, got 1 (int)"),
        (dict[str, tuple[int, str]], {"a": (1, 2)}, "at key 'a': at 1: expected str, got 2 (int)"),
        (set[int], {"x"}, "at 0: expected int, got 'x' (str)"),
        (tuple[int, str], (1,), "expected a tuple of 2, got one of 1 members"),
        (list[int] | None, [None], "at 0: expected int, got None (NoneType)"),
        (int | str, 1.5, "expected int, got 1.5 (float); expected str, got 1.5 (float)"),
    ],
)
def test_a_failed_check_of_a_composed_type_says_where_and_what(
    annotation: object, value: object, description: str
) -> None:
    assert check_type(annotation, value).description == description


def test_metadata_of_a_failed_member_is_not_lost() -> None:
    never = Type(lambda _, value: TypeCheck(False, "no", {"seen": value}), name="Never")
    for annotation, value in ((List[never], [7]), (Dict[str, never], {"a": 7})):
        assert check_type(annotation, value).metadata == {"seen": 7}


def test_the_function_of_a_type_gets_a_context() -> None:
    seen: list[TypeCheckContext] = []

    def look(context: TypeCheckContext, value: object) -> bool:
        seen.append(context)
        return value == 1

    kind = Type(look, name="One", required_resource_keys={"db"})
    assert not check_type(List[kind], [2]).success
    assert seen[0].run_id == "EPHEMERAL"
    seen[0].log.info("it has a log")
    with pytest.raises(UnknownResourceError, match="db"):
        seen[0].resources.db  # noqa: B018 - asked for on purpose


def test_what_members_require_the_whole_requires() -> None:
    kind = Type(lambda _, __: True, name="T", required_resource_keys={"db"})
    composed = resolve_type(int | None)
    assert (composed.required_resource_keys, composed.needs_context) == (frozenset(), False)
    for one in (List[kind], Optional[kind], Dict[str, kind], Tuple[int, kind], Set[kind]):
        assert one.required_resource_keys == {"db"}
        assert one.needs_context


def test_a_class_can_stand_for_a_type() -> None:
    class Celsius(float):
        pass

    kind = Type(lambda _, value: value > -273, name="Celsius")
    make_python_type_usable_as_type(Celsius, kind)
    make_python_type_usable_as_type(Celsius, kind)
    assert resolve_type(Celsius) is kind
    with pytest.raises(InvalidDefinitionError, match="Celsius stands for <Type Celsius> already"):
        make_python_type_usable_as_type(Celsius, types.Int)


def test_a_class_can_be_a_type_of_its_own() -> None:
    @usable_as_type(name="Dot", description="a dot")
    class Marked:
        pass

    @usable_as_type
    class Plain:
        pass

    assert (resolve_type(Marked).name, resolve_type(Marked).description) == ("Dot", "a dot")
    assert resolve_type(Plain).name == "Plain"
    assert check_type(Marked, Marked()).success
    assert not check_type(Marked, Plain()).success


def test_a_loader_gives_an_input_its_form_in_config() -> None:
    @type_loader({"x": int}, required_resource_keys={"origin"})
    def load_point(context: object, config: dict[str, int]) -> Point:
        return Point(config["x"])

    kind = PythonObjectType(Point, loader=load_point)
    schema = input_config(kind)
    assert schema is not None
    assert validate(schema, {"x": "far"}).problems
    assert schema.load({"x": 3}).x == 3
    members = input_config(List[kind])
    assert members is not None
    assert validate(members, [{"x": 1}, {"y": 1}]).problems
    assert [one.x for one in members.load([{"x": 1}, {"x": 2}])] == [1, 2]
    assert load_point.required_resource_keys() == {"origin"}
    optional = input_config(Optional[kind])
    assert optional is not None
    assert optional.load(None) is None


def test_a_loader_may_be_a_class() -> None:
    class Loader(TypeLoader):
        @property
        def schema_type(self) -> ConfigType:
            return Shape({"x": int})

        def construct_from_config_value(self, context: object, config_value: object) -> object:
            return ("loaded", config_value)

    schema = input_config(PythonObjectType(Point, loader=Loader()))
    assert schema is not None
    assert schema.load({"x": 1}) == ("loaded", {"x": 1})
