"""Config under one schema that becomes config under another."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any as AnyValue

import attrs

from plugwork.boundary import user_code_error_boundary
from plugwork.config.class_shape import as_config
from plugwork.config.schema import Field
from plugwork.config.types import ConfigType
from plugwork.config.walk import Walk
from plugwork.errors import ConfigErrorReason, ConfigMappingFunctionError


class Converted(ConfigType):
    """Takes config of an outer schema; user code gets what a function makes of it.

    Like a reference, it is settled when the run starts: what the function returns is checked then,
    before anything runs.

    :param inner: the schema of what the function returns.
    :param convert: gets the outer config, with its references resolved.
    :param what: whose config it is, for messages: ``"op 'x'"``.
    """

    def __init__(
        self, outer: Field, inner: Field, convert: Callable[[AnyValue], AnyValue], what: str
    ) -> None:
        self.outer = outer.config_type
        self.inner = inner.config_type
        self.what = what
        self.expected = self.outer.expected
        self.label = self.outer.label
        self.description = self.outer.description
        self._convert = convert

    def __repr__(self) -> str:
        return repr(self.outer)

    def check(self, value: object, at: Walk) -> object:
        return self.outer.check(value, at)

    def resolve(self, value: object, at: Walk) -> object:
        before = len(at.problems)
        resolved = self.outer.resolve(value, at)
        if len(at.problems) > before:
            return value
        inside = Walk(at.path, at.positions, resolver=at.resolver, secret=at.secret)
        settled = self._settle(self.outer.construct(resolved), inside)
        at.problems.extend(self._told(problem) for problem in inside.problems)
        return settled

    def _settle(self, given: object, at: Walk) -> object:
        with user_code_error_boundary(
            ConfigMappingFunctionError, lambda: f"the config function of {self.what} raised:"
        ):
            made = self._convert(given)
        checked = self.inner.check(as_config(made), at)
        return checked if at.problems else self.inner.resolve(checked, at)

    def _told(self, problem: AnyValue) -> AnyValue:
        message = f"what the config function of {self.what} gives: {problem.message}"
        reason = ConfigErrorReason.FAILED_POST_PROCESSING
        return attrs.evolve(problem, message=message, reason=reason)

    def construct(self, value: AnyValue) -> AnyValue:
        return self.inner.construct(value)

    def mask(self, value: AnyValue) -> AnyValue:
        return self.outer.mask(value)

    def implicit_default(self) -> object:
        return self.outer.implicit_default()

    def example(self) -> object:
        return self.outer.example()


class Fixed(Converted):
    """Config that is given in code, so that nothing is left to give.

    It is settled like what a run gives: a reference in it is resolved when the run starts.
    """

    def __init__(self, inner: Field, config: object, what: str) -> None:
        super().__init__(Field({}), inner, lambda _: config, what)

    def _told(self, problem: AnyValue) -> AnyValue:
        message = f"the config given to {self.what} in code: {problem.message}"
        return attrs.evolve(problem, message=message)
