"""Schedules and sensors, evaluated in a test."""

from datetime import datetime, timezone

import plugwork as dg


@dg.op(config_schema={"day": str})
def ingest(context):
    return context.op_config["day"]


@dg.job
def daily():
    ingest()


@dg.schedule(cron_schedule="0 6 * * *", job=daily, execution_timezone="Europe/Berlin")
def every_morning(context: dg.ScheduleEvaluationContext):
    day = context.scheduled_execution_time.strftime("%Y-%m-%d")
    if day.endswith("-25"):
        return dg.SkipReason("a holiday")
    return dg.RunRequest(
        run_key=day, run_config={"ops": {"ingest": {"config": {"day": day}}}}, tags={"day": day}
    )


request = every_morning(
    dg.build_schedule_context(scheduled_execution_time=datetime(2024, 3, 5, tzinfo=timezone.utc))
)
assert request.run_key == "2024-03-05"
assert request.tags["day"] == "2024-03-05"
skip = every_morning(
    dg.build_schedule_context(scheduled_execution_time=datetime(2024, 12, 25, tzinfo=timezone.utc))
)
assert isinstance(skip, dg.SkipReason)
assert every_morning.default_status == dg.DefaultScheduleStatus.STOPPED


@dg.sensor(job=daily, minimum_interval_seconds=60)
def new_files(context: dg.SensorEvaluationContext):
    last = int(context.cursor or 0)
    for number in range(last + 1, last + 3):
        yield dg.RunRequest(run_key=str(number))
    context.update_cursor(str(last + 2))


context = dg.build_sensor_context(cursor="5")
assert [one.run_key for one in new_files(context)] == ["6", "7"]
assert context.cursor == "7"


@dg.sensor(target=daily)
def with_result(context):
    return dg.SensorResult(run_requests=[dg.RunRequest(run_key="a")], cursor="b")


found = with_result(dg.build_sensor_context())
assert found.cursor == "b" and found.run_requests[0].run_key == "a"

defs = dg.Definitions(jobs=[daily], schedules=[every_morning], sensors=[new_files, with_result])
assert defs.get_schedule_def("every_morning").cron_schedule == "0 6 * * *"
assert defs.get_sensor_def("new_files").minimum_interval_seconds == 60

try:
    dg.ScheduleDefinition(job=daily, cron_schedule="61 * * * *")
except dg.InvalidDefinitionError:
    pass
else:
    raise SystemExit("a bad cron was accepted")
