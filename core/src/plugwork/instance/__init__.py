"""The one handle to components and storage."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plugwork._lazy import lazily

if TYPE_CHECKING:
    from plugwork.instance.instance import Instance as Instance
    from plugwork.instance.ref import ComponentRef as ComponentRef
    from plugwork.instance.ref import InstanceRef as InstanceRef

__getattr__, __dir__, __all__ = lazily(
    globals(),
    {
        ".instance": ("Instance",),
        ".ref": ("ComponentRef", "InstanceRef"),
    },
)
