"""What an op sees: run, tags, keys, metadata, asset events."""

import plugwork as dg


@dg.op(tags={"kind": "reader"})
def look(context: dg.OpExecutionContext) -> dict:
    context.add_output_metadata({"rows": 7})
    context.log_event(dg.AssetMaterialization(asset_key="table", metadata={"n": 1}))
    return {
        "job": context.job_name,
        "op": context.op_def.name,
        "tag": context.get_tag("owner"),
        "has": context.has_tag("nobody"),
        "retry": context.retry_number,
        "same_run": context.run.run_id == context.run_id,
        "persistent": context.instance.is_persistent,
    }


@dg.job(tags={"owner": "ann"})
def looking():
    look()


result = looking.execute_in_process(tags={"extra": "1"})
seen = result.output_for_node("look")
assert seen == {
    "job": "looking",
    "op": "look",
    "tag": "ann",
    "has": False,
    "retry": 0,
    "same_run": True,
    "persistent": False,
}
assert result.run.tags["extra"] == "1"
(made,) = result.asset_materializations_for_node("look")
assert made.asset_key == dg.AssetKey("table")
output = next(event for event in result.all_node_events if event.event_type_value == "STEP_OUTPUT")
assert output.event_specific_data.metadata["rows"] == dg.IntMetadataValue(7)
