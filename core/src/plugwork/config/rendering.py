"""Problems as a user reads them: few lines, each with its place."""

from __future__ import annotations

from collections.abc import Sequence

from plugwork.errors import Problem


def render_problems(problems: Sequence[Problem], limit_lines: int = 5) -> str:
    """Write problems on at most so many lines.

    What to do, and the command that explains, are left out where the problems themselves fill the
    lines; the last line tells how many did not fit.
    """
    heads = [_head(problem) for problem in problems]
    codes = list(dict.fromkeys(problem.code for problem in problems))
    more = [f"  more: plugwork explain {codes[0]}"] if len(codes) == 1 else []
    full = [line for problem in problems for line in (_head(problem), *_hint(problem))]
    for lines in (full + more, full, heads):
        if len(lines) <= limit_lines:
            return "\n".join(lines)
    shown = limit_lines - 1
    rest = len(heads) - shown
    return "\n".join([*heads[:shown], f"and {rest} more problems"])


def _head(problem: Problem) -> str:
    message = " ".join(problem.message.split())
    if problem.line is None:
        return f"error {problem.code}: {message}"
    return f"{problem.place()}  {problem.code}  {message}"


def _hint(problem: Problem) -> list[str]:
    parts = []
    if problem.line is None and problem.source and problem.source not in problem.message:
        parts.append(f"from: {problem.source}")
    if problem.hint:
        parts.append(problem.hint)
    return ["  " + "        ".join(parts)] if parts else []
