"""Whether a class that the file names by module and class can be used there."""

from __future__ import annotations

import importlib
import sys

from plugwork.abc.configurable import ConfigurableClassData
from plugwork.config.compiling import resolve_to_config_type
from plugwork.config.walk import Walk
from plugwork.errors import ClassFormError, InvalidConfigDefinitionError


def check_class_form(data: ConfigurableClassData, interface: str, at: Walk) -> None:
    """Import the class and check its kind and its config; what is wrong goes to the walk.

    :param interface: what it must derive from, as ``"plugwork.abc:Storage"``.
    :param at: where ``module``, ``class`` and ``config`` stand.
    """
    try:
        found = data.load_class()
    except ClassFormError as error:
        if data.module_name in sys.modules:
            at.into("class").add(error.code, str(error), "correct the name")
        else:
            hint = "install the package that has it, or correct the name"
            at.into("module").add(error.code, str(error), hint)
        return
    module, _, name = interface.partition(":")
    if not issubclass(found, getattr(importlib.import_module(module), name)):
        message = (
            f"{data.module_name}.{data.class_name} is no {name}: derive it from {module}.{name}"
        )
        at.into("class").add(ClassFormError.code, message)
        return
    config = at.into("config")
    try:
        schema = resolve_to_config_type(found.config_type() or {})
    except InvalidConfigDefinitionError as error:
        config.add(ClassFormError.code, f"the config_type of {data.class_name}: {error}")
        return
    before = len(at.problems)
    stored = schema.check(data.config_dict, config)
    if at.resolver is not None and len(at.problems) == before:
        schema.resolve(stored, config)
