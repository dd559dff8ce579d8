"""The hooks that are attached to jobs and to uses of ops and graphs."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Set
from typing import Protocol

from plugwork.errors import InvalidDefinitionError


class Hook(Protocol):
    """What a job needs to know of a hook."""

    @property
    def name(self) -> str: ...

    @property
    def required_resource_keys(self) -> Collection[str]: ...


def attached_hooks(hook_defs: Iterable[Hook] | None, owner: str) -> tuple[Hook, ...]:
    """Return hooks in the order in which they run, each once.

    A list keeps its order; a set, which has none, is ordered by name, so that every process agrees.

    :param owner: for messages: ``"job 'x'"``.
    :raises InvalidDefinitionError: for anything that is no hook.
    """
    if hook_defs is None:
        return ()
    if not isinstance(hook_defs, Iterable) or isinstance(hook_defs, str):
        raise InvalidDefinitionError(f"{owner}: hooks are given as a set, got {hook_defs!r}")
    for one in hook_defs:
        if not hasattr(one, "name") or not hasattr(one, "required_resource_keys"):
            raise InvalidDefinitionError(
                f"{owner}: {one!r} is no hook; make one with @success_hook or @failure_hook"
            )
    if isinstance(hook_defs, Set):
        hook_defs = sorted(hook_defs, key=lambda one: one.name)
    return joined_hooks(tuple(hook_defs))


def joined_hooks(*groups: tuple[Hook, ...]) -> tuple[Hook, ...]:
    """Join groups of hooks: those of the first group first, none twice."""
    return tuple({id(one): one for group in groups for one in group}.values())
