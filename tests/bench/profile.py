"""Where the time of a no-op step goes."""

from __future__ import annotations

from bench.processes import Runner

#: Milliseconds below which a row says nothing, and the share above which it does not either.
_LEAST, _MOST = 0.004, 0.97


def profile(runner: Runner, steps: int = 5_000) -> str:
    """Return a table for each storage: milliseconds a step within each function, and itself."""
    parts = []
    for store in ("memory", "normal", "full"):
        found = runner.work("plugwork", "profile_plugwork", steps=steps, store=store).answer
        lines = [f"## a step, {store}: {found['ms']:.3f} ms", ""]
        for kind in ("within", "itself"):
            lines += [f"| ms {kind} | function |", "|---|---|"]
            rows = [
                (ms, name)
                for name, ms in found[kind].items()
                if _LEAST <= ms <= _MOST * found["ms"]
            ]
            lines += [f"| {ms:.3f} | `{name}` |" for ms, name in rows]
            lines.append("")
        parts.append("\n".join(lines))
    return "\n".join(parts)
