"""The tree of a run, as lines of styled pieces; no drawing library is needed to lay it out."""

from __future__ import annotations

from collections.abc import Iterable

from plugwork.cli.output import short_id
from plugwork.cli.progress.steps import ENDED, GroupView, StepState, StepView
from plugwork.cli.progress.view import RunView
from plugwork.cli.words import counted, took

#: Text and the name of its style; empty for plain text.
Piece = tuple[str, str]
Line = list[Piece]

STYLES = {
    StepState.WAITING: "dim",
    StepState.RUNNING: "yellow",
    StepState.RETRYING: "yellow",
    StepState.OK: "green",
    StepState.FAILED: "red",
    StepState.SKIPPED: "dim",
    StepState.NOT_RUN: "dim",
}
_MARKS = {state: "-" if state is StepState.NOT_RUN else state.value for state in StepState}
_BAR = 20
#: Steps of one group that are named while they run or when they failed.
_CHILDREN = 5
_NAME_LIMIT = 40


def tree_lines(view: RunView, now: float, width: int, height: int) -> list[Line]:
    """Lay out a run; groups that are through fold when there are more than fit.

    :param now: seconds since the epoch.
    :param height: lines that may be used.
    """
    groups = list(view.groups.values())
    name_width = min(max((len(group.name) for group in groups), default=0), _NAME_LIMIT)
    head = [_header(view, now, width)]
    full = [_group_lines(group, view, now, name_width) for group in groups]
    if 1 + sum(map(len, full)) <= height:
        return head + [line for lines in full for line in lines]
    return head + _folded(groups, full, height - 1)


def _header(view: RunView, now: float, width: int) -> Line:
    left = f"{view.job_name}  {short_id(view.run_id)}"
    seconds = 0.0 if view.started is None else (view.ended or now) - view.started
    minutes, rest = divmod(int(max(seconds, 0)), 60)
    total = max(view.total, 1)
    filled = _BAR * view.done // total
    count = f"{minutes:02d}:{rest:02d}  {view.done}/{view.total}  "
    gap = max(width - len(left) - len(count) - _BAR - 1, 2)
    failed = view.counts[StepState.FAILED] > 0
    bar: Line = [("#" * filled, "red" if failed else "green"), ("-" * (_BAR - filled), "dim")]
    return [(view.job_name, "bold"), (left[len(view.job_name) :], "cyan"), (" " * gap, ""),
            (count, ""), *bar]  # fmt: skip


def _group_lines(group: GroupView, view: RunView, now: float, name_width: int) -> list[Line]:
    state = group.state
    name = f"{group.name[:_NAME_LIMIT]:<{name_width}}  "
    first: Line = [("  ", ""), (_MARKS[state], STYLES[state]), (f" {name}", "")]
    if len(group.steps) == 1 and group.steps[0].key == group.name:
        return [[*first, (_step_text(group.steps[0], view, now), STYLES[state])]]
    first.append((_group_text(group, now), STYLES[state] if state in ENDED else ""))
    shown = [step for step in group.steps if step.state in _TELLING][: _CHILDREN + 1]
    lines = [first]
    for step in shown[:_CHILDREN]:
        lines.append(
            [
                ("    ", ""),
                (_MARKS[step.state], STYLES[step.state]),
                (f" {step.key[:_NAME_LIMIT]:<{name_width}}  ", ""),
                (_step_text(step, view, now), STYLES[step.state]),
            ]
        )
    if len(shown) > _CHILDREN:
        more = sum(step.state in _TELLING for step in group.steps) - _CHILDREN
        lines.append([(f"      and {more} more", "dim")])
    return lines


_TELLING = frozenset({StepState.RUNNING, StepState.RETRYING, StepState.FAILED})


def _group_text(group: GroupView, now: float) -> str:
    if not group.steps:
        return "waits for its number" if group.has_templates else ""
    spent = group.seconds(now)
    time = f"  {took(spent)}" if spent is not None else ""
    if group.done == len(group.steps) and not group.counts[StepState.FAILED]:
        return f"{counted(len(group.steps), 'step')}{time}"
    return f"{group.done}/{len(group.steps)}{time}"


def _step_text(step: StepView, view: RunView, now: float) -> str:
    time = took(step.seconds(now)) if step.started is not None else ""
    if step.state is StepState.FAILED:
        tries = f" after {step.attempts} attempts" if step.attempts > 1 else ""
        return f"failed{tries}, {time}"
    if step.state is StepState.RETRYING:
        return f"attempt {step.attempts} failed, {time}"
    if step.state is StepState.NOT_RUN:
        blamed = view.first_failure_before(step)
        return f"not run (needs {blamed})" if blamed else "not run"
    if step.state is StepState.SKIPPED:
        return "skipped"
    again = f"  attempt {step.attempts}" if step.attempts > 1 else ""
    return f"{time}{again}"


def _folded(groups: list[GroupView], full: list[list[Line]], room: int) -> list[Line]:
    """Fold what is through and what still waits, so that what happens now is seen."""
    done = [n for n, group in enumerate(groups) if group.state is StepState.OK]
    waiting = [n for n, group in enumerate(groups) if group.state is StepState.WAITING]
    kept = [n for n in range(len(groups)) if n not in set(done) | set(waiting)]
    lines = [line for n in kept for line in full[n]]
    left = room - len(lines) - bool(done) - bool(waiting)
    if left < 0:
        lines = [full[n][0] for n in kept][: max(room - 3, 0)]
        lines.append([(f"    and {len(kept) - len(lines)} more", "dim")] if kept else [])
        left = 0
    recent = done[len(done) - left // 2 :] if left > 1 else []
    coming = waiting[: left - len(recent)]
    before: list[Line] = [full[n][0] for n in recent]
    after: list[Line] = [full[n][0] for n in coming]
    return [
        *_fold("v", "green", _steps(groups, set(done) - set(recent)), "done"),
        *before,
        *lines,
        *after,
        *_fold(".", "dim", _steps(groups, set(waiting) - set(coming)), "to come"),
    ]


def _steps(groups: list[GroupView], numbers: Iterable[int]) -> int:
    return sum(max(len(groups[n].steps), 1) for n in numbers)


def _fold(mark: str, style: str, number: int, what: str) -> list[Line]:
    return (
        [[("  ", ""), (mark, style), (f" {counted(number, 'step')} {what}", "")]] if number else []
    )
