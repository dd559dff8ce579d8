from __future__ import annotations

import os
from pathlib import Path

import pytest

from plugwork.config.document import parse_document
from plugwork.config.layers import Layered, load_layers, overlay
from plugwork.config.place import Place, locate
from plugwork.config.places import DEFAULT, Source
from plugwork.errors import HomeNotSetError, InvalidConfigError, InvalidHomeError


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "plugwork.yaml").write_text("executor: in_process\n")
    (tmp_path / "src" / "deep").mkdir(parents=True)
    return tmp_path


def test_instance_option_wins_over_all(project: Path, tmp_path: Path) -> None:
    home = tmp_path / "other"
    home.mkdir()
    place = locate("other", {"PLUGWORK_HOME": "/nowhere"}, project)
    assert place == Place(home, None, "--instance")
    (home / "plugwork.yaml").touch()
    assert locate(str(home), {}, project).file == home / "plugwork.yaml"


def test_instance_option_may_name_a_file(project: Path) -> None:
    place = locate("../../plugwork.yaml", {}, project / "src" / "deep")
    assert place == Place(project / ".plugwork", project / "plugwork.yaml", "--instance")


@pytest.mark.parametrize("instance", ["missing", "http://host/x", ""])
def test_instance_option_that_names_nothing_is_refused(instance: str, tmp_path: Path) -> None:
    with pytest.raises(InvalidHomeError, match="no such directory or file"):
        locate(instance, {}, tmp_path)


def test_home_variable_wins_over_the_nearest_file(project: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    place = locate(None, {"PLUGWORK_HOME": str(home)}, project)
    assert place == Place(home, None, "PLUGWORK_HOME")


def test_home_variable_expands_the_tilde(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "pw").mkdir()
    assert locate(None, {"PLUGWORK_HOME": "~/pw"}, Path("/")).home == tmp_path / "pw"


def test_home_variable_must_be_an_absolute_directory(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()
    for text, why in [("rel", "absolute"), ("/no/where", "no directory"), (str(file), "no dir")]:
        with pytest.raises(InvalidHomeError, match=why):
            locate(None, {"PLUGWORK_HOME": text}, tmp_path)
    with pytest.raises(HomeNotSetError):
        locate(None, {"PLUGWORK_HOME": ""}, tmp_path)


def test_nearest_file_upward_has_its_home_beside_it(project: Path) -> None:
    place = locate(None, {}, project / "src" / "deep")
    assert (place.home, place.file) == (project / ".plugwork", project / "plugwork.yaml")


def test_without_anything_the_home_is_here_and_made_on_first_use(tmp_path: Path) -> None:
    place = locate(None, {}, tmp_path)
    assert (place.home, place.file) == (tmp_path / ".plugwork", None)
    assert not place.home.exists()
    place.make_home()
    place.make_home()
    assert place.home.is_dir()


def test_home_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(InvalidHomeError, match="cannot be made"):
        Place(tmp_path / "file" / ".plugwork", None, "default").make_home()


def load(project: Path, profile: str | None = None, **environ: str) -> Layered:
    return load_layers(locate(None, {}, project), profile, environ, project)


def test_without_a_file_everything_is_default(tmp_path: Path) -> None:
    layered = load(tmp_path)
    assert (layered.value, layered.files) == ({}, ())
    assert layered.provenance(("leases", "ttl")) == DEFAULT


BASE = """\
storage:
  postgres: {url: a, pool_size: 5}
leases: {ttl: 15s, heartbeat: 5s}
plugins:
  block: [a, b]
concurrency:
  pools: {default_limit: 1}
"""
PROD = """\
storage:
  postgres: {url: b}
leases: {ttl: 30s}
plugins:
  block: [c]
durability: full
"""


def test_profile_merges_mappings_and_replaces_lists_and_components(project: Path) -> None:
    (project / "plugwork.yaml").write_text(BASE)
    (project / "plugwork.prod.yaml").write_text(PROD)
    layered = load(project, "prod")
    assert layered.value == {
        "storage": {"postgres": {"url": "b"}},
        "leases": {"ttl": "30s", "heartbeat": "5s"},
        "plugins": {"block": ["c"]},
        "concurrency": {"pools": {"default_limit": 1}},
        "durability": "full",
    }
    assert layered.files == (project / "plugwork.yaml", project / "plugwork.prod.yaml")


def test_every_value_knows_what_gave_it(project: Path) -> None:
    (project / "plugwork.yaml").write_text(BASE)
    (project / "plugwork.prod.yaml").write_text(PROD)
    provenance = load(project, "prod").provenance
    assert provenance(("storage", "postgres", "url")) == Source("plugwork.prod.yaml", 2, 19)
    assert provenance(("leases", "ttl")) == Source("plugwork.prod.yaml", 3, 15)
    assert provenance(("leases", "heartbeat")) == Source("plugwork.yaml", 3, 31)
    assert provenance(("plugins", "block", 0)) == Source("plugwork.prod.yaml", 5, 11)
    assert provenance(("storage", "postgres", "pool_size")) == DEFAULT
    assert provenance(("plugins", "block", 1)) == DEFAULT
    assert provenance(("retention",)) == DEFAULT


def test_profile_comes_from_the_environment_too(project: Path) -> None:
    (project / "plugwork.prod.yaml").write_text("durability: full\n")
    (project / "plugwork.test.yaml").write_text("durability: normal\n")
    assert load(project, PLUGWORK_PROFILE="prod").value["durability"] == "full"
    assert load(project, "test", PLUGWORK_PROFILE="prod").value["durability"] == "normal"
    assert load(project, PLUGWORK_PROFILE="").profile is None


def test_profile_without_a_file_is_told_with_those_that_are(project: Path) -> None:
    (project / "plugwork.prod.yaml").touch()
    with pytest.raises(InvalidConfigError) as caught:
        load(project, "prd")
    [problem] = caught.value.errors
    assert (
        problem.message == 'the profile "prd" has no file plugwork.prd.yaml; did you mean "prod"?'
    )
    assert problem.hint == "profiles here: prod"
    with pytest.raises(InvalidConfigError):
        load(project, "../prod")


def test_profile_stands_without_a_base_file(tmp_path: Path) -> None:
    home = tmp_path / ".plugwork"
    home.mkdir()
    (home / "plugwork.prod.yaml").write_text("durability: full\n")
    layered = load(tmp_path, "prod")
    assert layered.value == {"durability": "full"}
    assert layered.provenance(("durability",)) == Source(
        os.path.join(".plugwork", "plugwork.prod.yaml"), 1, 13
    )


def test_a_mapping_over_something_else_replaces_it() -> None:
    below = parse_document("a: 1\nb: {c: 1}\n", "below")
    above = parse_document("a: {x: 1}\nb: 2\n", "above")
    merged = overlay(below, above)
    assert merged.value == {"a": {"x": 1}, "b": 2}
    assert ("b", "c") not in merged.positions.places
