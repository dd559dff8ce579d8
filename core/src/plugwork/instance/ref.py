"""An instance as data: what another process needs to open the same one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import attrs

from plugwork.errors import InvariantViolationError


@attrs.frozen
class ComponentRef:
    """A component that the instance names, and which distribution brought it."""

    kind: str
    name: str
    distribution: str
    version: str


@attrs.frozen
class InstanceRef:
    """Names an instance with a home directory; an immutable value, equal by content.

    Settings travel as they stand in the file: references such as ``${env:NAME}`` are resolved by
    the process that opens it.
    """

    #: Absolute path of the home directory.
    home: str
    #: The merged configuration, references unresolved.
    config: Mapping[str, Any] = attrs.field(factory=dict)
    #: The file it came from, for messages; None for defaults alone.
    config_file: str | None = None
    #: What the opening process had installed; checked by the next.
    components: tuple[ComponentRef, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Return it as JSON values."""
        return attrs.asdict(self)

    @classmethod
    def from_dict(cls, fields: Mapping[str, Any]) -> InstanceRef:
        """Read what :meth:`to_dict` returned."""
        components = tuple(ComponentRef(**each) for each in fields.get("components", ()))
        return cls(fields["home"], fields["config"], fields.get("config_file"), components)

    def check(self, here: InstanceRef) -> None:
        """Refuse to open with other plugins than the process that made it had.

        :param here: the ref that this process makes of the same configuration.
        :raises InvariantViolationError: naming the component and both versions.
        """
        found = {(part.kind, part.name): part for part in here.components}
        for part in self.components:
            ours = found.get((part.kind, part.name))
            if ours != part:
                is_here = f"{ours.distribution} {ours.version}" if ours else "not installed"
                raise InvariantViolationError(
                    f"{part.kind} {part.name!r} is {is_here} here and was {part.distribution} "
                    f"{part.version} in the process that opened the instance; install the same "
                    "release"
                )
