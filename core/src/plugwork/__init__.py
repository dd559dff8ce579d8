"""An orchestrator you assemble. Every public name is found here, and imported when it is used."""

from __future__ import annotations


def __getattr__(name: str) -> object:
    # Public names stay out of this module until they are used: importing plugwork is free.
    from plugwork._public import HOMES

    if name == "__all__":
        return sorted(HOMES)
    if name in HOMES:
        from importlib import import_module

        value = getattr(import_module(HOMES[name]), name)
    else:
        value = _elsewhere(name)
    globals()[name] = value
    return value


def _elsewhere(name: str) -> object:
    if name == "__version__":
        from plugwork.registry.index import installed_plugins

        return installed_plugins().kernel_version
    if not name.startswith("_"):
        from plugwork.registry.known import NAMES

        if name in NAMES:
            from plugwork.registry.names import brought_name

            return brought_name(name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__getattr__("__all__")})
