from __future__ import annotations

import pytest

from plugwork.definitions.names import check_name, check_tags
from plugwork.errors import InvalidDefinitionError


@pytest.mark.parametrize("name", ["a", "A1_", "1a", "_x", "x_2"])
def test_a_name_of_letters_digits_and_underscores_is_accepted(name: str) -> None:
    assert check_name(name, "op") == name


@pytest.mark.parametrize("name", ["a-b", "a.b", "a b", "é", "", "a\n", "input", "class", "None", 3])
def test_a_name_with_other_characters_or_a_reserved_word_is_refused(name: object) -> None:
    with pytest.raises(InvalidDefinitionError, match="no name for the op"):
        check_name(name, "op")


def test_tag_values_that_are_not_text_are_stored_as_json() -> None:
    assert check_tags({"a": "x", "b": 3, "c": {"d": [1, None]}}, "op 'x'") == {
        "a": "x",
        "b": "3",
        "c": '{"d": [1, null]}',
    }


@pytest.mark.parametrize("value", [object(), (1, 2), {1: 2}])
def test_a_tag_value_that_json_would_change_is_refused(value: object) -> None:
    with pytest.raises(InvalidDefinitionError, match="tag 'k' of op 'x'"):
        check_tags({"k": value}, "op 'x'")


def test_a_bad_tag_key_only_warns() -> None:
    with pytest.warns(UserWarning, match="tag 'a b' of op 'x'"):
        assert check_tags({"a b": "1"}, "op 'x'") == {"a b": "1"}


def test_a_tag_key_with_one_slash_is_accepted() -> None:
    assert check_tags({"team/owner": "me"}, "op 'x'") == {"team/owner": "me"}
