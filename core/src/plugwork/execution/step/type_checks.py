"""Checking and loading values by their types, with what the types' own functions need."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from plugwork.boundary import user_code_error_boundary
from plugwork.definitions.annotations import resolve_type
from plugwork.definitions.loaders import type_loader_of
from plugwork.definitions.types import Type, TypeCheck
from plugwork.errors import TypeCheckError
from plugwork.execution.resources import ScopedResources
from plugwork.execution.step.step_context import StepExecutionContext
from plugwork.model.payloads import TypeCheckData

if TYPE_CHECKING:
    import logging

#: Stands for the run of a check outside of one.
EPHEMERAL_RUN_ID = "EPHEMERAL"
_PASSED = TypeCheckData()


class TypeCheckContext:
    """What the function of a type gets beside the value.

    :param log_manager: its lines stand under the step, when one runs.
    :param scoped_resources_builder: the open resources by key.
    :param type: whose check it is.
    """

    __slots__ = ("_values", "log", "run_id", "type")

    def __init__(
        self,
        run_id: str,
        log_manager: logging.Logger,
        scoped_resources_builder: Mapping[str, Any],
        type: Type,  # noqa: A002 - a public parameter name
    ) -> None:
        self.run_id = run_id
        self.log = log_manager
        self.type = type
        self._values = scoped_resources_builder

    @property
    def resources(self) -> ScopedResources:
        """The resources that the type requires, as attributes."""
        return ScopedResources(self._values, self.type.required_resource_keys)


class TypeLoaderContext(StepExecutionContext):
    """What the loader of a type gets beside the config value: the step, and its own resources."""

    __slots__ = ("_keys",)

    _keys: frozenset[str]

    @classmethod
    def of(cls, step: StepExecutionContext, keys: frozenset[str]) -> TypeLoaderContext:
        """Return the context of a loader in a running step."""
        made = cls(step.runner, step.step, step.number)
        made._keys = keys
        made._log = step.log
        return made

    @property
    def resources(self) -> ScopedResources:
        """The resources that the loader requires, as attributes."""
        return ScopedResources(self.resource_values, self._keys)


def loader_context(step: StepExecutionContext, kind: Type) -> TypeLoaderContext | None:
    """Return the context for the loader of a type; None when it has none."""
    loader = type_loader_of(kind)
    return TypeLoaderContext.of(step, loader.required_resource_keys()) if loader else None


def check_value(
    step: StepExecutionContext, declared: Type, value: object, what: str
) -> TypeCheckData:
    """Check a value against its declared type.

    :param what: ``input "x"``, for messages.
    :raises TypeCheckError: when the type's own function raised.
    """
    context = None
    if declared.needs_context:
        context = TypeCheckContext(step.run_id, step.log, step.resource_values, declared)
    with user_code_error_boundary(
        TypeCheckError, lambda: f"Error occurred while checking the type of {what}:"
    ):
        found = declared.check(value, context)
    if found.success and not found.metadata and found.description is None:
        return _PASSED
    from plugwork.model.metadata import normalize_metadata  # few checks tell anything

    metadata = normalize_metadata(found.metadata)
    return TypeCheckData(found.success, declared.name, found.description, metadata)


def check_type(type: Any, value: object) -> TypeCheck:  # noqa: A002 - a public parameter name
    """Check a value as a step would, for the unit test of a type.

    :param type: a Type, a class or an annotation. A type that requires resources is tested in a
        job, or by calling an op that takes it.
    """
    import logging

    declared = resolve_type(type)
    context = TypeCheckContext(EPHEMERAL_RUN_ID, logging.getLogger("plugwork"), {}, declared)
    return declared.check(value, context)
