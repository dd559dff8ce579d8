from __future__ import annotations

from collections.abc import Iterator

import pytest

import plugwork as dg

seen: list[str] = []


class Client(dg.ConfigurableResource):
    name: str

    def setup_for_execution(self, context: dg.InitResourceContext) -> None:
        seen.append("up")

    def teardown_after_execution(self, context: dg.InitResourceContext) -> None:
        seen.append("down")


@dg.op
def use(client: Client) -> str:
    seen.append("used")
    return client.name


@dg.op
def stream(client: Client) -> Iterator[dg.Output[int]]:
    seen.append("used")
    yield dg.Output(1)
    seen.append("used again")


@dg.op
def fails(client: Client) -> None:
    raise ValueError("no")


@pytest.fixture(autouse=True)
def nothing_seen() -> None:
    seen.clear()


def test_a_resource_given_by_name_lives_as_long_as_the_call() -> None:
    assert use(client=Client(name="x")) == "x"
    assert seen == ["up", "used", "down"]


def test_it_is_torn_down_when_the_call_fails() -> None:
    with pytest.raises(ValueError, match="no"):
        fails(client=Client(name="x"))
    assert seen == ["up", "down"]


def test_a_generator_keeps_it_until_its_end() -> None:
    assert [one.value for one in stream(client=Client(name="x"))] == [1]
    assert seen == ["up", "used", "used again", "down"]
