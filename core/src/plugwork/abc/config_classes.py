"""The interface of what reads the classes of another library as config classes."""

from __future__ import annotations

import abc
from collections.abc import Mapping
from typing import Any, NamedTuple


class ConfigClassField(NamedTuple):
    """A field of a class of another library."""

    #: The key in config.
    name: str
    #: What the kernel does not know, it leaves to :meth:`ConfigClasses.make`.
    annotation: object
    is_required: bool = True
    #: As Python has it; of use when the field is not required.
    default: object = None
    description: str | None = None
    is_secret: bool = False
    #: Of a union of classes: the field by whose value they are told apart.
    discriminator: str | None = None
    #: What a value must be beside its type: a sign of ``>= > <= <`` or ``min_length``,
    #: ``max_length``, and the bound.
    rules: tuple[tuple[str, Any], ...] = ()


class ConfigClass(NamedTuple):
    """What there is to know of a class of another library."""

    fields: tuple[ConfigClassField, ...]
    #: Whether keys that are no fields are kept.
    keeps_unknown: bool = False


class ConfigClasses(abc.ABC):
    """Reads the classes of one library as config classes.

    A plugin announces an object of it, or the class, under the entry-point group
    ``plugwork.config_classes``, by the name of the library's top module. It is imported when a
    class with a base of that module is met as config. Safe for threads.
    """

    #: The number of this interface.
    api = 1

    @abc.abstractmethod
    def describe(self, cls: type) -> ConfigClass | None:
        """Return the fields of a class; None when it is no config class of the library."""

    @abc.abstractmethod
    def make(self, cls: type, values: Mapping[str, object]) -> object:
        """Make an object.

        :param values: checked against the fields, with defaults filled in and references
            resolved; what is annotated with a class of the library is an object of it.
        :raises InvalidConfigError: when the class refuses them; its problems say where by
            their ``keys``, from this object on.
        """

    @abc.abstractmethod
    def as_config(self, value: object) -> Mapping[str, object]:
        """Return the fields of an object by their keys; values may be objects of the library."""

    def read_field(self, declared: object) -> ConfigClassField | None:
        """Return what the library's declaration of a field says, as the default of a field of a
        :class:`plugwork.Config`; None when it is none. Name and annotation are not looked at.
        """
        return None
