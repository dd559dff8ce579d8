"""Read the specs that a registered plugin provides, and refuse what does not fit."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

import pluggy

from plugwork.abc.specs import ComponentSpec, LoopSpec
from plugwork.errors import PluginApiError, PluginHookError
from plugwork.registry.objects import describe

S = TypeVar("S", ComponentSpec, LoopSpec)


def read_specs(
    manager: pluggy.PluginManager, plugin: object, owner: str, hook: str, spec_type: type[S]
) -> list[S]:
    """Call a provide hook of one plugin alone.

    :param owner: the plugin as messages call it.
    :return: nothing if the plugin does not implement the hook.
    :raises PluginHookError: it raised, or returned something else than a list of specs.
    """
    found: list[S] = []
    for caller in manager.get_hookcallers(plugin) or ():
        if caller.name == hook:
            for implementation in caller.get_hookimpls():
                if implementation.plugin is plugin:
                    found += _call(implementation, owner, hook, spec_type)
    return found


def _call(
    implementation: pluggy.HookImpl, owner: str, hook: str, spec_type: type[S]
) -> Sequence[S]:
    try:
        answer: object = implementation.function()
    except (Exception, SystemExit) as error:
        raise PluginHookError(f"{owner}: hook {hook} raised {describe(error)}") from error
    if isinstance(answer, list | tuple) and all(isinstance(each, spec_type) for each in answer):
        return answer
    message = f"{owner}: hook {hook} returned {answer!r:.80}; expected a list of "
    raise PluginHookError(message + spec_type.__name__)


def check_api(spec: ComponentSpec | LoopSpec, title: str, owner: str) -> None:
    """Refuse a spec that was written for an interface that this kernel does not serve.

    :param title: what the spec announces: ``"storage"``.
    :raises PluginApiError: its number is missing, or neither ours nor the one before.
    """
    served = [number for number in (spec.API - 1, spec.API) if number > 0]
    if type(spec.api) is int and spec.api in served:
        return
    has = "names no API number" if spec.api is None else f"was written for API {spec.api}"
    numbers = " and ".join(map(str, served))
    raise PluginApiError(
        f"{owner}: its {title} {spec.name!r} {has}; this plugwork serves API {numbers} of "
        f"{title}s: install a release of the plugin that fits"
    )
