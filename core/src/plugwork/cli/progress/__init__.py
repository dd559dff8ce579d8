"""How a run goes, shown while it goes: as a tree, as lines, or as JSON."""

from __future__ import annotations
