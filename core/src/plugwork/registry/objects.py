"""Import what a plugin names as ``package.module:attribute``."""

from __future__ import annotations

import importlib
from typing import Any

from plugwork.errors import PluginError


def import_object(path: str, owner: str) -> Any:
    """Import a module, or an attribute of one.

    :param path: ``"package.module"`` or ``"package.module:attribute"``; dots after the colon
        go deeper.
    :param owner: who names it, for the message.
    :raises PluginError: importing failed, for whatever reason, or the attribute is missing.
    """
    module_name, _, attribute = path.partition(":")
    try:
        found: Any = importlib.import_module(module_name)
        for part in attribute.split(".") if attribute else ():
            found = getattr(found, part)
    except (Exception, SystemExit) as error:
        message = (
            f"{owner}: {path} cannot be imported: {describe(error)}; "
            "'plugwork plugins doctor' shows the traceback"
        )
        raise PluginError(message) from error
    return found


def describe(error: BaseException) -> str:
    """Return the error in one line: ``"ValueError: bad day"``."""
    text = " ".join(str(error).split())
    return f"{type(error).__name__}: {text}" if text else type(error).__name__
