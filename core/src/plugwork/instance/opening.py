"""Opening instances: from a place, a ref, or nothing at all."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from plugwork.abc.specs import KINDS, Kind, PluginConfig
from plugwork.config.document import Document
from plugwork.config.instance_config import InstanceConfig, parse_instance
from plugwork.config.instance_schema import read_plugins
from plugwork.config.layers import Layered, load_layers, overlay
from plugwork.config.place import FILE_NAME, Place, locate
from plugwork.config.places import PositionMap
from plugwork.config.references import Resolver
from plugwork.config.settings import structure_settings
from plugwork.errors import InvalidConfigError, Problem
from plugwork.instance.components import DEFAULTS
from plugwork.instance.instance import Instance
from plugwork.instance.ref import ComponentRef, InstanceRef
from plugwork.registry.entries import PLUGIN
from plugwork.registry.host import PluginHost

if TYPE_CHECKING:
    from plugwork.model import DebugRunPayload


def open_located(
    instance: str | None, profile: str | None = None, *, thorough: bool = False
) -> Instance:
    """Open the instance that an option, the environment or the working directory names.

    :param instance: what ``--instance`` gave.
    :param thorough: check every setting and class now, not when it is first used.
    :raises InvalidHomeError: when what is named is not there.
    :raises InvalidConfigError: with every problem of the file.
    """
    cwd = Path.cwd()
    place = locate(instance, os.environ, cwd)
    layered = load_layers(place, profile, os.environ, cwd)
    return _open(layered, thorough=thorough)


def open_directory(home: Path, filename: str = FILE_NAME) -> Instance:
    """Open the instance of a home directory; a missing file is the same as an empty one."""
    file = home / filename
    place = Place(home, file if file.exists() else None, "from_config")
    return _open(load_layers(place, None, os.environ))


def open_local_temp(tempdir: str | None, overrides: Mapping[str, Any] | None) -> Instance:
    """Open a persistent instance in a directory, with settings laid over its file."""
    directory, temporary = _directory(tempdir)
    with _kept_on_success(temporary):
        file = directory / FILE_NAME
        layered = load_layers(
            Place(directory, file if file.exists() else None, "local_temp"), None, os.environ
        )
        if overrides:
            layered = _laid_over(layered, overrides, "the overrides of local_temp()")
        return _open(layered, temporary=temporary)


def open_ephemeral(
    tempdir: str | None,
    settings: Mapping[str, Any] | None,
    preload: Sequence[DebugRunPayload] = (),
) -> Instance:
    """Open an instance in memory, with runs that another one had."""
    place = Place(Path(tempdir) if tempdir else Path(), None, "ephemeral")
    layered = _laid_over(_empty(place), settings or {}, "the settings of ephemeral()")
    host, config, resolver = _prepare(layered)
    directory, temporary = _directory(tempdir)
    with _kept_on_success(temporary):
        instance = Instance(config, host, resolver, None, directory, temporary=temporary)
        _enable(instance, None)
        if preload:
            from plugwork.instance.preloading import preload_runs

            preload_runs(instance.storage, preload)
        return instance


def open_ref(ref: InstanceRef) -> Instance:
    """Open what another process has open, checking that its plugins are those of here."""
    file = Path(ref.config_file) if ref.config_file else None
    place = Place(Path(ref.home), file, "an InstanceRef")
    layered = _laid_over(_empty(place), ref.config, ref.config_file or "the instance's ref")
    return _open(layered, expected=ref)


def _directory(
    tempdir: str | None,
) -> tuple[Path, tempfile.TemporaryDirectory[str] | None]:
    if tempdir is not None:
        return Path(tempdir), None
    temporary = tempfile.TemporaryDirectory(prefix="plugwork-", ignore_cleanup_errors=True)
    return Path(temporary.name), temporary


@contextmanager
def _kept_on_success(temporary: tempfile.TemporaryDirectory[str] | None) -> Iterator[None]:
    """Delete a temporary directory at once when the instance for it could not be opened."""
    try:
        yield
    except BaseException:
        if temporary is not None:
            temporary.cleanup()
        raise


def _empty(place: Place) -> Layered:
    return Layered({}, PositionMap(FILE_NAME), place, (), None)


def _laid_over(layered: Layered, settings: Mapping[str, Any], name: str) -> Layered:
    below = Document(dict(layered.value), layered.positions)
    merged = overlay(below, Document(dict(settings), PositionMap(name)))
    positions = merged.positions if layered.value else PositionMap(name)
    return Layered(merged.value, positions, layered.place, layered.files, layered.profile)


def _open(
    layered: Layered,
    *,
    temporary: tempfile.TemporaryDirectory[str] | None = None,
    thorough: bool = False,
    expected: InstanceRef | None = None,
) -> Instance:
    host, config, resolver = _prepare(layered, thorough=thorough)
    ref = _ref(layered, config, host)
    if expected is not None:
        expected.check(ref)
    home = layered.place.home
    layered.place.make_home()
    instance = Instance(config, host, resolver, home, home, temporary=temporary, ref=ref)
    _enable(instance, home)
    return instance


def _prepare(
    layered: Layered, *, thorough: bool = False
) -> tuple[PluginHost, InstanceConfig, Resolver]:
    prefer, block = read_plugins(layered.value)
    host = PluginHost(prefer=prefer, block=block)
    resolver = Resolver(os.environ, layered.place.folder, host.hooks.resolve_reference)
    config = parse_instance(layered, host.settings_for, resolver, thorough=thorough)
    _refuse_parts(config)
    return host, config, resolver


def _refuse_parts(config: InstanceConfig) -> None:
    """Refuse a storage that is named in parts: one transaction must hold all of a batch.

    :raises InvalidConfigError: naming each part and its place.
    """
    storage = KINDS[Kind.STORAGE]
    parts = [
        config.components[key]
        for key in storage.keys
        if key != storage.key and key in config.components
    ]
    if parts:
        raise InvalidConfigError(
            "the storage cannot be split:",
            [
                Problem(
                    "PW-CFG-013",
                    f"{part.key}: this release keeps runs, events and schedules in one storage",
                    part.key,
                    part.source.name if part.source else None,
                    part.source.line if part.source else None,
                    part.source.column if part.source else None,
                    "name one for all of them: storage: NAME",
                )
                for part in parts
            ],
        )


def _enable(instance: Instance, home: Path | None) -> None:
    """Load the life-cycle plugins that the file names, and hand them their settings."""
    chosen = instance.config.plugins.enable
    if not chosen:
        return
    instance.host.enable([choice.name for choice in chosen if choice.name])
    instance.hooks.configure(plugin_config(instance, home))


def plugin_config(instance: Instance, home: Path | None) -> PluginConfig:
    """Return what the enabled plugins are told of their settings.

    :raises InvalidConfigError: with every problem of the settings.
    """
    settings = {
        choice.name: structure_settings(
            instance.host.settings_for(PLUGIN, choice.name),
            choice.settings,
            instance.resolver,
            choice.path,
            instance.config.layered.positions,
        )
        for choice in instance.config.plugins.enable
        if choice.name
    }
    return PluginConfig(settings=settings, home=home)


def _ref(layered: Layered, config: InstanceConfig, host: PluginHost) -> InstanceRef:
    parts = []
    for kind, name in _used(config, host):
        entry = host.entry(kind, name)
        parts.append(ComponentRef(kind, name, entry.distribution, entry.version))
    file = layered.place.file
    return InstanceRef(
        str(layered.place.home.absolute()),
        dict(layered.value),
        str(file.absolute()) if file else None,
        tuple(parts),
    )


def _used(config: InstanceConfig, host: PluginHost) -> Iterator[tuple[str, str]]:
    """Find the components that the file names, and the defaults that are installed."""
    for choice in config.components.values():
        if choice.name:
            yield choice.kind, choice.name
    for kind, name in DEFAULTS.items():
        if KINDS[kind].key not in config.components and name in host.names(kind):
            yield kind, name
