"""Pydantic models as config classes of plugwork."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from plugwork_pydantic.models import PydanticModels as PydanticModels

__all__ = ["PydanticModels"]


def __getattr__(name: str) -> Any:
    if name in __all__:
        from plugwork_pydantic import models  # announcing it must not import pydantic

        return getattr(models, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
