"""One attempt of one step: load, check, compute, store, tell."""

from __future__ import annotations
