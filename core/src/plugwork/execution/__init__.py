"""Running a plan: contexts, the step runner, the run envelope, the run worker.

Import from the modules: each is read by those who need it alone.
"""

from __future__ import annotations
