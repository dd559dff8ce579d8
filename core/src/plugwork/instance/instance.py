"""The one handle to all components, and to everything that is stored."""

from __future__ import annotations

import random
import threading
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from plugwork.abc.specs import Kind
from plugwork.clock import SYSTEM_CLOCK, Clock
from plugwork.errors import EphemeralInstanceError
from plugwork.instance.components import DEFAULTS, EPHEMERAL, Components
from plugwork.instance.launching import Launching
from plugwork.instance.notices import Listener, Notices
from plugwork.instance.pools import PoolWatchers
from plugwork.instance.ref import InstanceRef

if TYPE_CHECKING:
    import tempfile

    from plugwork.abc import (
        ComputeLogManager,
        FileManager,
        RunCoordinator,
        RunLauncher,
        Scheduler,
        ScheduleStorage,
        Storage,
    )
    from plugwork.config.instance_config import InstanceConfig
    from plugwork.config.references import Resolver
    from plugwork.journal.reaper import Reaper
    from plugwork.model import DebugRunPayload
    from plugwork.registry.facade import Hooks
    from plugwork.registry.host import PluginHost


class Instance(Launching):
    """One deployment: its components and its storage.

    Open it by :meth:`get`, :meth:`from_config`, :meth:`from_ref`, :meth:`ephemeral` or
    :meth:`local_temp`; who opens it disposes of it, best as a context manager. Threads may share
    it; it must not cross a fork, nor be pickled: pass :meth:`get_ref`.

    :param resolver: finds what references in settings stand for, and remembers the secrets.
    :param home: None for an ephemeral instance.
    :param directory: the home, or where an ephemeral instance keeps files.
    :param temporary: a directory that is deleted with the instance.
    """

    def __init__(
        self,
        config: InstanceConfig,
        host: PluginHost,
        resolver: Resolver,
        home: Path | None,
        directory: Path,
        *,
        ref: InstanceRef | None = None,
        temporary: tempfile.TemporaryDirectory[str] | None = None,
        clock: Clock = SYSTEM_CLOCK,
    ) -> None:
        self.config = config
        self.host = host
        self.resolver = resolver
        self.clock = clock
        #: The source of chance; the system's, which no seed in user code changes.
        self.random: random.Random = random.SystemRandom()
        self._home = home
        self._directory = directory
        self._ref = ref
        self._temporary = temporary
        #: Runs of this process that wait for slots of pools.
        self.pool_watchers = PoolWatchers()
        self._reaper: Reaper | None = None
        self._notices: Notices | None = None
        self._disposed = False
        self._lock = threading.Lock()
        self._components = Components(
            host,
            config,
            resolver,
            DEFAULTS if home is not None else EPHEMERAL,
            clock,
            home,
            Path(self.storage_directory()),
        )

    @classmethod
    def get(cls, profile: str | None = None) -> Instance:
        """Open the instance that the environment and the working directory name.

        :raises HomeNotSetError: when PLUGWORK_HOME is set and empty.
        :raises InvalidHomeError: when it names no directory.
        :raises InvalidConfigError: with every problem of the file.
        """
        from plugwork.instance.opening import open_located

        return open_located(None, profile)

    @classmethod
    def from_config(cls, config_dir: str, config_filename: str = "plugwork.yaml") -> Instance:
        """Open the instance of a home directory.

        :param config_filename: a missing file is the same as an empty one.
        :raises InvalidConfigError: with every problem of the file.
        """
        from plugwork.instance.opening import open_directory

        return open_directory(Path(config_dir), config_filename)

    @classmethod
    def from_ref(cls, instance_ref: InstanceRef) -> Instance:
        """Open what another process has open.

        :raises InvariantViolationError: when a component is of another release here.
        """
        from plugwork.instance.opening import open_ref

        return open_ref(instance_ref)

    @classmethod
    def ephemeral(
        cls,
        tempdir: str | None = None,
        preload: Sequence[DebugRunPayload] | None = None,
        settings: Mapping[str, Any] | None = None,
    ) -> Instance:
        """Open an instance of its own, in memory, gone with the object.

        :param tempdir: where files go; by default a directory that is deleted on dispose.
        :param preload: runs of another instance, stored here with their events; made by
            ``plugwork.model.DebugRunPayload.build``.
        :param settings: as in ``plugwork.yaml``.
        """
        from plugwork.instance.opening import open_ephemeral

        return open_ephemeral(tempdir, settings, preload or ())

    @classmethod
    def local_temp(
        cls, tempdir: str | None = None, overrides: Mapping[str, Any] | None = None
    ) -> Instance:
        """Open a whole persistent instance in a directory.

        :param tempdir: kept afterwards; by default a directory that is deleted on dispose.
        :param overrides: laid over the directory's ``plugwork.yaml``.
        """
        from plugwork.instance.opening import open_local_temp

        return open_local_temp(tempdir, overrides)

    @property
    def is_persistent(self) -> bool:
        return self._home is not None

    @property
    def is_ephemeral(self) -> bool:
        return self._home is None

    @property
    def hooks(self) -> Hooks:
        return self.host.hooks

    @property
    def root_directory(self) -> str:
        """The home directory; for an ephemeral instance a temporary one."""
        return str(self._directory)

    def storage_directory(self) -> str:
        """Where components keep files: values, logs."""
        return str(Path(self.root_directory) / "storage")

    def get_ref(self) -> InstanceRef:
        """Return what another process needs to open the same instance.

        :raises EphemeralInstanceError: for an ephemeral instance.
        """
        if self._ref is None:
            raise EphemeralInstanceError(
                "an ephemeral instance lives in this process only; set PLUGWORK_HOME to a "
                "directory and open Instance.get()"
            )
        return self._ref

    @property
    def storage(self) -> Storage:
        found: Storage = self._components.get(Kind.STORAGE, self)
        return found

    @property
    def schedule_storage(self) -> ScheduleStorage | None:
        return self.storage.schedule_storage

    @property
    def run_launcher(self) -> RunLauncher:
        found: RunLauncher = self._components.get(Kind.LAUNCHER, self)
        return found

    @property
    def run_coordinator(self) -> RunCoordinator:
        found: RunCoordinator = self._components.get(Kind.COORDINATOR, self)
        return found

    @property
    def scheduler(self) -> Scheduler:
        found: Scheduler = self._components.get(Kind.SCHEDULER, self)
        return found

    @property
    def compute_log_manager(self) -> ComputeLogManager:
        found: ComputeLogManager = self._components.get(Kind.COMPUTE_LOG_MANAGER, self)
        return found

    @property
    def file_manager(self) -> FileManager:
        found: FileManager = self._components.get(Kind.FILE_MANAGER, self)
        return found

    @property
    def notices(self) -> Notices:
        runs = self.run_storage
        if self._notices is None:
            from plugwork.instance.waking import announcer

            made = Notices(self.hooks, runs, announcer(self))
            with self._lock:
                self._notices = self._notices or made
        return self._notices

    def configured_name(self, kind: Kind) -> str | None:
        """Return the component's name as configured, or the default; None when there is none."""
        return self._components.name_of(kind)

    def settings_of(self, kind: Kind, name: str, overrides: Mapping[str, Any] | None) -> Any:
        """Return the settings object of a component that the file may or may not name."""
        return self._components.settings_of(kind, name, overrides)

    def add_event_listener(self, run_id: str, listener: Listener) -> None:
        """Call a function with each record of a run that this process commits, in order."""
        self.notices.add_listener(run_id, listener)

    def start_reaper(self) -> None:
        """End the runs of dead workers from now on, until the instance is disposed.

        For processes that keep the instance open: run workers, watchers, daemons. May be called
        again. An ephemeral instance has no runs of other processes, so nothing happens.
        """
        if not self.is_persistent:
            return
        from plugwork.instance.reaping import make_reaper

        made = make_reaper(self)
        with self._lock:
            if self._reaper is None and not self._disposed:
                self._reaper = made
                made.start()

    def dispose(self) -> None:
        """Close everything; the instance cannot be used afterwards. May be called again.

        What one part raises is raised in the end: the others are closed before.
        """
        with self._lock:
            if self._disposed:
                return
            self._disposed = True
        with ExitStack() as stack:  # from the last to the first
            if self._temporary is not None:
                stack.callback(self._temporary.cleanup)
            stack.callback(self._components.dispose)
            stack.callback(self.hooks.shutdown)
            if self._reaper is not None:
                stack.callback(self._reaper.stop)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.dispose()
