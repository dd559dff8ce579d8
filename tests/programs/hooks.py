"""Success and failure hooks, on a job and on one use of an op."""

import plugwork as dg

told: list[str] = []


@dg.success_hook(required_resource_keys={"channel"})
def tell_success(context: dg.HookContext) -> None:
    context.resources.channel.append(f"{context.op.name} gave {context.op_output_values}")


@dg.failure_hook
def tell_failure(context: dg.HookContext) -> None:
    told.append(f"{context.step_key} failed: {context.op_exception}")


@dg.op
def good() -> int:
    return 1


@dg.op
def bad():
    raise ValueError("no luck")


@dg.job(resource_defs={"channel": dg.ResourceDefinition.hardcoded_resource(told)})
def hooked():
    good.with_hooks({tell_success})()
    bad.with_hooks({tell_success, tell_failure})()


result = hooked.execute_in_process(raise_on_error=False)
assert not result.success
assert "good gave {'result': 1}" in told
assert "bad failed: no luck" in told
assert len(told) == 2
kinds = [event.event_type_value for event in result.all_events if event.is_hook_event]
assert sorted(kinds) == ["HOOK_COMPLETED", "HOOK_COMPLETED", "HOOK_SKIPPED"]


@dg.job(hooks={tell_failure})
def hooked_whole():
    good()
    bad()


told.clear()
assert not hooked_whole.execute_in_process(raise_on_error=False).success
assert told == ["bad failed: no luck"]
