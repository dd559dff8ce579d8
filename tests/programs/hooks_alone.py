"""Hooks in unit tests: a context of one's own, mocked resources."""

import plugwork as dg


@dg.success_hook(required_resource_keys={"sink"})
def note(context):
    context.resources.sink.append(context.op.name)


@dg.failure_hook
def note_error(context):
    assert isinstance(context.op_exception, ValueError)


@dg.op
def thing():
    pass


sink: list[str] = []
with dg.build_hook_context(resources={"sink": sink}, op=thing) as context:
    note(context)
assert sink == ["thing"]
note_error(dg.build_hook_context(op=thing, op_exception=ValueError("x")))
