"""What a run gave: success, events, values."""

from __future__ import annotations
