"""Types of one's own: checks with metadata, classes, optional and composed ones."""

from typing import Optional

import plugwork as dg


def check_even(context, value):
    return dg.TypeCheck(
        success=isinstance(value, int) and value % 2 == 0,
        description="must be even",
        metadata={"value": dg.MetadataValue.text(str(value))},
    )


Even = dg.Type(name="Even", type_check_fn=check_even, description="An even number.")


class Thing:
    pass


ThingType = dg.PythonObjectType(Thing)


@dg.op(out=dg.Out(Even))
def give_even():
    return 4


@dg.op(ins={"number": dg.In(Even)}, out=dg.Out(ThingType))
def make_thing(number):
    return Thing()


@dg.op
def take(thing: Thing, names: Optional[list[str]] = None) -> int:
    return len(names or [])


@dg.job
def typed():
    take(make_thing(give_even()))


assert typed.execute_in_process().output_for_node("take") == 0


@dg.op(out=dg.Out(Even))
def give_odd():
    return 3


@dg.job
def mistyped():
    make_thing(give_odd())


result = mistyped.execute_in_process(raise_on_error=False)
assert not result.success
(failed,) = [event for event in result.all_node_events if event.is_step_failure]
assert failed.step_key == "give_odd"
try:
    mistyped.execute_in_process()
except dg.TypeCheckDidNotPass as error:
    assert "must be even" in str(error)
else:
    raise SystemExit("an odd number passed")
assert dg.check_type(Even, 2).success
assert not dg.check_type(Even, 3).success
