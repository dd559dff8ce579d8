"""IO managers: a class, a function, one for each output, identifiers and metadata."""

import plugwork as dg

stored: dict[tuple, object] = {}


class DictIOManager(dg.ConfigurableIOManager):
    prefix: str = "p"

    def handle_output(self, context: dg.OutputContext, obj) -> None:
        stored[(self.prefix, *context.get_identifier()[1:])] = obj
        context.add_output_metadata({"size": len(str(obj))})

    def load_input(self, context: dg.InputContext):
        return stored[(self.prefix, *context.upstream_output.get_identifier()[1:])]


class UpperIOManager(dg.IOManager):
    def __init__(self):
        self.values = {}

    def handle_output(self, context, obj):
        assert context.definition_metadata["table"] == "names"
        self.values[context.step_key, context.name] = obj.upper()

    def load_input(self, context):
        upstream = context.upstream_output
        return self.values[upstream.step_key, upstream.name]


@dg.io_manager
def upper_io_manager():
    return UpperIOManager()


@dg.op
def number() -> int:
    return 12345


@dg.op(out=dg.Out(io_manager_key="upper", metadata={"table": "names"}))
def name() -> str:
    return "ann"


@dg.op
def both(number: int, name: str) -> str:
    return f"{name}{number}"


@dg.job(resource_defs={"io_manager": DictIOManager(prefix="q"), "upper": upper_io_manager})
def storing():
    both(number(), name())


result = storing.execute_in_process()
assert result.output_for_node("both") == "ANN12345"
assert stored[("q", "number", "result")] == 12345
handled = [event for event in result.events_for_node("number") if event.is_handled_output]
assert handled[0].event_specific_data.metadata["size"] == dg.IntMetadataValue(5)
