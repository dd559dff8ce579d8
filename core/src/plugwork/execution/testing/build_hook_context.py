"""Contexts for hooks that a unit test calls."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NoReturn, Self

from plugwork.definitions.hook_context import HookContext, NamedOp
from plugwork.errors import InvalidInvocationError
from plugwork.execution.testing.given_resources import GivenResources

if TYPE_CHECKING:
    from plugwork.definitions.hooks import HookDefinition
    from plugwork.execution.resources import ScopedResources
    from plugwork.instance import Instance


class GivenStep:
    """A step that has not run, of which a test tells what its hook needs."""

    def __init__(
        self,
        resources: GivenResources,
        op: NamedOp | None,
        run_id: str | None,
        job_name: str | None,
        op_exception: BaseException | None,
        instance: Instance | None,
    ) -> None:
        self.resources = resources
        self._op = op
        self._run_id = run_id
        self._job_name = job_name
        self._instance = instance
        self.op_exception = op_exception

    @property
    def op(self) -> NamedOp:
        return self._op or _not_given("op")

    @property
    def step_key(self) -> str:
        return self._op.name if self._op is not None else _not_given("op")

    @property
    def run_id(self) -> str:
        return self._run_id or _not_given("run_id")

    @property
    def job_name(self) -> str:
        return self._job_name or _not_given("job_name")

    @property
    def instance(self) -> Instance:
        return self._instance or _not_given("instance")

    @property
    def op_config(self) -> Any:
        return None

    @property
    def op_output_values(self) -> Mapping[str, Any]:
        return {}

    @property
    def op_output_metadata(self) -> Mapping[str, Any]:
        return {}

    @property
    def log(self) -> Any:
        import logging

        return logging.getLogger("plugwork")

    def resources_for_hook(self, hook_def: HookDefinition | None) -> ScopedResources:
        if hook_def is None:
            return self.resources.scoped()
        missing = sorted(hook_def.required_resource_keys - self.resources.keys)
        if missing:
            raise InvalidInvocationError(
                f"hook {hook_def.name!r} requires the resource {missing[0]!r}, which the context "
                "does not have: give it to build_hook_context(resources={...})"
            )
        return self.resources.scoped(hook_def.required_resource_keys)


class GivenHookContext(HookContext):
    """A :class:`HookContext` that a test made; a context manager over its resources."""

    __slots__ = ("_resources",)

    def __init__(self, step: GivenStep) -> None:
        super().__init__(step)
        self._resources = step.resources

    def __enter__(self) -> Self:
        self._resources.__enter__()
        return self

    def __exit__(self, *error: object) -> None:
        self._resources.close()


def build_hook_context(
    resources: Mapping[str, Any] | None = None,
    op: NamedOp | None = None,
    run_id: str | None = None,
    job_name: str | None = None,
    op_exception: BaseException | None = None,
    instance: Instance | None = None,
) -> GivenHookContext:
    """Make a context to call a hook with, in a unit test.

    What the hook asks for and the test did not give is an error. With resources that are torn
    down, use it as a context manager.

    :param resources: by key: definitions, objects of resource classes, or plain objects.
    :param op: what has run; its name is the step's key, too.
    :param op_exception: what it raised.
    """
    given = GivenResources(resources, None, instance)
    return GivenHookContext(GivenStep(given, op, run_id, job_name, op_exception, instance))


def _not_given(name: str) -> NoReturn:
    raise InvalidInvocationError(
        f"the hook asks for {name}, which the context does not have: give it to "
        f"build_hook_context({name}=...)"
    )
