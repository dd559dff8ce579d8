"""Resources of one process: made in the order of their needs, torn down in reverse."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import AbstractContextManager
from functools import partial
from typing import TYPE_CHECKING, Any

from plugwork.boundary import user_code_error_boundary
from plugwork.clock import SystemClock
from plugwork.definitions.requirements import init_order
from plugwork.definitions.resource import InitResourceContext
from plugwork.errors import ResourceFunctionError, UnknownResourceError

if TYPE_CHECKING:
    from plugwork.clock import Clock
    from plugwork.definitions.resource import ResourceDefinition
    from plugwork.instance import Instance
    from plugwork.model import Run


class ScopedResources:
    """The resources that one op, hook or resource requires, as attributes."""

    __slots__ = ("_keys", "_values")

    def __init__(self, values: Mapping[str, Any], keys: Collection[str]) -> None:
        self._values = values
        self._keys = keys

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") or name not in self._keys or name not in self._values:
            raise UnknownResourceError(name)
        return self._values[name]

    def __iter__(self) -> Iterator[Any]:
        return (self._values[key] for key in sorted(self._keys) if key in self._values)


class ResourceSet:
    """Opens resources, and closes those it opened.

    :param instance: or what opens one when a resource asks for it.
    :param log: makes the logger that a resource gets.
    :param on_teardown_error: told of a resource that could not be torn down; the others still are.
    """

    def __init__(
        self,
        definitions: Mapping[str, ResourceDefinition],
        config: Mapping[str, Any],
        instance: Instance | Callable[[], Instance],
        run: Run | None,
        log: Callable[[], Any],
        on_teardown_error: Callable[[str, Exception], None],
        event_loop: Any = None,
        clock: Clock | None = None,
    ) -> None:
        self.values: dict[str, Any] = {}
        #: Key -> seconds that it took to make it.
        self.init_times: dict[str, float] = {}
        self._definitions = definitions
        self._config = config
        self._instance = instance
        self._run = run
        self._log = log
        self._on_teardown_error = on_teardown_error
        self._event_loop = event_loop
        self._clock = clock or SystemClock()
        self._open: list[tuple[str, AbstractContextManager[Any]]] = []

    def open(self, keys: Collection[str]) -> None:
        """Make resources, each after those that it requires.

        :raises ResourceFunctionError: when user code raised; what was open is closed then.
        """
        try:
            for key in init_order(self._definitions, keys):
                self._open_one(key)
        except BaseException:
            self.close()
            raise

    def _open_one(self, key: str) -> None:
        definition = self._definitions[key]
        context = InitResourceContext(
            self._config.get(key),
            ScopedResources(self.values, definition.required_resource_keys),
            definition,
            self._definitions,
            self._instance,
            self._run,
            self._log(),
            self._event_loop,
        )
        manager = definition.open(context)
        started = self._clock.monotonic()
        with user_code_error_boundary(ResourceFunctionError, partial(_failed, "making", key)):
            self.values[key] = manager.__enter__()
        self.init_times[key] = self._clock.monotonic() - started
        self._open.append((key, manager))

    def close(self) -> None:
        """Tear down all that is open, the last one first; may be called again.

        :raises ExecutionInterruptedError: when a signal came meanwhile; after the last teardown.
        """
        interrupted: BaseException | None = None
        while self._open:
            key, _ = self._open[-1]
            try:
                with user_code_error_boundary(
                    ResourceFunctionError, partial(_failed, "tearing down", key)
                ):
                    # Taken inside: a signal that was noted before is raised on entering, and the
                    # resource's turn comes again.
                    self._take_last().__exit__(None, None, None)
            except Exception as error:  # noqa: BLE001 - told by an event; the others follow
                self._on_teardown_error(key, error)
            except BaseException as error:  # noqa: BLE001 - raised below; the others follow
                interrupted = error
        if interrupted is not None:
            raise interrupted

    def _take_last(self) -> AbstractContextManager[Any]:
        key, manager = self._open.pop()
        self.values.pop(key, None)
        return manager


def _failed(doing: str, key: str) -> str:
    return f'Error occurred while {doing} resource "{key}":'
