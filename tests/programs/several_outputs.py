"""Several outputs: as a tuple, yielded, and with metadata."""

import plugwork as dg


@dg.op(out={"low": dg.Out(int), "high": dg.Out(int)})
def bounds():
    return 1, 9


@dg.op(out={"names": dg.Out(list), "count": dg.Out(int, is_required=False)})
def listing():
    yield dg.Output(["a", "b"], "names", metadata={"length": 2, "kind": "letters"})
    yield dg.Output(2, "count")


@dg.op
def spread(low: int, high: int) -> int:
    return high - low


@dg.job
def several():
    low, high = bounds()
    spread(low, high)
    listing()


result = several.execute_in_process()
assert result.output_for_node("spread") == 8
assert result.output_for_node("bounds", "high") == 9
assert result.output_for_node("listing", "names") == ["a", "b"]
outputs = [
    event.event_specific_data
    for event in result.events_for_node("listing")
    if event.event_type_value == "STEP_OUTPUT"
]
assert outputs[0].metadata["length"] == dg.IntMetadataValue(2)
assert outputs[0].metadata["kind"] == dg.TextMetadataValue("letters")
