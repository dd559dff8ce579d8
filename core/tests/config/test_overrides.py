from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugwork.config import Field, validate
from plugwork.config.document import parse_document
from plugwork.config.overrides import (
    SET_SOURCE,
    config_from_files,
    config_from_pkg_resources,
    config_from_yaml_strings,
    from_mapping,
    merge_run_config,
    parse_set,
)
from plugwork.config.places import Source
from plugwork.config.rendering import render_problems
from plugwork.errors import InvalidConfigError, ParameterCheckError


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("a=5", {"a": 5}),
        ("ops.check.threshold=5", {"ops": {"check": {"threshold": 5}}}),
        ("a.b=[1, x]", {"a": {"b": [1, "x"]}}),
        ("a={b: 1}", {"a": {"b": 1}}),
        ("a=", {"a": None}),
        ("a=x=y", {"a": "x=y"}),
        ('ops."my.asset".x=true', {"ops": {"my.asset": {"x": True}}}),
        ("a=2024-01-01", {"a": "2024-01-01"}),
    ],
)
def test_set_gives_one_value(text: str, value: object) -> None:
    assert parse_set(text).value == value


@pytest.mark.parametrize("text", ["", "a", "=5", ".a=1", "a..b=1", "a.=1", '"a=1', "a=[1", "a=@"])
def test_set_of_another_form_is_refused(text: str) -> None:
    with pytest.raises(InvalidConfigError) as caught:
        parse_set(text)
    [problem] = caught.value.errors
    assert (problem.code, problem.source) == ("PW-CFG-003", SET_SOURCE)


SCHEMA = {
    "ops": {
        "check": {
            "threshold": Field(int, default_value=3, description="fail above this"),
            "name": str,
        }
    }
}


def test_problem_of_a_set_reads_as_in_the_manual() -> None:
    document = merge_run_config(
        from_mapping({"ops": {"check": {"name": "x"}}}, "the job"),
        parse_set("ops.check.threshold=abc"),
    )
    problems = validate(SCHEMA, document.value, positions=document.positions).problems
    assert render_problems(problems) == (
        'error PW-CFG-004: ops.check.threshold must be an integer, got "abc"\n'
        "  from: --set on the command line"
        "        schema: threshold: int = 3   fail above this\n"
        "  more: plugwork explain PW-CFG-004"
    )


def test_every_value_of_merged_run_config_knows_its_source() -> None:
    document = merge_run_config(
        from_mapping({"ops": {"a": {"x": 1, "y": [1]}}, "execution": {}}, "the job"),
        parse_document("ops:\n  a: {x: 2}\n  b: {z: 1}\n", "run.yaml"),
        parse_set("ops.b.z=5"),
    )
    assert document.value == {
        "ops": {"a": {"x": 2, "y": [1]}, "b": {"z": 5}},
        "execution": {},
    }
    at = document.positions.at_value
    assert at(("ops", "a", "x")) == Source("run.yaml", 2, 10)
    assert at(("ops", "a", "y")) == Source("the job")
    assert at(("ops", "b", "z")) == Source(SET_SOURCE)


def test_config_files_are_laid_over_each_other(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("ops: {x: {config: 1}, y: {config: 1}}\n")
    (tmp_path / "b.yaml").write_text("ops: {x: {config: 2}}\n")
    merged = {"ops": {"x": {"config": 2}, "y": {"config": 1}}}
    assert config_from_files([str(tmp_path / "*.yaml")]) == merged
    with pytest.raises(InvalidConfigError, match="no file matches"):
        config_from_files([str(tmp_path / "*.yml")])


def test_config_texts_are_laid_over_each_other() -> None:
    assert config_from_yaml_strings(["a: {b: 1}", "a: {c: 2}", ""]) == {"a": {"b": 1, "c": 2}}
    with pytest.raises(InvalidConfigError) as caught:
        config_from_yaml_strings(["a: 1", "- b"])
    assert caught.value.errors[0].source == "YAML text 2"


keys = st.text(alphabet="abc.", min_size=1, max_size=3)
documents = st.recursive(
    st.dictionaries(keys, st.integers()),
    lambda inner: st.dictionaries(keys, inner | st.integers(), max_size=3),
    max_leaves=6,
)


@given(documents, documents)
def test_the_last_document_wins_and_nothing_else_is_lost(below: dict, above: dict) -> None:  # type: ignore[type-arg]  # any mapping
    merged = merge_run_config(from_mapping(below, "below"), from_mapping(above, "above"))
    again = merge_run_config(merged, from_mapping(above, "above"))
    assert again.value == merged.value
    assert merged.value.keys() == below.keys() | above.keys()


@given(documents)
def test_merging_over_nothing_changes_nothing(value: dict) -> None:  # type: ignore[type-arg]  # any mapping
    document = merge_run_config(from_mapping(value, "x"))
    assert document.value == value


def test_files_of_packages_are_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "pw_shop_config"
    package.mkdir()
    (package / "__init__.py").write_text("", encoding="utf-8")
    (package / "base.yaml").write_text("ops: {a: {config: {n: 1}}}", encoding="utf-8")
    (package / "more.yaml").write_text("ops: {a: {config: {m: 2}}}", encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    names = [("pw_shop_config", "base.yaml"), ("pw_shop_config", "more.yaml")]
    assert config_from_pkg_resources(names) == {"ops": {"a": {"config": {"n": 1, "m": 2}}}}
    for wrong in ("pw_shop_config", "none.yaml"), ("pw_no_such_package", "base.yaml"):
        with pytest.raises(InvalidConfigError, match=f"{wrong[1]} of {wrong[0]}"):
            config_from_pkg_resources([wrong])


def test_one_text_in_place_of_a_list_is_refused() -> None:
    with pytest.raises(ParameterCheckError, match="config_files is a list"):
        config_from_files("config.yaml")
    with pytest.raises(ParameterCheckError, match="yaml_strings is a list"):
        config_from_yaml_strings("a: 1")
