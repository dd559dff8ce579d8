"""YAML with the place of every key and value, and without what makes YAML dangerous."""

from __future__ import annotations

from pathlib import Path as FilePath
from typing import TYPE_CHECKING, Any

import attrs

from plugwork.config.node_reader import DEPTH_LIMIT, NodeReader, place_of, problem_at
from plugwork.config.places import PositionMap
from plugwork.errors import InvalidConfigError, Problem

if TYPE_CHECKING:
    import yaml

_SIZE_LIMIT = 4 << 20

#: What the parser says, and what it means for who wrote the file.
_MEANINGS = (
    ("mapping values are not allowed", "a ':' is not allowed here: indent the line like its"
     " neighbours, or put text with a ':' in quotes"),
    ("did not find expected key", "the indentation fits no line above: indent with the same"
     " number of spaces"),
    ("expected <block end>", "the indentation fits no line above: indent with the same number"
     " of spaces"),
    ("did not find expected '-'", "a list ends here without a '- ': indent the line, or begin"
     " it with '- '"),
    ("did not find expected ','", "a '[' or '{' is not closed: add ',' , ']' or '}'"),
    ("expected ','", "a '[' or '{' is not closed: add ',' , ']' or '}'"),
    ("cannot start any token", "this character cannot begin a value: put the text in quotes"),
    ("unexpected end of stream", "a quote is not closed"),
    ("undefined alias", "this alias has no anchor: put text that begins with '*' in quotes"),
    ("another document", "a second document begins here: keep one, without '---' between"),
)  # fmt: skip


@attrs.frozen
class Document:
    """A mapping that was read from YAML."""

    value: dict[str, Any]
    positions: PositionMap


def load_document(path: FilePath, name: str | None = None) -> Document:
    """Read a file.

    :param name: how messages call it; default the path.
    :raises InvalidConfigError: with every problem, each with line and column.
    """
    name = name or str(path)
    try:
        with path.open("rb") as stream:
            data = stream.read(_SIZE_LIMIT + 1)
    except OSError as error:
        message = f"{name} cannot be read: {error.strerror}"
        problem = Problem("PW-CFG-008", message, source=name, hint="check its mode and its owner")
        raise _refused(name, problem) from error
    if len(data) > _SIZE_LIMIT:
        raise _refused(name, Problem("PW-CFG-007", "the file is larger than 4 MiB", source=name))
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        column = error.start - data.rfind(b"\n", 0, error.start)
        message = "the file is not UTF-8 text: save it as UTF-8"
        problem = Problem("PW-CFG-003", message, source=name, line=line, column=column)
        raise _refused(name, problem) from error
    return parse_document(text, name)


def parse_document(text: str, name: str) -> Document:
    """Read YAML text; an empty one is an empty mapping.

    :param name: how messages call it.
    :raises InvalidConfigError: with every problem, each with line and column.
    """
    node = _compose(text, name)
    reader = NodeReader(name)
    value = {} if node is None else reader.read(node, ())
    if reader.problems:
        raise _refused(name, *reader.problems)
    if value is None:  # only comments and "---"
        value = {}
    if not isinstance(value, dict):
        kind = "a list" if isinstance(value, list) else "a single value"
        place = reader.positions.at_value(())
        message = f"the file holds {kind}; it must hold 'key: value' lines"
        raise _refused(name, problem_at("PW-CFG-009", message, place))
    return Document(value, reader.positions)


def parse_scalar(text: str) -> Any:
    """Read a value as it stands after a ``key:`` in YAML.

    :raises InvalidConfigError: when the text is no YAML.
    """
    node = _compose(text, "the value")
    reader = NodeReader("the value")
    value = None if node is None else reader.read(node, ())
    if reader.problems:
        raise _refused("the value", *reader.problems)
    return value


def _compose(text: str, name: str) -> yaml.Node | None:
    import yaml

    loader_type: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        _check_depth(yaml.parse(text, Loader=loader_type), name)
        loader = loader_type(text)
        try:
            node: yaml.Node | None = loader.get_single_node()
        finally:
            loader.dispose()
    except yaml.YAMLError as error:
        raise _refused(name, _syntax_problem(error, text, name)) from error
    return node


def _check_depth(events: Any, name: str) -> None:
    """Refuse deep nesting before the composer, which recurses without a limit, meets it."""
    import yaml

    depth = 0
    for event in events:
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > DEPTH_LIMIT:
            message = f"values are nested more than {DEPTH_LIMIT} deep"
            place = place_of(name, event.start_mark)
            raise _refused(name, problem_at("PW-CFG-007", message, place))


def _syntax_problem(error: Any, text: str, name: str) -> Problem:
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    if mark is None:  # a character that YAML has no place for
        position = getattr(error, "position", 0)
        line = text.count("\n", 0, position) + 1
        column = position - text.rfind("\n", 0, position)
        message = "the file holds a control character: remove it"
        return Problem("PW-CFG-003", message, source=name, line=line, column=column)
    told = str(error.problem or "")
    meaning = next((text for said, text in _MEANINGS if said in told), told)
    lines = text.splitlines()
    line_text = lines[mark.line] if mark.line < len(lines) else ""
    if "\t" in line_text[: len(line_text) - len(line_text.lstrip())]:
        meaning = "a tab indents this line: use spaces"
    return problem_at("PW-CFG-003", meaning, place_of(name, mark))


def _refused(name: str, *problems: Problem) -> InvalidConfigError:
    return InvalidConfigError(f"{name} cannot be read:", problems)
