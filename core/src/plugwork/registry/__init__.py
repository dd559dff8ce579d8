"""Find, load and call plugins: index (metadata only), loader, catalogue, facade, host.

Import from the modules: the index is read by commands that need nothing else of the house.
"""

from __future__ import annotations
