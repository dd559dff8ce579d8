"""What unit tests of users call: contexts, resources and ops outside of a run."""

from __future__ import annotations
