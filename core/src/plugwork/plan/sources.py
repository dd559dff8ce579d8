"""Where a step's input comes from."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from plugwork.model.payloads import StepOutputHandle

if TYPE_CHECKING:
    from plugwork.definitions.loaders import InputConfig, LoadedConfig


class Source:
    """Base of the sources; most need no other step."""

    __slots__ = ()

    @property
    def handles(self) -> tuple[StepOutputHandle, ...]:
        """The outputs of other steps that the source reads."""
        return ()


class FromStepOutput(Source):
    """One output of another step.

    :param manager_key: the resource that loads it.
    """

    __slots__ = ("handle", "is_required", "manager_key")

    def __init__(self, handle: StepOutputHandle, manager_key: str, is_required: bool) -> None:
        self.handle = handle
        self.manager_key = manager_key
        self.is_required = is_required

    @property
    def handles(self) -> tuple[StepOutputHandle, ...]:
        return (self.handle,)


class FromMultipleSources(Source):
    """A list with one member for each source, in order; a source without value is left out."""

    __slots__ = ("sources",)

    def __init__(self, sources: tuple[Source, ...]) -> None:
        self.sources = sources

    @property
    def handles(self) -> tuple[StepOutputHandle, ...]:
        return tuple(handle for source in self.sources for handle in source.handles)


class FromConfig(Source):
    """A value, or the name of a file that holds one, in run config."""

    __slots__ = ("_config_value", "_schema")

    def __init__(self, schema: InputConfig | LoadedConfig, config_value: Any) -> None:
        self._schema = schema
        self._config_value = config_value

    def load(self, context: object = None) -> Any:
        """Return the value; reads its file, if config names one.

        :param context: for the loader of the input's type, if it has one of its own.
        """
        return self._schema.load(self._config_value, context)


class FromDefaultValue(Source):
    """A value that the definition gives: the input's default, or one of the job's input_values."""

    __slots__ = ("value",)

    def __init__(self, value: Any) -> None:
        self.value = value


class FromInputManager(Source):
    """Nothing feeds the input: its own input manager makes the value.

    :param manager_key: the resource that loads it.
    """

    __slots__ = ("manager_key",)

    def __init__(self, manager_key: str) -> None:
        self.manager_key = manager_key


class FromSkipped(Source):
    """All values of a dynamic output that was skipped: they never come."""

    __slots__ = ()


class Unresolved(Source):
    """Base of the sources that are known only when a dynamic step has run."""

    __slots__ = ("is_required", "manager_key", "origin", "output_name", "step_key")

    def __init__(
        self,
        origin: tuple[str, str],
        step_key: str,
        output_name: str,
        manager_key: str,
        is_required: bool,
    ) -> None:
        #: Step key and output name of the dynamic output.
        self.origin = origin
        self.step_key = step_key
        self.output_name = output_name
        self.manager_key = manager_key
        self.is_required = is_required

    def for_key(self, mapping_key: str) -> FromStepOutput:
        """Return the source of the step mapped to one key."""
        if self.step_key == self.origin[0]:
            handle = StepOutputHandle(self.step_key, self.output_name, mapping_key)
        else:
            handle = StepOutputHandle(resolved_key(self.step_key, mapping_key), self.output_name)
        return FromStepOutput(handle, self.manager_key, self.is_required)


class FromPendingDynamic(Unresolved):
    """One value of a dynamic output, or the output of a step mapped over it."""

    __slots__ = ()


class FromDynamicCollect(Unresolved):
    """A list of all values of a dynamic output, or of what all steps mapped over it gave."""

    __slots__ = ()

    def resolve(self, mapping_keys: list[str] | None) -> FromMultipleSources | FromSkipped:
        """Return the source when the mapping keys are known; None for a skipped output."""
        if mapping_keys is None:
            return FromSkipped()
        return FromMultipleSources(tuple(self.for_key(key) for key in mapping_keys))


def resolved_key(unresolved: str, mapping_key: str) -> str:
    """``mul[?]`` and ``k0`` give ``mul[k0]``."""
    return f"{unresolved[:-2]}{mapping_key}]"


def template_key(key: str) -> str:
    """Return the template of a mapped step: ``mul[k0]`` gives ``mul[?]``; other keys stay."""
    return f"{key.partition('[')[0]}[?]" if key.endswith("]") else key


def unresolved_of(source: Source) -> Iterator[Unresolved]:
    """Find the unresolved sources in one source."""
    if isinstance(source, Unresolved):
        yield source
    elif isinstance(source, FromMultipleSources):
        for member in source.sources:
            yield from unresolved_of(member)


def resolve_for_key(source: Source, mapping_key: str) -> Source:
    """Return the source of a step mapped to one key."""
    if isinstance(source, FromPendingDynamic):
        return source.for_key(mapping_key)
    if isinstance(source, FromMultipleSources):
        return FromMultipleSources(tuple(resolve_for_key(s, mapping_key) for s in source.sources))
    return source
