from __future__ import annotations

import enum
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import attrs
import jsonschema  # type: ignore[import-untyped]  # its stubs are no dependency
import pytest

from plugwork.abc.configurable import ConfigurableClass, ConfigurableClassData
from plugwork.config import validate
from plugwork.config.component_section import PLUGIN
from plugwork.config.document import parse_document
from plugwork.config.durations import Duration
from plugwork.config.instance_config import InstanceConfig, parse_instance
from plugwork.config.instance_schema import read_plugins
from plugwork.config.json_schema import InstalledComponent, instance_json_schema
from plugwork.config.layers import Layered
from plugwork.config.listing import list_settings, settings_tree
from plugwork.config.place import Place
from plugwork.config.places import DEFAULT, Source
from plugwork.config.references import Resolver
from plugwork.config.rendering import render_problems
from plugwork.config.settings import structure_settings
from plugwork.errors import ComponentNotFoundError, InvalidConfigError, Problem


class Mode(enum.Enum):
    WAL = "wal"
    DELETE = "delete"


@attrs.frozen(kw_only=True)
class Pool:
    size: int = attrs.field(default=8, validator=attrs.validators.ge(1))


@attrs.frozen(kw_only=True)
class PostgresSettings:
    """Settings of the storage."""

    url: str = attrs.field(metadata={"help": "where it is", "secret": True})
    pool: Pool = attrs.Factory(Pool)
    mode: Mode = Mode.WAL
    cache: Path = Path("cache")
    hosts: tuple[str, ...] = ()

    def __attrs_post_init__(self) -> None:
        if "@" not in self.url:
            raise ValueError(f"the url {self.url} names no user")


@attrs.frozen(kw_only=True)
class HookSettings:
    url: str = "none"


INSTALLED: dict[tuple[str, str], type | None] = {
    ("storage", "memory"): None,
    ("storage", "postgres"): PostgresSettings,
    ("executor", "in_process"): None,
    ("coordinator", "queued"): None,
    (PLUGIN, "notifier"): HookSettings,
}


def settings_for(kind: str, name: str) -> type | None:
    if (kind, name) not in INSTALLED:
        raise ComponentNotFoundError(f"no {kind} named {name!r}:\n  install it")
    return INSTALLED[kind, name]


def layered_of(text: str) -> Layered:
    document = parse_document(text, "plugwork.yaml")
    place = Place(Path("/home"), None, "default")
    return Layered(document.value, document.positions, place, (), None)


def parse(text: str, *, thorough: bool = False, **environ: str) -> InstanceConfig:
    return parse_instance(layered_of(text), settings_for, Resolver(environ), thorough=thorough)


def problems_of(text: str, *, thorough: bool = False) -> list[Problem]:
    with pytest.raises(InvalidConfigError) as caught:
        parse(text, thorough=thorough)
    return caught.value.errors


def told(text: str, *, thorough: bool = False) -> list[tuple[str, int | None, int | None]]:
    return [(p.code, p.line, p.column) for p in problems_of(text, thorough=thorough)]


def test_component_is_named_in_three_ways() -> None:
    config = parse(
        "executor: in_process\n"
        "storage: {postgres: {url: 'u@h', mode: delete}}\n"
        "compute_logs: {module: m, class: C, config: {x: '${env:X}'}}\n"
    )
    executor, storage, logs = config.components.values()
    assert (executor.kind, executor.name, executor.settings) == ("executor", "in_process", {})
    assert (storage.name, storage.settings_class) == ("postgres", PostgresSettings)
    assert storage.settings == {"url": "u@h", "mode": "delete"}
    assert storage.path == ("storage", "postgres")
    assert storage.source == Source("plugwork.yaml", 2, 11)
    assert logs.class_data == ConfigurableClassData("m", "C", "x: ${env:X}\n")
    assert logs.name is None


def test_class_form_stands_under_custom_too() -> None:
    choice = parse("storage:\n  custom: {module: m, class: C}\n").components["storage"]
    assert choice.class_data == ConfigurableClassData("m", "C", "{}\n")


@pytest.mark.parametrize(
    ("text", "code", "place"),
    [
        ("storage: {memory: , postgres: }", "PW-CFG-010", (1, 1)),
        ("storage: {}", "PW-CFG-004", (1, 10)),
        ("storage:", "PW-CFG-004", (1, 9)),
        ("storage: [memory]", "PW-CFG-004", (1, 10)),
        ("storage: custom", "PW-CFG-004", (1, 10)),
        ("storage: {memory: {x: 1}}", "PW-CFG-001", (1, 20)),
        ("storage: {postgres: 5}", "PW-CFG-004", (1, 21)),
        ("storage: {module: m}", "PW-CFG-002", (1, 1)),
        ("storage: {module: m, class: C, x: 1}", "PW-CFG-001", (1, 32)),
        ("storage: mysql", "PW-PLG-002", (1, 1)),
        ("storage: {mysql: {a: 1}}", "PW-PLG-002", (1, 11)),
        ("storage: {postgres: {url: a@b, pool: {size: 0}}}", "PW-CFG-012", (1, 45)),
        ("storage: {postgres: {url: a@b, pool: {sise: 1}}}", "PW-CFG-001", (1, 39)),
        ("storage: {postgres: {url: '${env:}'}}", "PW-CFG-011", (1, 27)),
        ("plugins: {enable: [{notifier: {urk: x}}]}", "PW-CFG-001", (1, 32)),
        ("plugins: {enable: [nothing]}", "PW-PLG-002", (1, 20)),
        ("plugins: {enable: notifier}", "PW-CFG-004", (1, 19)),
        ("plugins: {prefer: {storage.postgres: 1}}", "PW-CFG-004", (1, 38)),
        ("telemetry: {enabled: false}", "PW-CFG-001", (1, 1)),
        ("instance_class: {}", "PW-CFG-001", (1, 1)),
        ("durability: ful", "PW-CFG-004", (1, 13)),
        ("leases: {ttl: 0}", "PW-CFG-012", (1, 15)),
        ("leases: {ttl: 2s, heartbeat: 3s}", "PW-CFG-012", (1, 9)),
        ("leases: {ttl: soon}", "PW-CFG-004", (1, 15)),
        ("concurrency: {pools: {default_limit: 1001}}", "PW-CFG-012", (1, 38)),
        ("concurrency: {pools: {granularity: step}}", "PW-CFG-004", (1, 36)),
        ("run_queue: {max_concurrent_runs: -2}", "PW-CFG-012", (1, 34)),
        ("run_queue: {tag_concurrency_limits: [{key: k}]}", "PW-CFG-002", (1, 38)),
        ("retention: {sensor: {purge_after_days: {skiped: 1}}}", "PW-CFG-001", (1, 41)),
        ("secrets: {other: {}}", "PW-CFG-001", (1, 11)),
        ("leases: {ttl: '${env:NO:int}'}", "PW-CFG-011", (1, 15)),
    ],
)
def test_mistake_is_told_with_its_place(text: str, code: str, place: tuple[int, int]) -> None:
    assert told(text) == [(code, *place)]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("storage: memory\nrun_storage: memory", 2),
        ("schedule_storage: memory\nstorage: memory", 1),
        ("run_queue: {}\nrun_coordinator: queued", 1),
        ("concurrency:\n  default_op_concurrency_limit: 1\n  pools: {default_limit: 1}", 2),
        ("run_queue: {max_concurrent_runs: 1}\nconcurrency: {runs: {max_concurrent_runs: 1}}", 2),
    ],
)
def test_keys_that_exclude_each_other_are_told(text: str, line: int) -> None:
    [problem] = problems_of(text)
    assert (problem.code, problem.line, problem.hint) == (
        "PW-CFG-010",
        line,
        "keep one of the two",
    )


def test_all_problems_are_told_at_once_in_the_order_of_the_file() -> None:
    text = "nope: 1\nleases: {ttl: x}\nstorage: mysql\nplugins: {enabel: []}\n"
    assert [line for _, line, _ in told(text)] == [1, 2, 3, 4]
    lines = render_problems(problems_of(text)).splitlines()
    assert len(lines) == 4
    many = "\n".join(f"key{n}: 1" for n in range(9))
    lines = render_problems(problems_of(many)).splitlines()
    assert len(lines) == 5
    assert lines[-1] == "and 5 more problems"


def test_sections_have_their_defaults() -> None:
    config = parse("")
    assert (config.durability, config.leases.ttl, config.leases.heartbeat) == ("normal", 15, 5)
    assert config.sections["run_monitoring"]["start_timeout_seconds"] == 180
    assert config.sections["run_retries"] == {
        "enabled": False,
        "max_retries": 0,
        "retry_on_asset_or_op_failure": True,
    }
    days = config.sections["retention"]["sensor"]["purge_after_days"]
    assert days == {"skipped": 7, "success": -1, "failure": -1, "started": -1}
    assert "run_queue" not in config.sections
    assert config.plugins.enable == ()


def test_references_stand_in_the_kernels_sections_too() -> None:
    text = "leases: {ttl: '${env:TTL}'}\nrun_retries: {enabled: {env: FLAG}}"
    config = parse(text, TTL="2s", FLAG="1")
    assert (config.leases.ttl, config.sections["run_retries"]["enabled"]) == (2.0, True)
    assert config.stored["run_retries"]["enabled"] == {"env": "FLAG"}


def test_short_lease_shortens_its_heartbeat() -> None:
    leases = parse("leases: {ttl: 1500ms}").leases
    assert (leases.ttl, leases.heartbeat, leases.reap) == (1.5, 0.5, 0.5)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("2s", 2.0),
        ("500ms", 0.5),
        ("1m", 60.0),
        ("1m30s", 90.0),
        ("2 h", 7200.0),
        ("1d", 86400.0),
        (3, 3.0),
        (0.25, 0.25),
        ("7", 7.0),
        ("-1s", -1.0),
    ],
)
def test_duration_is_read_as_seconds(value: object, seconds: float) -> None:
    assert validate(Duration, value).unwrap("bad") == seconds


@pytest.mark.parametrize("value", ["", "s", "1x", "1s2", True, None, [], 10**400])
def test_what_is_no_duration_is_refused(value: object) -> None:
    assert [problem.code for problem in validate(Duration, value).problems] == ["PW-CFG-004"]


def test_prefer_and_block_are_read_before_the_check() -> None:
    value = {"plugins": {"prefer": {"storage.x": "acme", "y": 1}, "block": ["a", 2]}}
    assert read_plugins(value) == ({"storage.x": "acme"}, ("a",))
    oddities: list[dict[str, Any]] = [{}, {"plugins": []}, {"plugins": {"prefer": 1, "block": "a"}}]
    for odd in oddities:
        assert read_plugins(odd) == ({}, ())


def structure(text: str, **environ: str) -> Any:
    layered = layered_of(text)
    choice = parse(text).components["storage"]
    return structure_settings(
        choice.settings_class, choice.settings, Resolver(environ), choice.path, layered.positions
    )


def test_settings_become_an_object_of_their_class() -> None:
    made = structure(
        "storage: {postgres: {url: 'pg://${env:USER}@h', mode: delete, pool: {size: {env: N}},"
        " cache: ~/c, hosts: [a, '${env:USER}']}}",
        USER="ann",
        N="3",
    )
    assert made == PostgresSettings(
        url="pg://ann@h",
        mode=Mode.DELETE,
        pool=Pool(size=3),
        cache=Path.home() / "c",
        hosts=("a", "ann"),
    )
    assert structure_settings(None, {}, Resolver({})) is None


def structure_problem(text: str, **environ: str) -> Problem:
    with pytest.raises(InvalidConfigError) as caught:
        structure(text, **environ)
    [problem] = caught.value.errors
    assert "hunter2" not in str(caught.value)
    return problem


def test_what_settings_refuse_is_told_with_its_place_and_without_secrets() -> None:
    unset = structure_problem("storage: {postgres: {url: '${env:NO}'}}")
    assert (unset.code, unset.line, unset.column) == ("PW-CFG-011", 1, 27)
    small = structure_problem("storage: {postgres: {url: a@b, pool: {size: {env: N}}}}", N="0")
    assert (small.code, small.path) == ("PW-CFG-012", "storage.postgres.pool.size")
    own = structure_problem("storage: {postgres: {url: '${env:PW}'}}", PW="hunter2")
    assert own.message == "storage.postgres: the url *** names no user"


def test_listing_shows_every_value_with_its_source_and_no_secret() -> None:
    config = parse(
        "storage: {postgres: {url: 'me:hunter2@h'}}\n"
        "executor: in_process\n"
        "plugins: {enable: [{notifier: {url: '${env:HOOK}'}}]}\n"
        "durability: full\n"
    )
    shown = {str(setting.path[-1]): setting for setting in list_settings(config)}
    assert (shown["url"].value, shown["url"].source) == (
        "${env:HOOK}",
        Source("plugwork.yaml", 3, 37),
    )
    assert settings_tree(config)["storage"]["postgres"]["url"] == "***"
    assert (shown["size"].value, shown["size"].source) == (8, DEFAULT)
    assert shown["durability"].source == Source("plugwork.yaml", 4, 13)
    assert str(shown["max_retries"]) == "run_retries.max_retries = 0  (default)"
    assert "hunter2" not in str([str(setting) for setting in list_settings(config)])


def test_reference_to_a_secret_is_shown_but_no_text_beside_it() -> None:
    bare = parse("storage: {postgres: {url: '${env:URL}'}}")
    assert settings_tree(bare)["storage"]["postgres"]["url"] == "${env:URL}"
    mixed = parse("storage: {postgres: {url: 'a:hunter2@${env:HOST}'}}")
    assert settings_tree(mixed)["storage"]["postgres"]["url"] == "***"


class SplendidStorage(ConfigurableClass):
    """A class of no kind, with config."""

    @property
    def inst_data(self) -> ConfigurableClassData | None:
        return None

    @classmethod
    def config_type(cls) -> Any:
        return {"magic_word": str}

    @classmethod
    def from_config_value(
        cls, inst_data: ConfigurableClassData | None, config_value: Mapping[str, Any]
    ) -> Any:
        return cls()


class SplendidLogs(SplendidStorage):
    """Passes for a storage by registration, as ABCs allow."""


def test_thorough_check_imports_named_classes_and_checks_their_config(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from plugwork.abc import ComputeLogManager

    ComputeLogManager.register(SplendidLogs)
    monkeypatch.setitem(sys.modules, "splendid_module", sys.modules[__name__])
    text = "compute_logs:\n  module: splendid_module\n  class: SplendidLogs\n  config: {magic: 1}\n"
    assert told(text, thorough=True) == [
        ("PW-CFG-002", 4, 3),
        ("PW-CFG-001", 4, 12),
    ]
    text = "compute_logs: {module: splendid_module, class: SplendidStorage}"
    assert told(text, thorough=True) == [("PW-PLG-005", 1, 48)]
    assert parse(text).components.keys() == {"compute_logs"}


def test_thorough_check_resolves_the_references_of_components() -> None:
    text = (
        "storage: {postgres: {url: '${env:NO}'}}\nplugins: {enable: [{notifier: {url: {env: X}}}]}"
    )
    assert parse(text).components.keys() == {"storage"}
    assert told(text, thorough=True) == [("PW-CFG-011", 1, 27), ("PW-CFG-011", 2, 37)]


def installed() -> list[InstalledComponent]:
    return [
        InstalledComponent(kind, name, f"the {name} one", cls)
        for (kind, name), cls in INSTALLED.items()
    ]


VALID = [
    {},
    {"storage": "memory", "executor": "in_process"},
    {"storage": {"postgres": {"url": "${env:DB}", "mode": "wal", "pool": {"size": {"env": "N"}}}}},
    {"storage": {"custom": {"module": "m", "class": "C"}}},
    {"compute_logs": {"module": "m", "class": "C", "config": {"x": [1]}}},
    {"run_storage": {"memory": None}},
    {"leases": {"ttl": "2s", "reap": 1.5, "heartbeat": "${env:BEAT}"}, "durability": "full"},
    {"plugins": {"enable": ["notifier", {"notifier": {"url": "x"}}], "block": ["a"]}},
    {"retention": {"sensor": {"purge_after_days": 3}, "schedule": {"purge_after_days": {}}}},
    {"concurrency": {"pools": {"default_limit": None}}, "secrets": {"custom": {
        "module": "m", "class": "C"}}},
]  # fmt: skip
INVALID = [
    {"storge": "memory"},
    {"storage": "mysql"},
    {"storage": "postgres"},
    {"storage": {"postgres": {"url": 5}}},
    {"storage": {"postgres": {"url": "x", "mode": "of"}}},
    {"storage": {"postgres": {"url": "x", "pool": {"size": 0}}}},
    {"storage": {"memory": {"x": 1}}},
    {"storage": {"memory": None, "postgres": {"url": "x"}}},
    {"leases": {"ttl": 0}},
    {"durability": "none"},
    {"plugins": {"enable": ["nothing"]}},
    {"concurrency": {"pools": {"default_limit": 1001}}},
    {"telemetry": {}},
]


@pytest.fixture(scope="module")
def validator() -> Any:
    schema = instance_json_schema(installed())
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


@pytest.mark.parametrize("value", VALID)
def test_json_schema_and_parser_accept_the_same(validator: Any, value: dict[str, Any]) -> None:
    assert [error.message for error in validator.iter_errors(value)] == []
    place = Place(Path("/home"), None, "default")
    layered = Layered(value, layered_of("").positions, place, (), None)
    parse_instance(layered, settings_for, Resolver({"BEAT": "0.1s"}))


@pytest.mark.parametrize("value", INVALID)
def test_json_schema_and_parser_refuse_the_same(validator: Any, value: dict[str, Any]) -> None:
    assert list(validator.iter_errors(value))
    place = Place(Path("/home"), None, "default")
    layered = Layered(value, layered_of("").positions, place, (), None)
    with pytest.raises(InvalidConfigError):
        parse_instance(layered, settings_for, Resolver({}))


def test_json_schema_tells_descriptions_defaults_and_choices() -> None:
    properties = instance_json_schema(installed())["properties"]
    names = [each.get("const") for each in properties["storage"]["oneOf"]]
    assert names[0] == "memory"
    assert "postgres" not in names  # it cannot do without settings
    postgres = properties["storage"]["oneOf"][2]["properties"]["postgres"]
    assert postgres["properties"]["url"]["description"] == "where it is"
    assert "default" not in postgres["properties"]["url"]
    assert postgres["properties"]["mode"] == {
        "anyOf": [{"enum": ["wal", "delete"]}, {"$ref": "#/$defs/reference"}],
        "default": "wal",
    }
    assert properties["durability"]["default"] == "normal"
