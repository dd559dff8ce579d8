"""A home of its own, and the real command line at work in it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import attrs

from plugwork import Instance
from plugwork_testkit.waiting import eventually

HERE = Path(__file__).parent
PIPELINES = HERE.parent / "pipelines"
#: Tells our processes, and their children, from all others.
MARK = "PLUGWORK_FAULT_MARK"
SIGNS = "PLUGWORK_FAULT_SIGNS"
MAIN = "from plugwork.cli.main import main; main()"
TTL = 2.0
#: Seconds after which a process that should have ended is given up.
PATIENCE = 60.0


@attrs.frozen
class Command:
    """A command line as a process; its output goes to files, so that nothing of it is lost."""

    process: subprocess.Popen[bytes]
    out: Path
    err: Path

    @property
    def pid(self) -> int:
        return self.process.pid

    def wait(self) -> int:
        """Wait for its end; negative: the signal that killed it."""
        return self.process.wait(PATIENCE)

    def send(self, number: signal.Signals) -> None:
        """Send a signal to this process alone."""
        self.process.send_signal(number)

    def kill(self) -> None:
        """Kill it, without a word; a process that has ended is left alone."""
        self.process.kill()
        self.process.wait(PATIENCE)

    def acknowledged(self) -> list[dict[str, Any]]:
        """Return the events that it told of as committed, by ``--progress json``."""
        lines = self.out.read_bytes().split(b"\n")[:-1]  # what a kill cut off counts for nothing
        return [json.loads(line) for line in lines if line.startswith(b"{")]

    def told(self) -> list[str]:
        """Return the types of the events that it told of, in order."""
        return [str(document["type"]) for document in self.acknowledged()]

    def output(self) -> str:
        return self.out.read_text(encoding="utf-8", errors="replace")

    def errors(self) -> str:
        return self.err.read_text(encoding="utf-8", errors="replace")


class Home:
    """A home directory, closed by killing what still runs there.

    :param aside: where output and signs go; by default a folder beside it.
    :param sections: of ``plugwork.yaml``, besides short leases.
    """

    def __init__(self, folder: Path, aside: Path | None = None, **sections: Any) -> None:
        self.path = folder
        self.aside = aside or folder.parent / f"{folder.name}-aside"
        self.signs = self.aside / "signs"
        self.mark = uuid.uuid4().hex
        self._count = 0
        self._started: list[Command] = []
        self.signs.mkdir(parents=True)
        folder.mkdir(exist_ok=True)
        document = {"leases": {"ttl": f"{TTL:g}s"}, **sections}
        (folder / "plugwork.yaml").write_text(json.dumps(document), encoding="utf-8")

    def start(self, *words: str, driver: str = "", **environment: str) -> Command:
        """Start ``plugwork`` with these words.

        :param driver: a module of ours that spoils something and then runs the command line.
        :param environment: more variables.
        """
        self._count += 1
        out, err = (self.aside / f"{self._count}.{kind}" for kind in ("out", "err"))
        program = [str(HERE / f"{driver}.py")] if driver else ["-c", MAIN]
        with open(out, "wb") as stdout, open(err, "wb") as stderr:
            process = subprocess.Popen(
                [sys.executable, *program, "--instance", str(self.path), *words],
                stdin=subprocess.DEVNULL,
                stdout=stdout,
                stderr=stderr,
                env=self.environment(**environment),
                start_new_session=True,
            )
        command = Command(process, out, err)
        self._started.append(command)
        return command

    def run(self, *words: str, driver: str = "", **environment: str) -> Command:
        """Do as :meth:`start`, and wait for the end."""
        command = self.start(*words, driver=driver, **environment)
        command.wait()
        return command

    def start_run(self, job: str, *words: str, driver: str = "", **environment: str) -> Command:
        """Start ``plugwork run`` of a job of ``pipelines``, with its events on standard output.

        :param job: ``work.py:work``.
        """
        target = str(PIPELINES / job)
        return self.start("run", "--progress", "json", *words, target, driver=driver, **environment)

    def environment(self, **more: str) -> dict[str, str]:
        """Return the variables of a process that belongs here."""
        # Python's own buffering is part of what is tried.
        inherited = {key: os.environ[key] for key in os.environ if key != "PYTHONUNBUFFERED"}
        return {**inherited, MARK: self.mark, SIGNS: str(self.signs), "NO_COLOR": "1", **more}

    def instance(self) -> Instance:
        """Open the instance in this process."""
        return Instance.from_config(str(self.path))

    def await_sign(self, name: str) -> None:
        """Wait until a step of the command that was started last tells that it is there."""
        command = self._started[-1]
        sign = self.signs / name
        eventually(lambda: sign.exists() or command.process.poll() is not None, PATIENCE)
        assert sign.exists(), f"no {name}: {command.errors()}"

    def give_sign(self, name: str) -> None:
        """Let a step go on that waits for this."""
        (self.signs / name).touch()

    def processes(self) -> list[int]:
        """Return what still runs of the processes that were started here, and their children."""
        return sorted(_marked(self.mark))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for command in self._started:
            command.kill()
        for pid in _marked(self.mark):
            _kill(pid)


def _marked(mark: str) -> Iterator[int]:
    wanted = f"{MARK}={mark}".encode()
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit() and int(folder.name) != os.getpid():
            try:
                found = wanted in (folder / "environ").read_bytes().split(b"\0")
            except OSError:
                continue  # it has ended, or is another user's
            if found:
                yield int(folder.name)


def _kill(pid: int) -> None:
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
