"""How a function's parameter says that it is a resource."""

from __future__ import annotations

from typing import Annotated, Any, TypeVar, get_origin

T = TypeVar("T")


class ResourceMark:
    """Base of what a class or annotation carries to be recognised as a resource."""

    __slots__ = ()


_PARAM = ResourceMark()

#: Annotates a parameter that is the resource of its name: ``db: ResourceParam[Connection]``.
ResourceParam = Annotated[T, _PARAM]


def is_resource_annotation(annotation: Any) -> bool:
    """Tell whether a parameter annotated so is a resource."""
    if get_origin(annotation) is Annotated:
        return any(isinstance(mark, ResourceMark) for mark in annotation.__metadata__)
    return isinstance(annotation, type) and issubclass(annotation, ResourceMark)
