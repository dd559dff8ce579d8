"""How a step and a test tell each other how far they are: by files."""

from __future__ import annotations

import os
import threading
from pathlib import Path


def give(name: str) -> None:
    """Tell the test that the step is here."""
    (Path(os.environ["PLUGWORK_FAULT_SIGNS"]) / name).touch()


def hold(name: str) -> None:
    """Tell that the step is here, as ``<name>.reached``; wait until the test lets it go on."""
    give(f"{name}.reached")
    never = threading.Event()
    while not (Path(os.environ["PLUGWORK_FAULT_SIGNS"]) / name).exists():
        never.wait(0.01)
