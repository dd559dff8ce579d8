"""What functions of schedules and sensors see of the world."""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from plugwork._upward import open_instance, open_resources
from plugwork.definitions.requirements import init_order
from plugwork.definitions.resource_binding import bind_resources
from plugwork.errors import InvariantViolationError

if TYPE_CHECKING:
    from plugwork.definitions.resource import ResourceDefinition
    from plugwork.instance import Instance
    from plugwork.instance.ref import InstanceRef


class EvaluationContext:
    """What the contexts of all kinds have.

    As a context manager it closes what it opened: the instance of a ref, and resources.
    """

    what: str

    def __init__(
        self,
        name: str | None,
        *,
        instance: Instance | None,
        instance_ref: InstanceRef | None,
        resources: Mapping[str, Any] | None,
        log_key: Collection[str] | None,
        repository_name: str | None,
        repository_def: Any,
    ) -> None:
        self._name = name
        self._instance = instance
        self._instance_ref = instance_ref
        self._given_resources = dict(resources or {})
        self._resources: Any = None
        self._stack = ExitStack()
        self._entered = False
        self.log_key = tuple(log_key) if log_key is not None else None
        self.repository_name = repository_name
        self._repository_def = repository_def
        self._log: EvaluationLog | None = None

    @property
    def instance(self) -> Instance:
        """The instance.

        :raises InvariantViolationError: when the context was built without one.
        """
        if self._instance is None:
            if self._instance_ref is None:
                raise InvariantViolationError(
                    f"this context of a {self.what} has no instance; build it with instance=..."
                )
            self._instance = self._stack.enter_context(open_instance(self._instance_ref))
        return self._instance

    @property
    def has_instance(self) -> bool:
        return self._instance is not None or self._instance_ref is not None

    @property
    def repository_def(self) -> Any:
        """The definitions that the schedule or sensor is one of.

        :raises InvariantViolationError: when the context was built without them.
        """
        if self._repository_def is None:
            raise InvariantViolationError(
                f"this context of a {self.what} has no repository_def; build it with one"
            )
        return self._repository_def

    @property
    def log(self) -> logging.Logger:
        """A logger: its lines are kept under :attr:`log_key`, and passed on to Python's."""
        if self._log is None:
            self._log = EvaluationLog(self._name or self.what)
        return self._log

    @property
    def log_lines(self) -> list[str]:
        """The lines logged so far, with their levels."""
        return [] if self._log is None else list(self._log.lines)

    @property
    def resources(self) -> Any:
        """The resources that are required, as attributes.

        :raises InvariantViolationError: outside an evaluation, unless the context was entered by
            ``with``.
        """
        if self._resources is None and self._entered:
            self._resources = self._stack.enter_context(
                open_resources(self._given_resources, self._instance, self.log)
            )
        if self._resources is None:
            raise InvariantViolationError(
                f"the resources of a {self.what} are open while it is evaluated; to use them "
                "outside, enter the context: with build_..._context(...) as context"
            )
        return self._resources

    @contextmanager
    def opened(
        self, owner: str, keys: Collection[str], bound: Mapping[str, ResourceDefinition]
    ) -> Iterator[Any]:
        """Open the resources of one evaluation, and tear them down after.

        :param owner: who requires them, for messages.
        :param bound: those that the collection of definitions offers; the context's own win.
        :raises InvariantViolationError: when a required one is not there.
        :raises ResourceFunctionError: when one could not be made.
        """
        own = bind_resources(self._given_resources)
        offered = {**own, **bound, **{key: own[key] for key in self._given_resources}}
        order = init_order(offered, keys)
        for key in order:
            if key not in offered:
                known = ", ".join(sorted(offered)) or "none"
                raise InvariantViolationError(
                    f"{owner} needs the resource {key!r}, which is not given (given: {known})"
                )
        used = {key: offered[key] for key in order}
        outer = self._resources
        try:
            with open_resources(used, self._instance, self.log) as self._resources:
                yield self._resources
        finally:
            self._resources = outer

    @contextmanager
    def sharing(self, resources: Any) -> Iterator[None]:
        """Use the open resources of another context."""
        self._resources = resources
        try:
            yield
        finally:
            self._resources = None

    def keep_log(self) -> tuple[str, ...] | None:
        """Append the lines logged so far to the instance's logs; return the key, if they were."""
        if self.log_key is None or not self.log_lines or not self.has_instance:
            return None
        from plugwork.abc.compute_logs import IOType

        logs = self.instance.compute_log_manager
        with logs.open_log_stream(self.log_key, IOType.STDERR) as stream:
            if stream is None:
                return None
            stream.writelines(f"{line}\n" for line in self.log_lines)
        return self.log_key

    def close(self) -> None:
        """Close what the context opened; may be called again."""
        self._entered = False
        self._resources = None
        if self._instance_ref is not None:
            self._instance = None
        self._stack.close()

    def __enter__(self) -> Self:
        self._entered = True
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


class EvaluationLog(logging.Logger):
    """The logger of one evaluation."""

    def __init__(self, name: str) -> None:
        super().__init__(f"plugwork.{name}", logging.DEBUG)
        self.parent = logging.getLogger("plugwork")
        self.lines: list[str] = []
        self.addHandler(_Kept(self.lines))


class _Kept(logging.Handler):
    def __init__(self, lines: list[str]) -> None:
        super().__init__()
        self._lines = lines
        self.setFormatter(logging.Formatter("%(levelname)s  %(message)s"))

    def emit(self, record: logging.LogRecord) -> None:
        self._lines.append(self.format(record))
