from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .conftest import FakeSite

PROGRAM = """
import json, sys
import plugwork
from plugwork.registry.host import PluginHost
from plugwork.registry.index import read_index
host = PluginHost(index=read_index(sys.path[:1]))
names = host.names("storage")
records = host.records()
host.spec("storage", "fake7")
loaded = [name for name in sys.modules if name.startswith("fake_plugin")]
print(json.dumps([len(names), len(records), loaded, "importlib_metadata" in sys.modules]))
"""


def test_of_300_installed_plugins_only_the_named_one_is_imported(site: FakeSite) -> None:
    for number in range(300):
        source = f"""
        @hookimpl
        def plugwork_storages():
            return [StorageSpec(name="fake{number}", factory="x:y", api=1)]
        """
        module = f"fake_plugin{number}"
        points = {"storage": {f"fake{number}": module}}
        site.add(f"fake-dist-{number}", points, {module: source})
    site.settle()
    program = f"import sys; sys.path.insert(0, {str(site.folder)!r})\n{PROGRAM}"
    # Without -B the imported plugin's byte code changes the folder after it was remembered.
    command = [sys.executable, "-B", "-c", program]
    for _ in range(2):
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        names, records, loaded, read_metadata = json.loads(done.stdout)
        assert (names, records) == (300, 300)
        assert loaded == ["fake_plugin7"]
    assert not read_metadata, "the second start reads the cache alone"
