"""Command lines as users type them: processes of their own, all plugins installed."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import attrs
import pytest

PLUGWORK = Path(sys.executable).parent / "plugwork"
GOLDEN = Path(__file__).parent / "golden"
_TIMEOUT = 60
#: Variables of the machine that would change what is printed, or how soon.
_DROPPED = ("NO_COLOR", "CI", "PYTHONPATH", "PYTHONDONTWRITEBYTECODE")


@attrs.frozen
class Outcome:
    """How a command ended."""

    code: int
    out: str
    err: str


@attrs.define
class Shell:
    """A directory and an environment in which commands are typed."""

    folder: Path
    environ: dict[str, str]
    #: The console script.
    command: Path = PLUGWORK
    _started: list[subprocess.Popen[str]] = attrs.field(factory=list)

    def __call__(self, *args: str, **environ: str) -> Outcome:
        """Run a command to its end."""
        done = subprocess.run(
            [str(self.command), *args],
            cwd=self.folder,
            env={**self.environ, **environ},
            capture_output=True,
            text=True,
            check=False,
            timeout=_TIMEOUT,
        )
        return Outcome(done.returncode, done.stdout, done.stderr)

    def start(self, *args: str) -> subprocess.Popen[str]:
        """Start a command; both its streams are one."""
        process = subprocess.Popen(
            [str(self.command), *args],
            cwd=self.folder,
            env=self.environ,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self._started.append(process)
        return process

    def write(self, name: str, text: str) -> Path:
        file = self.folder / name
        file.write_text(textwrap.dedent(text))
        return file

    def stop(self) -> None:
        for process in self._started:
            if process.poll() is None:
                process.kill()
            process.wait()
            if process.stdout is not None:
                process.stdout.close()


@pytest.fixture
def shell(tmp_path: Path) -> Iterator[Shell]:
    folder = tmp_path / "work"
    folder.mkdir()
    kept = {
        key: value
        for key, value in os.environ.items()
        if not key.startswith("PLUGWORK_") and key not in _DROPPED
    }
    environ = {**kept, "XDG_CACHE_HOME": str(tmp_path / "cache"), "COLUMNS": "100"}
    opened = Shell(folder, environ)
    yield opened
    opened.stop()


_VARYING = (
    (re.compile(r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f-]{22}\b"), "<run id>"),
    (re.compile(r"\b(?=[0-9a-f]*\d)[0-9a-f]{8}\b"), "<run>"),
    (re.compile(r"\bpid:? \d+"), "pid <n>"),
    (re.compile(r"\bplugwork \d+\.\d+\.\d+"), "plugwork <version>"),
    (re.compile(r"\bjust now\b|\b\d+ (s|min) ago\b"), "<when>"),
    (re.compile(r"\b\d+(\.\d+)?s\b"), "<t>s"),
)


def steady(text: str, shell: Shell) -> str:
    """Return an output without what differs from run to run."""
    text = text.replace(str(shell.folder), "<here>")
    for pattern, word in _VARYING:
        text = pattern.sub(word, text)
    return text


Compare = Callable[[str, str], None]


@pytest.fixture
def golden(shell: Shell) -> Compare:
    """Compares an output with a file; ``PLUGWORK_UPDATE_GOLDEN=1`` writes the files anew."""

    def compare(name: str, text: str) -> None:
        file = GOLDEN / f"{name}.txt"
        told = steady(text, shell)
        if os.environ.get("PLUGWORK_UPDATE_GOLDEN"):
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(told)
        assert told == file.read_text()

    return compare


@attrs.frozen
class Site:
    """A folder with distributions made on the fly, installed for the shell's commands."""

    folder: Path

    def add(
        self,
        distribution: str,
        points: Mapping[str, Mapping[str, str]],
        modules: Mapping[str, str],
        version: str = "1.0",
    ) -> None:
        info = self.folder / f"{distribution.replace('-', '_')}-{version}.dist-info"
        info.mkdir(parents=True)
        head = f"Metadata-Version: 2.1\nName: {distribution}\nVersion: {version}\n"
        (info / "METADATA").write_text(f"{head}Summary: About {distribution}.\n")
        (info / "entry_points.txt").write_text(
            "\n".join(
                f"[plugwork.{kind}]\n" + "".join(f"{n} = {target}\n" for n, target in named.items())
                for kind, named in points.items()
            )
        )
        for module, source in modules.items():
            (self.folder / f"{module}.py").write_text(textwrap.dedent(source))


@pytest.fixture
def site(shell: Shell, tmp_path: Path) -> Site:
    folder = tmp_path / "site"
    folder.mkdir()
    shell.environ["PYTHONPATH"] = str(folder)
    return Site(folder)
