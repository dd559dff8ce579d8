"""Finding and importing user code, and rebuilding its definitions elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plugwork._lazy import lazily

if TYPE_CHECKING:
    from plugwork.code.loader import LoadedCode as LoadedCode
    from plugwork.code.loader import load_code as load_code
    from plugwork.code.reconstruct import ReconstructableJob as ReconstructableJob
    from plugwork.code.reconstruct import load_job as load_job
    from plugwork.code.reconstruct import reconstructable as reconstructable
    from plugwork.code.targets import parse_target as parse_target

__getattr__, __dir__, __all__ = lazily(
    globals(),
    {
        ".loader": ("LoadedCode", "load_code"),
        ".reconstruct": ("ReconstructableJob", "load_job", "reconstructable"),
        ".targets": ("parse_target",),
    },
)
