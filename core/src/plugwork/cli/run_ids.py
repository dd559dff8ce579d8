"""Runs as users name them: a whole id, its beginning, ``@last``, ``@last-failed``."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from plugwork.errors import AmbiguousRunError, RunNotFoundError

if TYPE_CHECKING:
    from plugwork.instance import Instance
    from plugwork.model import RunRecord

_SHOWN = 5
_HEX = re.compile(r"[0-9a-f][0-9a-f-]*")


def find_run(instance: Instance, text: str) -> RunRecord:
    """Return the run that a user means.

    :raises RunNotFoundError: when no run fits.
    :raises AmbiguousRunError: when several do; it lists them.
    """
    found = _named(instance, text) if text.startswith("@") else _by_prefix(instance, text)
    record = instance.get_run_record_by_id(found)
    if record is None:
        raise _not_found(text)
    return record


def _named(instance: Instance, text: str) -> str:
    from plugwork.model import RunsFilter, RunStatus

    names = {"@last": None, "@last-failed": RunsFilter(statuses=(RunStatus.FAILURE,))}
    if text not in names:
        raise RunNotFoundError(
            f"no run is called {text!r}; there are {' and '.join(names)}", invalid_run_id=text
        )
    ids = instance.get_run_ids(names[text], limit=1)
    if not ids:
        what = "no run" if text == "@last" else "no failed run"
        raise RunNotFoundError(f"there is {what} here yet", invalid_run_id=text)
    return ids[0]


def _by_prefix(instance: Instance, text: str) -> str:
    prefix = text.lower()
    if not _HEX.fullmatch(prefix):
        raise _not_found(text)
    ids = instance.run_storage.find_run_ids(prefix, limit=_SHOWN + 1)
    if not ids:
        raise _not_found(text)
    if len(ids) > 1:
        records = [instance.get_run_record_by_id(each) for each in ids[:_SHOWN]]
        lines = [f"{each.run.run_id}  {each.run.job_name}" for each in records if each]
        more = ["..."] if len(ids) > _SHOWN else []
        listed = "\n".join([*lines, *more])
        raise AmbiguousRunError(f'"{text}" is the beginning of several runs\n{listed}')
    return ids[0]


def _not_found(text: str) -> RunNotFoundError:
    return RunNotFoundError(
        f'no run "{text}" here; list them: plugwork runs list', invalid_run_id=text
    )
