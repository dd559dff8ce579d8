"""``plugwork runs``: a module per command."""

from __future__ import annotations
