from __future__ import annotations

import sys
import types
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from plugwork.abc.configurable import ConfigurableClass, ConfigurableClassData
from plugwork.errors import ClassFormError, InvalidConfigError


class Lamp(ConfigurableClass):
    def __init__(self, inst_data: ConfigurableClassData | None, colour: str, watts: int) -> None:
        self._inst_data = inst_data
        self.colour = colour
        self.watts = watts

    @property
    def inst_data(self) -> ConfigurableClassData | None:
        return self._inst_data

    @classmethod
    def config_type(cls) -> Any:
        from plugwork.config import Field

        return {"colour": str, "watts": Field(int, default_value=40)}

    @classmethod
    def from_config_value(
        cls, inst_data: ConfigurableClassData | None, config_value: Mapping[str, Any]
    ) -> Lamp:
        if config_value["watts"] > 1000:
            raise OverflowError("too bright")
        return cls(inst_data, **config_value)


@pytest.fixture(autouse=True)
def lamps() -> Iterator[None]:
    module = types.ModuleType("fake_lamps")
    module.Lamp = Lamp  # type: ignore[attr-defined] # made on the fly
    module.NoLamp = str  # type: ignore[attr-defined] # made on the fly
    sys.modules["fake_lamps"] = module
    yield
    del sys.modules["fake_lamps"]


def data(config: str = "colour: red", name: str = "Lamp") -> ConfigurableClassData:
    return ConfigurableClassData("fake_lamps", name, config)


def test_an_object_is_made_with_defaults_and_knows_its_data() -> None:
    lamp = data().rehydrate(Lamp)
    assert (lamp.colour, lamp.watts) == ("red", 40)
    assert lamp.inst_data == data()


def test_references_are_resolved_only_in_the_object(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LAMP_COLOUR", "green")
    described = data("colour: ${env:LAMP_COLOUR}")
    assert described.rehydrate(Lamp).colour == "green"
    assert described.config_dict == {"colour": "${env:LAMP_COLOUR}"}
    assert "green" not in str(described.info_dict())


def test_data_of_equal_content_is_equal() -> None:
    assert data() == data()
    assert hash(data()) == hash(data())
    assert data().info_dict() == {
        "module": "fake_lamps",
        "class": "Lamp",
        "config": {"colour": "red"},
    }


@pytest.mark.parametrize(
    ("described", "words"),
    [
        (ConfigurableClassData("no_such_lamps", "Lamp"), "no_such_lamps.Lamp.*ModuleNotFound"),
        (data(name="Chandelier"), "fake_lamps.Chandelier.*has no class"),
        (data(name="NoLamp"), "fake_lamps.NoLamp is no ConfigurableClass"),
        (data("{colour: red, watts: 2000}"), "fake_lamps.Lamp could not be made.*too bright"),
    ],
)
def test_a_class_that_cannot_be_used_is_named(described: ConfigurableClassData, words: str) -> None:
    with pytest.raises(ClassFormError, match=words):
        described.rehydrate(Lamp)


def test_an_object_of_another_kind_is_refused() -> None:
    with pytest.raises(ClassFormError, match=r"fake_lamps\.Lamp is no int"):
        data().rehydrate(int)


def test_every_problem_of_the_config_is_told() -> None:
    with pytest.raises(InvalidConfigError, match=r"fake_lamps\.Lamp") as raised:
        data("{color: red, watts: many}").rehydrate(Lamp)
    assert len(raised.value.errors) == 3


@pytest.mark.parametrize(("config", "code"), [("[red]", "PW-CFG-009"), ("a: [", "PW-CFG-003")])
def test_config_that_is_no_mapping_is_refused(config: str, code: str) -> None:
    with pytest.raises(InvalidConfigError) as raised:
        data(config).rehydrate(Lamp)
    assert [problem.code for problem in raised.value.errors] == [code]
