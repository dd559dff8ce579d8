"""Sample where the time of a step goes, by the wall, every millisecond."""

from __future__ import annotations

import signal
from collections import Counter
from pathlib import Path
from types import FrameType
from typing import Any

import plugwork
from bench.work.answering import Stopwatch, answer
from bench.work.ours import opened
from bench.work.shapes import build_job

_INTERVAL = 0.001
#: Code that attrs makes has no module; it is charged as its own place.
_MADE = "<attrs generated"


class Sampler:
    """Counts, for each function, the samples in which it ran or waited for what it called."""

    def __init__(self) -> None:
        self.total = 0
        self.within: Counter[str] = Counter()
        self.itself: Counter[str] = Counter()

    def __enter__(self) -> Sampler:
        signal.signal(signal.SIGALRM, self._sample)
        signal.setitimer(signal.ITIMER_REAL, _INTERVAL, _INTERVAL)
        return self

    def __exit__(self, *_: object) -> None:
        signal.setitimer(signal.ITIMER_REAL, 0)

    def _sample(self, _: int, frame: FrameType | None) -> None:
        self.total += 1
        seen: set[str] = set()
        while frame is not None:
            place = _place(frame)
            if not seen:
                self.itself[place] += 1
            seen.add(place)
            frame = frame.f_back
        self.within.update(seen)


def _place(frame: FrameType) -> str:
    code = frame.f_code
    if code.co_filename.startswith(_MADE):
        return "attrs: __init__"
    parts = Path(code.co_filename).with_suffix("").parts
    return f"{'.'.join(parts[-2:])}: {code.co_qualname}"


def main(steps: int, store: str) -> dict[str, Any]:
    sampler = Sampler()
    with opened(store) as instance:
        build_job(plugwork, "chain", 10).execute_in_process(instance=instance)
        job = build_job(plugwork, "chain", steps)
        watch = Stopwatch()
        with sampler:
            job.execute_in_process(instance=instance)
        took = watch.read()["wall"]
    scale = took * 1000 / steps / sampler.total
    return {
        "ms": took * 1000 / steps,
        "within": {name: hits * scale for name, hits in sampler.within.most_common(70)},
        "itself": {name: hits * scale for name, hits in sampler.itself.most_common(25)},
    }


if __name__ == "__main__":
    answer(main)
