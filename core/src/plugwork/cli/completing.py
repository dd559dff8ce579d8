"""What may follow on a command line, for a shell that asks."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence

from plugwork.cli.table import COMMANDS, Entry

#: A word, and what it means.
Choice = tuple[str, str]
#: Let the shell offer its files.
FILES: Choice = ("\tfiles", "")


def complete(words: Sequence[str]) -> list[Choice]:
    """Return what the last word may become.

    :param words: those after ``plugwork``; the last is the one to complete, maybe empty.
    """
    *before, last = words or [""]
    table, path = _descend(before)
    if table is not None:
        offered = [(name, entry.help) for name, entry in table.items()]
        if not path:
            offered += _brought()
    else:
        offered = [*_arguments(path, last)]
    if last.startswith("-"):
        offered = [*_options(path)]
    return [each for each in offered if each == FILES or each[0].startswith(last)]


def _descend(words: Sequence[str]) -> tuple[Mapping[str, Entry] | None, tuple[str, ...]]:
    """Return the commands that may follow, None below a command, and the path to here."""
    table: Mapping[str, Entry] | None = COMMANDS
    path: tuple[str, ...] = ()
    for word in words:
        if table is not None and word in table:
            path = (*path, word)
            table = table[word].commands or None
    return table, path


def _brought() -> list[Choice]:
    from plugwork.registry.entries import COMMAND
    from plugwork.registry.index import installed_plugins

    index = installed_plugins()
    return [(name, index.find(COMMAND, name)[0].summary) for name in index.names(COMMAND)]


def _options(path: tuple[str, ...]) -> Iterator[Choice]:
    """Yield the options of the command; its module is imported, no user's."""
    from plugwork.cli.main import Root
    from plugwork.cli.settings import Settings

    command = root = Root()
    ctx = root.context_class(root, info_name="plugwork", obj=Settings())
    for name in path:
        found = command.get_command(ctx, name) if hasattr(command, "get_command") else None
        if found is None:
            break
        command = found  # type: ignore[assignment]  # a group, or the command at the end
    for param in command.get_params(ctx):
        for name in param.opts:
            if name.startswith("--"):
                yield name, str(getattr(param, "help", "") or "")


def _arguments(path: tuple[str, ...], last: str) -> Iterator[Choice]:
    if path[:1] in (("run",), ("check",), ("jobs",), ("automation",)):
        yield from _targets(last)
    elif path[:1] == ("runs",) and path != ("runs", "list"):
        yield from _runs()
    elif path == ("explain",):
        yield from _runs()
        yield from _codes(last)
    elif path == ("plugins", "show"):
        yield from _plugins()
    elif path == ("completion",):
        yield from ((shell, "") for shell in ("bash", "zsh", "fish"))
    elif path == ("init",):
        yield FILES


def _targets(last: str) -> Iterator[Choice]:
    from plugwork.cli.names import remembered

    file, colon, _ = last.partition(":")
    if not colon:
        yield FILES
        return
    for name in remembered()["jobs"].get(os.path.abspath(file), ()):
        yield f"{file}:{name}", "job"


def _runs() -> Iterator[Choice]:
    from plugwork.cli.names import remembered

    yield "@last", "the newest run"
    yield "@last-failed", "the newest run that failed"
    for run_id, words in remembered()["runs"].items():
        yield run_id[:8], str(words)


def _codes(last: str) -> Iterator[Choice]:
    if last.upper().startswith("PW"):
        from plugwork.errors import CODES

        yield from ((name, code.summary) for name, code in CODES.items())


def _plugins() -> Iterator[Choice]:
    from plugwork.registry.index import installed_plugins

    for entry in installed_plugins().entries:
        yield entry.key, entry.summary


def answer(shell: str, words: Sequence[str]) -> Iterator[str]:
    """Yield the lines that the script of a shell understands."""
    for word, meaning in complete(words):
        if (word, meaning) == FILES:
            yield ":files"
        elif shell == "fish":
            yield f"{word}\t{meaning}"
        elif shell == "zsh":
            escaped = word.replace(":", "\\:")
            yield f"{escaped}:{meaning}" if meaning else escaped
        else:
            yield word
