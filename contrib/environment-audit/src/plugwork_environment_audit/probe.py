"""What an interpreter says of itself.

Also run as a script by the interpreter that is audited, which may be older than ours and has none
of our libraries: the standard library only, no syntax newer than Python 3.7.
"""

from __future__ import annotations

import json
import os
import platform
import sys
from typing import Any


def marker_values() -> dict[str, str]:
    """Return the values that environment markers of requirements may ask for."""
    major, minor = platform.python_version_tuple()[:2]
    return {
        "implementation_name": sys.implementation.name,
        "implementation_version": platform.python_version(),
        "os_name": os.name,
        "platform_machine": platform.machine(),
        "platform_python_implementation": platform.python_implementation(),
        "platform_release": platform.release(),
        "platform_system": platform.system(),
        "platform_version": platform.version(),
        "python_full_version": platform.python_version(),
        "python_version": major + "." + minor,
        "sys_platform": sys.platform,
    }


def describe() -> dict[str, Any]:
    """Return the interpreter's facts as plain JSON values."""
    standard = getattr(sys, "stdlib_module_names", sys.builtin_module_names)
    return {
        "interpreter": sys.executable,
        "prefix": sys.prefix,
        "paths": [path for path in sys.path if path],
        "markers": marker_values(),
        "standard_modules": sorted(standard),
    }


if __name__ == "__main__":
    #: The first entry is the folder of this script, not of the environment.
    del sys.path[0]
    json.dump(describe(), sys.stdout)
