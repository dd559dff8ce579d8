from __future__ import annotations

import typing

import pytest

from plugwork.config import Field, validate
from plugwork.definitions import types
from plugwork.definitions.annotations import Dict, List, Optional, Set, Tuple, resolve_type
from plugwork.definitions.events import Output
from plugwork.definitions.types import PythonObjectType, Type, TypeCheck
from plugwork.errors import InvalidConfigDefinitionError, InvalidDefinitionError
from plugwork.errors import InvariantViolationError as Invariant


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
