"""Running again from the failure: what succeeded is not run twice."""

import os
import tempfile
from pathlib import Path

import plugwork as dg

folder = Path(os.environ.setdefault("PROGRAM_FOLDER", tempfile.mkdtemp()))


def note(name: str) -> None:
    with (folder / "ran").open("a") as file:
        file.write(f"{name} ")


@dg.op
def first() -> int:
    note("first")
    return 5


@dg.op
def second(number: int) -> int:
    note("second")
    if not (folder / "mended").exists():
        raise ValueError("not mended yet")
    return number * 2


@dg.op
def third(number: int) -> int:
    note("third")
    return number + 1


@dg.job(executor_def=dg.in_process_executor)
def fixable():
    third(second(first()))


if __name__ == "__main__":
    with dg.Instance.local_temp(str(folder)) as instance:
        failed = dg.execute_job(dg.reconstructable(fixable), instance=instance)
        assert not failed.success
        assert (folder / "ran").read_text().split() == ["first", "second"]
        (folder / "mended").touch()
        options = dg.ReexecutionOptions.from_failure(failed.run_id, instance)
        with dg.execute_job(
            dg.reconstructable(fixable), instance=instance, reexecution_options=options
        ) as again:
            assert again.success
            assert again.output_for_node("third") == 11
        assert (folder / "ran").read_text().split() == ["first", "second", "second", "third"]
        stored = instance.get_run_by_id(again.run_id)
        assert stored.parent_run_id == failed.run_id
        assert stored.root_run_id == failed.run_id
