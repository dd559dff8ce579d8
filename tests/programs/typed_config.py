"""Config classes: defaults, nesting, run config as objects and as a dictionary."""

import plugwork as dg


class Range(dg.Config):
    start: int = 0
    stop: int


class Report(dg.Config):
    title: str
    ranges: list[Range]
    prefix: str | None = None


@dg.op
def report(config: Report) -> str:
    parts = [f"{one.start}-{one.stop}" for one in config.ranges]
    return f"{config.prefix or ''}{config.title}: {', '.join(parts)}"


@dg.job
def reporting():
    report()


by_objects = reporting.execute_in_process(
    run_config=dg.RunConfig(
        ops={"report": Report(title="rows", ranges=[Range(stop=3), Range(start=5, stop=9)])}
    )
)
assert by_objects.output_for_node("report") == "rows: 0-3, 5-9"

by_dictionary = reporting.execute_in_process(
    run_config={
        "ops": {"report": {"config": {"title": "t", "ranges": [{"stop": 1}], "prefix": ">"}}}
    }
)
assert by_dictionary.output_for_node("report") == ">t: 0-1"

try:
    reporting.execute_in_process(
        run_config={"ops": {"report": {"config": {"titel": "t", "ranges": []}}}}
    )
except dg.InvalidConfigError as error:
    assert "titel" in str(error)
    assert len(error.errors) == 2
else:
    raise SystemExit("a misspelled field was accepted")
