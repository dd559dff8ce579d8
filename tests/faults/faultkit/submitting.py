"""Submits a job of a file, tells the run's id, and stays until it is told to go: a program.

``python submitting.py <home> <file.py:job> [stored]``: with the last word the run is only stored,
and submitted when a line comes on standard input.
"""

from __future__ import annotations

import sys

from plugwork import Instance
from plugwork.cli.target import load_target


def main(home: str, target: str, when: str = "") -> None:
    loaded = load_target(target, None)
    with Instance.from_config(home) as instance:
        run = instance.create_run_for_job(loaded.job, job_code_origin=loaded.origin)
        if when:
            print(run.run_id, flush=True)
            sys.stdin.readline()
        instance.submit_run(run.run_id)
        if not when:
            print(run.run_id, flush=True)
        sys.stdin.readline()


if __name__ == "__main__":
    main(*sys.argv[1:])
