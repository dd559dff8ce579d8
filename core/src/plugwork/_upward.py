"""Calls from a lower floor to a higher one: the few that the public API forces."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import logging

    from plugwork.abc.config_classes import ConfigClasses
    from plugwork.config.references import Resolver
    from plugwork.definitions.job import JobDefinition
    from plugwork.definitions.op import OpDefinition
    from plugwork.execution.resources import ScopedResources
    from plugwork.execution.results.result import ExecuteInProcessResult
    from plugwork.instance import Instance
    from plugwork.instance.ref import InstanceRef


def settle_config(
    schema: object, value: Mapping[str, Any], preamble: str, resolver: Resolver | None
) -> Any:
    """Validate the config of a class that the instance's file names, and resolve its references.

    :param resolver: the instance's; None: the environment alone.
    :raises InvalidConfigError: with the preamble and every problem.
    """
    import os

    from plugwork.config import resolve_sources, validate

    config_type = {} if schema is None else schema
    stored = validate(config_type, value, references=True).unwrap(preamble)
    found = resolve_sources(config_type, stored, resolver or os.environ, references=True)
    return found.unwrap(preamble)


def execute_in_process(job: JobDefinition, *args: Any, **kwargs: Any) -> ExecuteInProcessResult:
    """Run a job here and now; see :meth:`JobDefinition.execute_in_process`."""
    from plugwork.execution.in_process import execute_in_process as execute

    return execute(job, *args, **kwargs)


def config_classes_of(cls: type) -> ConfigClasses | None:
    """Return what reads a class of another library as config, if a plugin does.

    :raises PluginError: it is installed and cannot be used.
    """
    from plugwork.registry.config_classes import reader_of

    return reader_of(cls)


def open_instance(ref: InstanceRef) -> Instance:
    """Open the instance that a context names; see :meth:`Instance.from_ref`."""
    from plugwork.instance import Instance

    return Instance.from_ref(ref)


def open_resources(
    resources: Mapping[str, Any], instance: Instance | None, log: logging.Logger
) -> AbstractContextManager[ScopedResources]:
    """Make resources for one evaluation of a schedule or sensor; see :func:`build_resources`."""
    from plugwork.execution.resources import ScopedResources
    from plugwork.execution.testing.given_resources import build_resources

    if not resources:
        return nullcontext(ScopedResources({}, ()))
    return build_resources(resources, instance, log_manager=log)


def call_op(definition: OpDefinition, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """Run an op's function outside a graph; see :meth:`OpDefinition.__call__`."""
    from plugwork.execution.testing.direct_calls import call_op as call

    return call(definition, args, kwargs)
