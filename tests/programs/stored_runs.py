"""An instance of one's own: runs, events and tags are read back."""

import plugwork as dg


@dg.op
def hello(context) -> str:
    context.log.warning("careful")
    return "hello"


@dg.job(run_tags={"kind": "test"})
def stored():
    hello()


with dg.Instance.ephemeral() as instance:
    result = stored.execute_in_process(instance=instance, tags={"more": "yes"})
    run = instance.get_run_by_id(result.run_id)
    assert run.status == dg.RunStatus.SUCCESS
    assert run.tags["kind"] == "test" and run.tags["more"] == "yes"
    entries = instance.all_logs(result.run_id)
    assert any(entry.user_message == "careful" for entry in entries)
    kinds = [entry.event.event_type_value for entry in entries if entry.is_framework_event]
    assert kinds[0].endswith("_START") and kinds[-1].endswith("_SUCCESS")
    records = instance.get_run_records(dg.RunsFilter(tags={"more": "yes"}))
    assert [one.run.run_id for one in records] == [result.run_id]
    assert instance.get_run_by_id("00000000-0000-4000-8000-000000000000") is None
