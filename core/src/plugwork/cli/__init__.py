"""The command line. A module per command group, imported when its command is called."""

from __future__ import annotations
