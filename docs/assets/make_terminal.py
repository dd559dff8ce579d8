"""Draw ``terminal.svg``: the last screen of a real run, as a terminal of 100 columns shows it.

Run it with ``python docs/assets/make_terminal.py`` where ``plugwork[local,terminal]`` is installed.
"""

from __future__ import annotations

import fcntl
import io
import os
import pty
import re
import shutil
import struct
import subprocess
import sys
import tempfile
import termios
from pathlib import Path

from rich._export_format import CONSOLE_SVG_FORMAT
from rich.console import Console
from rich.terminal_theme import DIMMED_MONOKAI
from rich.text import Text

HERE = Path(__file__).parent
COLUMNS, ROWS = 100, 40
COMMAND = ["plugwork", "run", "stdlib.py", "--set", "ops.measure.config.longest=200"]
#: What moves the cursor or clears a line; colours stay in the text.
CONTROL = re.compile(r"\x1b\[(\d*)([AK])|\x1b\[\?\d+[hl]|(\r|\n)")


def output_of(command: list[str], folder: Path) -> str:
    """Run a command in a terminal of its own, and return all that it wrote."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
    unwanted = ("CI", "NO_COLOR", "COLUMNS", "LINES", "PLUGWORK_HOME", "PLUGWORK_PROFILE")
    env = {key: value for key, value in os.environ.items() if key not in unwanted}
    program = str(Path(sys.executable).with_name(command[0]))
    child = subprocess.Popen(
        [program, *command[1:]], cwd=folder, env=env | {"TERM": "xterm-256color"},
        stdin=theirs, stdout=theirs, stderr=theirs,
    )  # fmt: skip
    os.close(theirs)
    written = io.BytesIO()
    while data := _read(ours):
        written.write(data)
    child.wait()
    os.close(ours)
    return written.getvalue().decode()


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 65536)
    except OSError:
        # Linux says so when the other side is closed.
        return b""


def screen_of(written: str) -> list[str]:
    """Return the lines that are left when everything was drawn over."""
    lines, row, at = [""], 0, 0
    for found in CONTROL.finditer(written):
        lines[row] += written[at : found.start()]
        at = found.end()
        count, letter, end = found.groups()
        if letter == "A":
            row -= int(count or 1)
        elif letter == "K":
            lines[row] = ""
        elif end == "\n":
            row += 1
            lines += [""] * (row == len(lines))
    lines[row] += written[at:]
    return lines


def draw(lines: list[str], file: Path) -> None:
    """Write the lines as a picture that loads nothing, not even a font."""
    console = Console(record=True, width=COLUMNS, file=io.StringIO(), force_terminal=True)
    for line in lines:
        console.print(Text.from_ansi(line), soft_wrap=True)
    plain = re.sub(r"@font-face \{\{.*?\}\}\n", "", CONSOLE_SVG_FORMAT, flags=re.DOTALL)
    code_format = plain.replace("Fira Code, monospace", "ui-monospace, Menlo, Consolas, monospace")
    svg = console.export_svg(
        title="plugwork", theme=DIMMED_MONOKAI, code_format=code_format, unique_id="terminal"
    )
    file.write_text("\n".join(line.rstrip() for line in svg.splitlines()) + "\n", encoding="utf-8")


def main() -> None:
    """Run the example beside this file in a folder of its own, and draw what was seen."""
    with tempfile.TemporaryDirectory() as folder:
        shutil.copy(HERE / "stdlib.py", folder)
        lines = screen_of(output_of(COMMAND, Path(folder)))
    while lines and not lines[-1].strip():
        lines.pop()
    prompt = f"\x1b[1;32m$\x1b[0m {' '.join(COMMAND)}"
    # The last line is cut at its foot, so it is an empty one.
    draw([prompt, *lines, ""], HERE / "terminal.svg")


if __name__ == "__main__":
    main()
