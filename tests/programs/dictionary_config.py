"""Config schemas written as dictionaries."""

import os

import plugwork as dg

os.environ["PROGRAM_REGION"] = "north"


@dg.op(
    config_schema={
        "count": dg.Field(int, default_value=3, description="how many"),
        "region": dg.StringSource,
        "mode": dg.Enum("Mode", [dg.EnumValue("fast"), dg.EnumValue("slow")]),
        "limits": dg.Map(str, int),
        "extra": dg.Permissive({"known": dg.Field(bool, is_required=False)}),
        "maybe": dg.Noneable(int),
        "target": dg.Selector({"file": {"path": str}, "table": {"name": str}}),
    }
)
def configured_op(context) -> dict:
    return dict(context.op_config)


@dg.job
def configured_job():
    configured_op()


result = configured_job.execute_in_process(
    run_config={
        "ops": {
            "configured_op": {
                "config": {
                    "region": {"env": "PROGRAM_REGION"},
                    "mode": "fast",
                    "limits": {"a": 1, "b": 2},
                    "extra": {"known": True, "unknown": "kept"},
                    "target": {"file": {"path": "/x"}},
                }
            }
        }
    }
)
config = result.output_for_node("configured_op")
assert config["count"] == 3
assert config["region"] == "north"
assert config["mode"] == "fast"
assert config["limits"] == {"a": 1, "b": 2}
assert config["extra"] == {"known": True, "unknown": "kept"}
assert config["maybe"] is None
assert config["target"] == {"file": {"path": "/x"}}
