"""What an op's function takes, read once when the op is defined."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Mapping
from enum import Enum
from types import FrameType
from typing import Any

from plugwork.definitions.place import where
from plugwork.definitions.resource_param import is_resource_annotation
from plugwork.errors import InvalidDefinitionError

CONTEXT_NAMES = frozenset({"context", "_context", "context_", "_"})
CONFIG_NAME = "config"


class FunctionKind(Enum):
    """How a function gives its results."""

    SYNC = "sync"
    ASYNC = "async"
    GENERATOR = "generator"
    ASYNC_GENERATOR = "async generator"

    @classmethod
    def of(cls, fn: Callable[..., Any]) -> FunctionKind:
        if inspect.isasyncgenfunction(fn):
            return cls.ASYNC_GENERATOR
        if inspect.iscoroutinefunction(fn):
            return cls.ASYNC
        return cls.GENERATOR if inspect.isgeneratorfunction(fn) else cls.SYNC


class Parameter:
    """One parameter of an op's function that is an input."""

    __slots__ = ("annotation", "default", "name")

    def __init__(self, name: str, annotation: Any, default: Any) -> None:
        self.name = name
        #: ``inspect.Parameter.empty`` when there is none.
        self.annotation = annotation
        #: ``inspect.Parameter.empty`` when there is none.
        self.default = default


class Signature:
    """How to call an op's function.

    :param fn: the user's function.
    :param owner: whose it is, for messages: ``"op 'x'"``.
    """

    __slots__ = (
        "config_annotation",
        "fn",
        "inputs",
        "is_plain",
        "kind",
        "resource_names",
        "return_annotation",
        "takes_any_input",
        "takes_context",
    )

    def __init__(self, fn: Callable[..., Any], owner: str) -> None:
        self.fn = fn
        self.kind = FunctionKind.of(fn)
        try:
            parameters = list(inspect.signature(fn).parameters.values())
        except (TypeError, ValueError):
            raise InvalidDefinitionError(
                f"{owner}: the parameters of {fn!r} cannot be read; put a function around it"
            ) from None
        self.takes_context = bool(parameters) and parameters[0].name in CONTEXT_NAMES
        #: The annotation of the parameter ``config``; ``inspect.Parameter.empty`` without one.
        self.config_annotation: Any = inspect.Parameter.empty
        self.inputs: list[Parameter] = []
        self.takes_any_input = False
        resources: list[str] = []
        for parameter in parameters[1 if self.takes_context else 0 :]:
            self._add(parameter, resources, owner)
        self.resource_names = tuple(resources)
        annotation = fn.__annotations__.get("return", inspect.Parameter.empty)
        self.return_annotation = evaluate(annotation, fn)
        self.is_plain = not resources and not self.takes_config

    @property
    def takes_config(self) -> bool:
        return self.config_annotation is not inspect.Parameter.empty

    def _add(self, parameter: inspect.Parameter, resources: list[str], owner: str) -> None:
        name = parameter.name
        if parameter.kind is inspect.Parameter.VAR_KEYWORD:
            self.takes_any_input = True
            return
        if parameter.kind in (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.POSITIONAL_ONLY):
            raise InvalidDefinitionError(
                f"{owner}: parameter {name!r} cannot be given by name, as inputs are "
                f"({where(self.fn)})"
            )
        if name == "context":
            raise InvalidDefinitionError(
                f"{owner}: 'context' must be the first parameter ({where(self.fn)})"
            )
        annotation = evaluate(parameter.annotation, self.fn)
        if name == CONFIG_NAME:
            self.config_annotation = self._config(annotation, owner)
        elif is_resource_annotation(annotation):
            resources.append(name)
        else:
            self.inputs.append(Parameter(name, annotation, parameter.default))

    def _config(self, annotation: Any, owner: str) -> Any:
        if annotation is inspect.Parameter.empty or isinstance(annotation, str):
            raise InvalidDefinitionError(
                f"{owner}: the parameter 'config' needs the annotation of a Config class, or of "
                f"another config type ({where(self.fn)})"
            )
        return annotation

    def call(self, context: object, inputs: Mapping[str, Any], config: Any, resources: Any) -> Any:
        """Call the function.

        :param inputs: the values by input name, without those of type Nothing.
        :param config: for the parameter ``config``, if it has one.
        :param resources: has the resources as attributes.
        :return: what the function returns: a value, a coroutine, a generator.
        """
        if self.is_plain:
            return self.fn(context, **inputs) if self.takes_context else self.fn(**inputs)
        arguments = dict(inputs)
        if self.takes_config:
            arguments[CONFIG_NAME] = config
        for name in self.resource_names:
            arguments[name] = getattr(resources, name)
        return self.fn(context, **arguments) if self.takes_context else self.fn(**arguments)


def evaluate(annotation: Any, fn: Callable[..., Any]) -> Any:
    """Turn an annotation written as text into what it names.

    Names are looked up where the function was written: its module, then the frames that define
    it now. What only a type checker can see (``TYPE_CHECKING``) stays text.
    """
    if not isinstance(annotation, str):
        return annotation
    inner = inspect.unwrap(fn)
    names = getattr(inner, "__globals__", {})
    try:
        return _evaluate(annotation, names, {})
    except NameError:
        return _evaluate_in_frames(annotation, names)


def _evaluate(annotation: str, names: dict[str, Any], scope: Mapping[str, Any]) -> Any:
    # The text is the user's own code, as Python would have run it without the future import.
    return eval(annotation, names, scope)  # noqa: S307


def _evaluate_in_frames(annotation: str, names: dict[str, Any]) -> Any:
    frame: FrameType | None = sys._getframe(2)
    while frame is not None:
        if frame.f_globals is names:
            try:
                return _evaluate(annotation, names, frame.f_locals)
            except NameError:
                pass
        frame = frame.f_back
    return annotation
