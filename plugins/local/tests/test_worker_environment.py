from __future__ import annotations

import pytest

from plugwork_local.worker_environment import worker_environment

ENVIRON = {
    "PATH": "/bin",
    "PLUGWORK_HOME": "/home",
    "LC_ALL": "C",
    "https_proxy": "p",
    "PYTHONPATH": "x",
    "AWS_KEY": "k",
    "DATABASE_URL": "d",
    "OTHER": "o",
}
BASE = {"PATH", "PLUGWORK_HOME", "LC_ALL", "https_proxy", "PYTHONPATH"}


def test_only_what_is_listed_is_inherited() -> None:
    assert worker_environment(ENVIRON, ()) == {name: ENVIRON[name] for name in BASE}


@pytest.mark.parametrize(
    ("patterns", "more"),
    [(["AWS_*"], {"AWS_KEY"}), (["OTHER", "MISSING"], {"OTHER"}), (["*"], set(ENVIRON))],
)
def test_patterns_name_more(patterns: list[str], more: set[str]) -> None:
    assert worker_environment(ENVIRON, patterns).keys() == BASE | more


@pytest.mark.parametrize(
    "config",
    [
        {"storage": {"postgres": {"url": "${env:DATABASE_URL}"}}},
        {"storage": {"postgres": {"port": "${env:DATABASE_URL:int=3}"}}},
        {"a": [{"b": {"env": "DATABASE_URL"}}]},
        {"a": "x ${env:DATABASE_URL} y"},
    ],
)
def test_what_configuration_refers_to_is_passed(config: dict[str, object]) -> None:
    chosen = worker_environment(ENVIRON, (), {}, config)
    assert chosen.keys() == BASE | {"DATABASE_URL"}
