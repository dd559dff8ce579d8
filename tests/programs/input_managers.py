"""Input managers: values that no op gives, and another way to load what one gives."""

import plugwork as dg


@dg.input_manager
def from_somewhere(context):
    return f"loaded {context.name}"


class CountingManager(dg.IOManager):
    def __init__(self):
        self.kept = {}

    def handle_output(self, context, obj):
        self.kept[tuple(context.get_identifier())] = obj

    def load_input(self, context):
        return self.kept[tuple(context.upstream_output.get_identifier())]


class Doubling(CountingManager):
    def load_input(self, context):
        return 2 * super().load_input(context)


shared = Doubling()


@dg.io_manager
def plain():
    manager = CountingManager()
    manager.kept = shared.kept
    return manager


@dg.io_manager
def doubling():
    return shared


@dg.op
def give() -> int:
    return 21


@dg.op(
    ins={"text": dg.In(input_manager_key="somewhere"), "number": dg.In(input_manager_key="double")}
)
def take(text, number):
    return f"{text} {number}"


@dg.job(resource_defs={"somewhere": from_somewhere, "double": doubling, "io_manager": plain})
def loading():
    take(number=give())


assert loading.execute_in_process().output_for_node("take") == "loaded text 42"
