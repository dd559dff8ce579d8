from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace

import pytest

from plugwork import (
    ConfigurableIOManager,
    ConfigurableResource,
    InitResourceContext,
    IOManager,
    ResourceDefinition,
    ResourceDependency,
    job,
    op,
    resource,
)
from plugwork.definitions.requirements import init_order
from plugwork.definitions.resource_binding import bind_resources
from plugwork.errors import CheckError, InvalidDefinitionError, InvariantViolationError
from plugwork.plan import create_plan

seen: list[str] = []


class Cache(ConfigurableResource):
    size: int

    def setup_for_execution(self, context: InitResourceContext) -> None:
        seen.append(f"cache up {self.size}")

    def teardown_after_execution(self, context: InitResourceContext) -> None:
        seen.append("cache down")


class Store(ConfigurableResource):
    cache: Cache
    label: ResourceDependency[str]

    @contextmanager
    def yield_for_execution(self, context: InitResourceContext) -> Iterator[Store]:
        seen.append(f"store up {self.cache.size} {self.label}")
        yield self
        seen.append("store down")


@op
def use(store: Store) -> None: ...


@pytest.fixture(autouse=True)
def fresh_record() -> None:
    seen.clear()


def opened(definition: ResourceDefinition, config: object = None, **resources: object) -> object:
    context = InitResourceContext(config, SimpleNamespace(**resources))
    with definition.open(context) as value:
        return value


def test_a_function_returns_or_yields_its_resource() -> None:
    @resource
    def returned(context):
        return 1

    @resource
    def yielded(context):
        seen.append("up")
        try:
            yield context.resources.a
        finally:
            seen.append("down")

    @resource
    @contextmanager
    def managed():
        yield 3
        seen.append("left")

    assert (opened(returned), opened(yielded, a=2), opened(managed)) == (1, 2, 3)
    assert seen == ["up", "down", "left"]


def test_a_resource_is_torn_down_when_the_steps_failed() -> None:
    @resource
    def yielded():
        yield 1
        seen.append("down")

    with pytest.raises(KeyError), yielded.open(InitResourceContext(None, None)):
        raise KeyError("step")
    assert seen == ["down"]


def test_a_generator_yields_exactly_one_resource() -> None:
    @resource
    def none_at_all():
        yield from ()

    @resource
    def two():
        yield 1
        yield 2

    with pytest.raises(InvariantViolationError, match="no resource"):
        opened(none_at_all)
    with pytest.raises(InvariantViolationError, match="more than one"):
        opened(two)


def test_a_function_of_two_parameters_is_refused() -> None:
    with pytest.raises(InvalidDefinitionError, match="takes one parameter"):

        @resource
        def wrong(context, other): ...


def test_ready_made_resources() -> None:
    assert opened(ResourceDefinition.hardcoded_resource(4)) == 4
    assert opened(ResourceDefinition.none_resource()) is None
    assert opened(ResourceDefinition.string_resource(), "text") == "text"
    mock = opened(ResourceDefinition.mock_resource())
    mock.any_method(1)  # type: ignore[attr-defined]  # a mock has every method


def test_a_plain_object_is_its_own_resource() -> None:
    value = object()
    assert opened(bind_resources({"x": value})["x"]) is value


def test_what_a_resource_requires_is_made_before_it() -> None:
    @resource(required_resource_keys={"a"})
    def b(context): ...

    @resource(required_resource_keys={"b"})
    def c(context): ...

    defs = {"c": c, "b": b, "a": ResourceDefinition.none_resource()}
    assert init_order(defs, {"c"}) == ["a", "b", "c"]
    assert init_order(defs, {"b", "a"}) == ["a", "b"]


def test_a_resource_in_a_resource_is_made_first_and_torn_down_last() -> None:
    @job(resource_defs={"store": Store(cache=Cache(size=3), label="x")})
    def j():
        use()

    config = create_plan(j, {"resources": {"store": {"config": {"cache": {"size": 4}}}}})
    opened(j.resource_defs["store"], config.resolved_config["resources"]["store"]["config"])
    assert seen == ["cache up 4", "store up 4 x", "store down", "cache down"]


def test_a_resource_that_is_also_bound_by_itself_is_shared() -> None:
    cache = Cache(size=3)
    defs = bind_resources({"cache": cache, "store": Store(cache=cache, label="x")})
    assert defs["store"].required_resource_keys == {"cache"}
    assert opened(defs["store"], {}, cache=cache).cache is cache  # type: ignore[attr-defined]  # a Store
    assert seen == ["store up 3 x", "store down"]


def test_the_bound_object_is_never_set_up_itself() -> None:
    cache = Cache(size=3)
    made = opened(bind_resources({"cache": cache})["cache"], {"size": 5})
    assert made == Cache(size=5)
    with pytest.raises(CheckError, match="only while a run uses it"):
        cache.get_resource_context()
    assert made.get_resource_context().resource_config == {"size": 5}  # type: ignore[attr-defined]  # a Cache


def test_an_unknown_field_at_launch_is_refused() -> None:
    with pytest.raises(InvalidDefinitionError, match="Cache has no field 'sise'; it has: size"):
        Cache.configure_at_launch(sise=3)


def test_an_io_manager_may_be_a_class() -> None:
    class Files(ConfigurableIOManager):
        base: str

        def handle_output(self, context, obj): ...

        def load_input(self, context): ...

    definition = bind_resources({"io_manager": Files(base="x")})["io_manager"]
    assert isinstance(opened(definition, {"base": "y"}), IOManager)
