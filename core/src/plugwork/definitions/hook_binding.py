"""The hooks that are attached to jobs and to uses of ops and graphs."""

from __future__ import annotations

from collections.abc import Iterable, Set
from typing import TYPE_CHECKING

from plugwork.errors import InvalidDefinitionError

if TYPE_CHECKING:
    from plugwork.definitions.hooks import HookDefinition


def attached_hooks(
    hook_defs: Iterable[HookDefinition] | None, owner: str
) -> tuple[HookDefinition, ...]:
    """Return hooks in the order in which they run, each once.

    A list keeps its order; those of a set come in the order in which they were defined.

    :param owner: for messages: ``"job 'x'"``.
    :raises InvalidDefinitionError: for anything that is no hook.
    """
    if hook_defs is None:
        return ()
    from plugwork.definitions.hooks import HookDefinition

    if not isinstance(hook_defs, Iterable) or isinstance(hook_defs, str):
        raise InvalidDefinitionError(f"{owner}: hooks are given as a set, got {hook_defs!r}")
    for one in hook_defs:
        if not isinstance(one, HookDefinition):
            raise InvalidDefinitionError(
                f"{owner}: {one!r} is no hook; make one with @success_hook or @failure_hook"
            )
    if isinstance(hook_defs, Set):
        hook_defs = sorted(hook_defs, key=lambda one: one.number)
    return joined_hooks(tuple(hook_defs))


def joined_hooks(*groups: tuple[HookDefinition, ...]) -> tuple[HookDefinition, ...]:
    """Join groups of hooks: those of the first group first, none twice."""
    return tuple({id(one): one for group in groups for one in group}.values())
