"""Jobs whose steps a launcher runs in processes of their own, and that launcher."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import plugwork as pw
from plugwork import Event, EventLogEntry, StepExecutionContext, StepLauncher

#: Runs the step of a pickled ref, and prints each entry of its log as a line.
_REMOTE = """
import pickle, sys
from pathlib import Path
from plugwork import external_instance_from_step_run_ref, run_step_from_ref

def tell(entry):
    if entry.event is not None and entry.event.is_step_event:
        print(entry.to_json(), flush=True)

ref = pickle.loads(Path(sys.argv[1]).read_bytes())
with external_instance_from_step_run_ref(ref, tell) as instance:
    list(run_step_from_ref(ref, instance))
"""


class ProcessLauncher(StepLauncher):
    """Gives each step a process, and passes its events on as they come."""

    def __init__(self, folder: str) -> None:
        self.folder = Path(folder)

    def launch_step(self, step_context: StepExecutionContext) -> Iterator[Event]:
        ref = pw.step_context_to_step_run_ref(step_context)
        file = self.folder / f"{ref.step_key}.ref"
        file.write_bytes(pickle.dumps(ref))
        command = [sys.executable, "-c", _REMOTE, str(file)]
        environ = {**os.environ, "PYTHONPATH": str(Path(__file__).parent)}
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environ) as process:
            assert process.stdout is not None
            for line in process.stdout:
                yield EventLogEntry.from_json(line).get_event()
        if process.returncode:
            raise RuntimeError(f"the step's process exited with code {process.returncode}")


@pw.resource(config_schema={"folder": str})
def processes(context: pw.InitResourceContext) -> ProcessLauncher:
    return ProcessLauncher(context.resource_config["folder"])


NEEDS = {"launcher"}


@pw.op
def here() -> int:
    return os.getpid()


@pw.op(required_resource_keys=NEEDS)
def there(context: pw.OpExecutionContext, pid: int) -> dict[str, int]:
    assert pid != os.getpid()
    return {"here": pid, "there": os.getpid(), "retry": context.retry_number}


@pw.op(required_resource_keys=NEEDS, retry_policy=pw.RetryPolicy(max_retries=1))
def once_more(context: pw.OpExecutionContext, before: dict[str, int]) -> dict[str, int]:
    if context.retry_number == 0:
        raise ValueError("not yet")
    return {**before, "retry": context.retry_number}


@pw.op(required_resource_keys=NEEDS)
def dies() -> None:
    os._exit(7)


@pw.op(required_resource_keys={"launcher", "second"})
def torn() -> None: ...


RESOURCES = {"launcher": processes, "second": processes, "io_manager": pw.fs_io_manager}


@pw.job(resource_defs=RESOURCES)
def spread() -> None:
    once_more(there(here()))


@pw.job(resource_defs=RESOURCES)
def dying() -> None:
    dies()


@pw.job(resource_defs=RESOURCES)
def undecided() -> None:
    torn()
