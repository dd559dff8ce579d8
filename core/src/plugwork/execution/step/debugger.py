"""A debugger for steps, whose output is captured."""

from __future__ import annotations

import os
import pdb  # noqa: T100 - it is what the module is for

from plugwork.errors import InvariantViolationError

_KEYBOARD = "CONIN$" if os.name == "nt" else "/dev/tty"
_SCREEN = "CONOUT$" if os.name == "nt" else "/dev/tty"


class TerminalDebugger(pdb.Pdb):
    """Reads from and writes to the terminal of the process, past every redirection.

    :raises InvariantViolationError: in a process without terminal.
    """

    def __init__(self) -> None:
        try:
            # Open as long as the debugger is.
            keyboard = open(_KEYBOARD)  # noqa: SIM115
            screen = open(_SCREEN, "w")  # noqa: SIM115
        except OSError as error:
            raise InvariantViolationError(
                "context.pdb needs a terminal, and this process has none; run the job in process, "
                "from a terminal"
            ) from error
        super().__init__(stdin=keyboard, stdout=screen)
