"""Components that ``plugwork.yaml`` names by module and class, without a plugin."""

from __future__ import annotations

import importlib
from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

import attrs

from plugwork.errors import ClassFormError, FrameworkError, InvalidConfigError, Problem

if TYPE_CHECKING:
    from plugwork.config.references import Resolver
    from plugwork.instance import Instance

T = TypeVar("T")


class ConfigurableClass(ABC):
    """A mixin for component classes that can be named by ``module``, ``class`` and ``config``."""

    @property
    @abstractmethod
    def inst_data(self) -> ConfigurableClassData | None:
        """The data that the object was made from, to make its like in another process; None for
        an object that was made by hand.
        """

    @classmethod
    @abstractmethod
    def config_type(cls) -> Any:
        """Return the schema of the config: anything a schema can be written as; ``{}`` for none."""

    @classmethod
    @abstractmethod
    def from_config_value(
        cls, inst_data: ConfigurableClassData | None, config_value: Mapping[str, Any]
    ) -> Any:
        """Make an object.

        :param inst_data: to be returned by :attr:`inst_data`.
        :param config_value: fits :meth:`config_type`, with defaults and references resolved.
        """

    def register_instance(self, instance: Instance) -> None:  # noqa: B027 - optional to override
        """Take the instance that the object belongs to; called once, before anything else.

        :param instance: a weak proxy.
        """


@attrs.frozen
class ConfigurableClassData:
    """A class and its config, as text that another process can make the object from."""

    module_name: str
    class_name: str
    #: References such as ``{env: NAME}`` stand in it unresolved: each process resolves its own.
    config_yaml: str = "{}\n"

    @property
    def config_dict(self) -> Mapping[str, Any]:
        """Return the parsed config.

        :raises InvalidConfigError: it is not YAML, or not a mapping.
        """
        import yaml

        try:
            value = yaml.load(self.config_yaml, getattr(yaml, "CSafeLoader", yaml.SafeLoader))
        except yaml.YAMLError as error:
            raise self._refused("PW-CFG-003", f"the config is not valid YAML: {error}") from error
        if value is None:
            return {}
        if not isinstance(value, dict):
            raise self._refused("PW-CFG-009", "the config is not a mapping of keys")
        return value

    def info_dict(self) -> dict[str, Any]:
        """Return module, class and config, for display."""
        return {
            "module": self.module_name,
            "class": self.class_name,
            "config": dict(self.config_dict),
        }

    def rehydrate(self, as_type: type[T], resolver: Resolver | None = None) -> T:
        """Import the class, validate the config, resolve its references, and make the object.

        :param as_type: what the object must be an instance of.
        :param resolver: of an instance; by default one that knows the environment and files alone.
        :raises ClassFormError: the class cannot be imported, is not configurable, is of another
            kind, or refused to be made.
        :raises InvalidConfigError: the config does not fit; with every problem.
        """
        made = self._make(self.load_class(), resolver)
        if not isinstance(made, as_type):
            raise ClassFormError(
                f"{self._path} is no {as_type.__name__}: it cannot be used in this place"
            )
        return made

    @property
    def _path(self) -> str:
        return f"{self.module_name}.{self.class_name}"

    def load_class(self) -> type[ConfigurableClass]:
        """Import the class.

        :raises ClassFormError: it cannot be imported, or is not configurable.
        """
        try:
            module = importlib.import_module(self.module_name)
        except (Exception, SystemExit) as error:
            raise ClassFormError(
                f"{self._path}: module {self.module_name!r} cannot be imported: "
                f"{type(error).__name__}: {error}"
            ) from error
        found = getattr(module, self.class_name, None)
        if found is None:
            raise ClassFormError(
                f"{self._path}: module {self.module_name!r} has no class {self.class_name!r}"
            )
        if not (isinstance(found, type) and issubclass(found, ConfigurableClass)):
            raise ClassFormError(
                f"{self._path} is no ConfigurableClass: derive it from "
                "plugwork.abc.ConfigurableClass"
            )
        return found

    def _make(self, found: type[ConfigurableClass], resolver: Resolver | None) -> Any:
        from plugwork._upward import settle_config

        preamble = f"the config of {self._path} does not fit"
        config = settle_config(found.config_type(), self.config_dict, preamble, resolver)
        try:
            return found.from_config_value(self, config)
        except FrameworkError:
            raise
        except Exception as error:
            raise ClassFormError(
                f"{self._path} could not be made: {type(error).__name__}: {error}"
            ) from error

    def _refused(self, code: str, message: str) -> InvalidConfigError:
        problem = Problem(code, message)
        return InvalidConfigError(f"{self._path} cannot be used", [problem], self.config_yaml)
