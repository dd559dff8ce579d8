"""From YAML nodes to plain values and their places."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from plugwork.config.places import Path, PositionMap, Source
from plugwork.errors import Problem

if TYPE_CHECKING:
    import yaml

DEPTH_LIMIT = 64
#: Values of the document once aliases are written out.
_VALUE_LIMIT = 100_000


class NodeReader:
    """Turns nodes into plain values, noting places and problems on the way."""

    def __init__(self, name: str) -> None:
        import yaml

        self.problems: list[Problem] = []
        self.positions = PositionMap(name)
        self._name = name
        self._values = 0
        self._open: set[int] = set()
        self._constructor = yaml.constructor.SafeConstructor()
        self._yaml = yaml

    def read(self, node: yaml.Node, path: Path) -> Any:
        """Return the value of a node; what is refused becomes None and a problem."""
        if not path:
            place = place_of(self._name, node.start_mark)
            self.positions.add((), Source(self._name, 1, 1), place)
        self._values += 1
        crowded = self._values > _VALUE_LIMIT or len(self._open) > DEPTH_LIMIT
        if crowded or id(node) in self._open:
            return self._too_much(node, path)
        if isinstance(node, self._yaml.ScalarNode):
            return self._scalar(node)
        if node.tag not in ("tag:yaml.org,2002:map", "tag:yaml.org,2002:seq"):
            return self._refuse_tag(node)
        self._open.add(id(node))
        try:
            if isinstance(node, self._yaml.MappingNode):
                return self._mapping(node, path)
            return [self._item(part, (*path, n)) for n, part in enumerate(node.value)]
        finally:
            self._open.remove(id(node))

    def _item(self, node: yaml.Node, path: Path) -> Any:
        place = place_of(self._name, node.start_mark)
        self.positions.add(path, place, place)
        return self.read(node, path)

    def _mapping(self, node: yaml.MappingNode, path: Path) -> dict[Any, Any]:
        result: dict[Any, Any] = {}
        merged: dict[Any, Any] = {}
        first: dict[Any, Source] = {}
        for key_node, value_node in node.value:
            place = place_of(self._name, key_node.start_mark)
            if key_node.tag == "tag:yaml.org,2002:merge":
                self._merge(value_node, path, merged)
                continue
            if not isinstance(key_node, self._yaml.ScalarNode):
                self.problems.append(
                    problem_at("PW-CFG-003", "a key must be a single value", place)
                )
                continue
            key = self._scalar(key_node)
            if key in first:
                message = f'the key "{key}" stands twice: first at line {first[key].line}'
                self.problems.append(problem_at("PW-CFG-005", f"{message}; keep one", place))
                continue
            first[key] = place
            inner = (*path, str(key))
            self.positions.add(inner, place, place_of(self._name, value_node.start_mark))
            result[key] = self.read(value_node, inner)
        return {**merged, **result}

    def _merge(self, node: yaml.Node, path: Path, merged: dict[Any, Any]) -> None:
        """Take over the keys of ``<<: *anchor``; what the mapping itself gives wins."""
        sources = node.value if isinstance(node, self._yaml.SequenceNode) else [node]
        for source in sources:
            if not isinstance(source, self._yaml.MappingNode):
                message = "'<<' takes a mapping, or a list of mappings"
                place = place_of(self._name, source.start_mark)
                self.problems.append(problem_at("PW-CFG-003", message, place))
                continue
            for key, part in self._aside(source, path).items():
                merged.setdefault(key, part)

    def _aside(self, source: yaml.Node, path: Path) -> dict[Any, Any]:
        """Read a merged mapping; the places of keys that are there already stay."""
        kept, self.positions = self.positions, PositionMap(self._name)
        value = self.read(source, path)
        for inner, place in self.positions.places.items():
            kept.places.setdefault(inner, place)
        self.positions = kept
        return value or {}

    def _scalar(self, node: yaml.ScalarNode) -> Any:
        kind = node.tag.removeprefix("tag:yaml.org,2002:")
        if kind in ("str", "timestamp", "value"):  # a date stays the text that it is
            return node.value
        if kind == "null":
            return None
        read = {
            "int": self._constructor.construct_yaml_int,
            "float": self._constructor.construct_yaml_float,
            "bool": self._constructor.construct_yaml_bool,
        }.get(kind)
        if read is None:
            return self._refuse_tag(node)
        try:
            return read(node)
        except (ValueError, KeyError, IndexError):
            place = place_of(self._name, node.start_mark)
            self.problems.append(problem_at("PW-CFG-003", f"the value is no {kind}", place))
            return None

    def _refuse_tag(self, node: yaml.Node) -> None:
        tag = node.tag.replace("tag:yaml.org,2002:", "!!")
        message = f'the tag "{tag}" is refused: a file holds plain values only, so remove the tag'
        place = place_of(self._name, node.start_mark)
        self.problems.append(problem_at("PW-CFG-006", message, place))

    def _too_much(self, node: yaml.Node, path: Path) -> None:
        if any(problem.code == "PW-CFG-007" for problem in self.problems):
            return
        place = self.positions.at_key(path[:1])
        message = "aliases expand to more than the file may hold: write the repeated parts out"
        if id(node) in self._open:
            place = place_of(self._name, node.start_mark)
            message = "an alias contains itself: write the repeated part out"
        self.problems.append(problem_at("PW-CFG-007", message, place))


def place_of(name: str, mark: Any) -> Source:
    """Return the source of a parser's mark, which counts from 0."""
    return Source(name, mark.line + 1, mark.column + 1)


def problem_at(code: str, message: str, place: Source) -> Problem:
    """Make a problem of a place."""
    return Problem(code, message, source=place.name, line=place.line, column=place.column)
