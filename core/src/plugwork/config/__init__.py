"""Settings: one schema tree, its validation, YAML with positions, references and layers.

Names are imported from here on first use; each lives in the module that the table tells.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from plugwork._lazy import lazily

if TYPE_CHECKING:
    from plugwork.config.choice import Enum as Enum
    from plugwork.config.choice import EnumValue as EnumValue
    from plugwork.config.class_shape import as_config as as_config
    from plugwork.config.class_shape import settings_schema as settings_schema
    from plugwork.config.classes import Config as Config
    from plugwork.config.classes import PermissiveConfig as PermissiveConfig
    from plugwork.config.classes import build as build
    from plugwork.config.classes import config_field as config_field
    from plugwork.config.classes import schema_of as schema_of
    from plugwork.config.compiling import ConfigSchema as ConfigSchema
    from plugwork.config.compiling import resolve_to_config_type as resolve_to_config_type
    from plugwork.config.containers import Array as Array
    from plugwork.config.containers import Map as Map
    from plugwork.config.containers import Noneable as Noneable
    from plugwork.config.containers import ScalarUnion as ScalarUnion
    from plugwork.config.env import EnvVar as EnvVar
    from plugwork.config.overrides import config_from_files as config_from_files
    from plugwork.config.overrides import config_from_pkg_resources as config_from_pkg_resources
    from plugwork.config.overrides import config_from_yaml_strings as config_from_yaml_strings
    from plugwork.config.run_config import RunConfig as RunConfig
    from plugwork.config.run_config import run_config_dict as run_config_dict
    from plugwork.config.schema import Field as Field
    from plugwork.config.schema import Permissive as Permissive
    from plugwork.config.schema import Selector as Selector
    from plugwork.config.schema import Shape as Shape
    from plugwork.config.schema import to_field as to_field
    from plugwork.config.types import Any as Any
    from plugwork.config.types import Bool as Bool
    from plugwork.config.types import BoolSource as BoolSource
    from plugwork.config.types import ConfigType as ConfigType
    from plugwork.config.types import Float as Float
    from plugwork.config.types import Int as Int
    from plugwork.config.types import IntSource as IntSource
    from plugwork.config.types import String as String
    from plugwork.config.types import StringSource as StringSource
    from plugwork.config.validation import Validated as Validated
    from plugwork.config.validation import resolve_sources as resolve_sources
    from plugwork.config.validation import validate as validate

__getattr__, __dir__, __all__ = lazily(
    globals(),
    {
        ".choice": ("Enum", "EnumValue"),
        ".class_shape": ("as_config", "settings_schema"),
        ".classes": ("Config", "PermissiveConfig", "build", "config_field", "schema_of"),
        ".compiling": ("ConfigSchema", "resolve_to_config_type"),
        ".containers": ("Array", "Map", "Noneable", "ScalarUnion"),
        ".env": ("EnvVar",),
        ".overrides": (
            "config_from_files",
            "config_from_pkg_resources",
            "config_from_yaml_strings",
        ),
        ".run_config": ("RunConfig", "run_config_dict"),
        ".schema": ("Field", "Permissive", "Selector", "Shape", "to_field"),
        ".types": (
            "Any",
            "Bool",
            "BoolSource",
            "ConfigType",
            "Float",
            "Int",
            "IntSource",
            "String",
            "StringSource",
        ),
        ".validation": ("Validated", "resolve_sources", "validate"),
    },
)
