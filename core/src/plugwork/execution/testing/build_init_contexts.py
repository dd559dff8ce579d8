"""Contexts for resources and loggers that a unit test makes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self

from plugwork.config.class_shape import as_config
from plugwork.definitions.logger import InitLoggerContext
from plugwork.definitions.resource_context import InitResourceContext
from plugwork.execution.testing.given_resources import AskedResources, GivenResources

if TYPE_CHECKING:
    from plugwork.definitions.job import JobDefinition
    from plugwork.instance import Instance


class GivenInitResourceContext(InitResourceContext):
    """An :class:`InitResourceContext` that a test made; a context manager over its resources."""

    __slots__ = ("_given",)

    _given: GivenResources

    def __enter__(self) -> Self:
        self._given.__enter__()
        return self

    def __exit__(self, *error: object) -> None:
        self._given.close()


def build_init_resource_context(
    config: Any = None,
    resources: Mapping[str, Any] | None = None,
    instance: Instance | None = None,
) -> GivenInitResourceContext:
    """Make a context to call a resource's function with, in a unit test.

    With resources that are torn down, use it as a context manager.

    :param config: plain values, or an object of a ``Config`` class; checked when a resource is
        made from it.
    :param resources: those that the resource requires, by key: definitions, objects of resource
        classes, or plain objects.
    """
    given = GivenResources(resources, instance=instance)
    made = GivenInitResourceContext(as_config(config), AskedResources(given), instance=instance)
    made._given = given
    return made


def build_init_logger_context(
    logger_config: Any = None, job_def: JobDefinition | None = None
) -> InitLoggerContext:
    """Make a context to call a logger's function with, in a unit test.

    :param logger_config: checked when a logger is made from it.
    """
    return InitLoggerContext(as_config(logger_config), job_def=job_def)
