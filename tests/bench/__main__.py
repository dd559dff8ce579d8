"""``python -m bench [section ...] [--quick] [--reference PYTHON]``."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterable
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.figures import Figure
from bench.machine import facts, load_average
from bench.processes import MeasuringError, Runner
from bench.profile import profile
from bench.report import table, write_json
from bench.sections import SECTIONS

_ROUNDS, _QUICK_ROUNDS = 10, 3
_PROFILE = "profile"


def main(words: list[str]) -> int:
    """Measure what is asked for, and print it; nothing fails by being slow."""
    options = _parse(words)
    with TemporaryDirectory() as scratch:
        rounds = _QUICK_ROUNDS if options.quick else _ROUNDS
        runner = Runner(sys.executable, options.reference, Path(scratch), rounds, options.quick)
        shown = [*options.sections, *(["--quick"] if options.quick else [])]
        about = facts(runner, shown)
        for name, fact in about.items():
            print(f"{name}: {fact}")
        figures, failed = _measure(runner, options.sections or [*SECTIONS])
        about["load average at the end"] = load_average()
        print(f"\nload average at the end: {about['load average at the end']}")
        if figures:
            print(f"written to {write_json(options.results, about, figures)}")
    if failed:
        print(f"failed: {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


def _measure(runner: Runner, sections: Iterable[str]) -> tuple[list[Figure], list[str]]:
    """Print sections as they are measured; return their figures, and the sections that failed."""
    figures: list[Figure] = []
    failed: list[str] = []
    for name in sections:
        try:
            if name == _PROFILE:
                print(f"\n{profile(runner)}", flush=True)
                continue
            found = list(SECTIONS[name](runner))
        except MeasuringError as error:
            failed.append(name)
            print(f"\n{name}: {error}", file=sys.stderr, flush=True)
            continue
        print(f"\n## {name}\n\n{table(found)}", flush=True)
        figures += found
    return figures, failed


def _parse(words: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="nox -s bench --", description=__doc__)
    parser.add_argument("sections", nargs="*", metavar="section", help=", ".join(
        [*SECTIONS, f"{_PROFILE} (where the time of a step goes; only when asked for)"]
    ))  # fmt: skip
    parser.add_argument("--quick", action="store_true", help="fewer rounds: rough figures")
    parser.add_argument(
        "--reference",
        type=os.path.abspath,
        help="the interpreter with Dagster; without it, ours alone",
    )
    parser.add_argument("--results", type=Path, default=Path("bench-results"))
    options = parser.parse_args(words)
    unknown = set(options.sections) - {*SECTIONS, _PROFILE}
    if unknown:
        parser.error(f"no section is called {', '.join(sorted(unknown))}")
    return options


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
