"""A run of the command line: prepared, executed here and shown, or submitted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plugwork.cli.output import emit, note, say, short_id
from plugwork.cli.preparing import Prepared, RunRequest
from plugwork.cli.settings import Settings
from plugwork.errors import EphemeralInstanceError, FencedError, InvariantViolationError

if TYPE_CHECKING:
    from plugwork.cli.progress.choosing import Progress
    from plugwork.cli.progress.view import RunView
    from plugwork.instance import Instance
    from plugwork.model import Lease, Run, RunStatus

SUCCESS, FAILED, CANCELED = 0, 1, 5


def submit(settings: Settings, instance: Instance, request: RunRequest) -> int:
    """Store a run and give it to the coordinator."""
    from plugwork.abc.specs import Kind

    prepared = Prepared(request, instance)
    if not instance.storage.persistent:
        raise EphemeralInstanceError(
            f"--detach hands the run to another process, and the storage "
            f"{instance.configured_name(Kind.STORAGE)!r} lives in this one; leave --detach out, or "
            "choose another storage"
        )
    created = instance.create_run_for_job(
        prepared.target.job, prepared.plan, **prepared.run_arguments
    )
    run = instance.submit_run(created.run_id)
    if settings.json:
        emit("submitted/1", {"id": run.run_id, "job": run.job_name, "status": run.status.value})
        return SUCCESS
    say(run.run_id)
    note(settings, f"  watch   plugwork runs watch {short_id(run.run_id)}")
    return SUCCESS


def execute(
    settings: Settings, instance: Instance, request: RunRequest, progress: str | None
) -> int:
    """Store a run that this process holds, execute it, show how it goes and how it ended."""
    from plugwork.cli.names import remember_runs
    from plugwork.cli.progress.choosing import Mode, choose_mode, make_progress
    from plugwork.cli.progress.view import view_of
    from plugwork.cli.terminal import Terminal
    from plugwork.journal.holder import current_holder

    prepared = Prepared(request, instance)
    run, lease = instance.create_held_run(
        prepared.target.job, prepared.plan, holder=current_holder(), **prepared.run_arguments
    )
    if lease is None:
        raise InvariantViolationError(f"run {run.run_id} was stored without a lease")
    remember_runs([(run.run_id, run.job_name)])
    view = view_of(instance, run)
    with Terminal() as terminal:
        mode = choose_mode(progress, settings, terminal)
        shown = make_progress(mode, view, terminal, settings, instance.clock)
        instance.add_event_listener(run.run_id, shown.note)
        shown.start()
        try:
            number = _drive(settings, instance, prepared, run, lease, shown)
        finally:
            shown.stop()
    _show_end(settings, instance, view, prepared, mode is Mode.JSON)
    code = exit_code_of(instance.require_run(run.run_id).status)
    # A run that was canceled from elsewhere was not interrupted here, though a signal stopped it.
    if number is None or code == SUCCESS or (code == CANCELED and not view.was_asked_to_stop):
        return code
    return 128 + number


def exit_code_of(status: RunStatus) -> int:
    """Return what a command that waited for a run exits with."""
    from plugwork.model import RunStatus

    return {RunStatus.SUCCESS: SUCCESS, RunStatus.CANCELED: CANCELED}.get(status, FAILED)


def _drive(
    settings: Settings,
    instance: Instance,
    prepared: Prepared,
    run: Run,
    lease: Lease,
    shown: Progress,
) -> int | None:
    """Execute the run; return the signal that came meanwhile."""
    from plugwork.boundary import last_interrupt
    from plugwork.cli.interrupts import second_interrupt_ends
    from plugwork.execution.starting import RunExecution

    def stopping() -> None:
        if not settings.quiet:
            shown.tell("stopping the run; press Ctrl-C again to leave at once")

    def leaving() -> None:
        shown.tell(
            f"left at once; run {short_id(run.run_id)} is ended by the next plugwork command"
        )

    execution = RunExecution(
        instance,
        prepared.target.job,
        prepared.plan,
        run,
        lease,
        cancel_on_interrupt=True,
        echo_logs=settings.verbose > 0 and not settings.json,
    )
    with second_interrupt_ends(stopping, leaving):
        try:
            for _ in execution.events():
                pass
        except FencedError as error:
            note(settings, f"{error}; what it became: plugwork runs show {short_id(run.run_id)}")
            return None
        return last_interrupt()


def _show_end(
    settings: Settings, instance: Instance, view: RunView, prepared: Prepared, is_json: bool
) -> None:
    if settings.json and not is_json:
        from plugwork.cli.runs.document import run_document

        record = instance.get_run_record_by_id(view.run_id)
        if record is not None:
            emit("run/1", run_document(instance, record))
        return
    if not view.is_over:
        return  # another process ended it, and a note told so
    from plugwork.cli.summary import summary_lines

    note(settings, "")
    for line in summary_lines(view, _next_command(instance, view, prepared), settings):
        if is_json:
            note(settings, line)
        else:
            say(line)


def _next_command(instance: Instance, view: RunView, prepared: Prepared) -> tuple[str, str]:
    """Return what to type after a failure, and in a word what it does."""
    from plugwork.instance.reexecution import can_continue

    if view.steps and can_continue(prepared.target.job, instance):
        return "retry", prepared.request.retry_command(view.run_id)
    return "again", prepared.request.command()
