"""A graph from a dictionary of dependencies."""

import plugwork as dg


@dg.op
def one() -> int:
    return 1


@dg.op(ins={"numbers": dg.In(list[int])})
def add_all(numbers) -> int:
    return sum(numbers)


@dg.op
def negate(number: int) -> int:
    return -number


graph = dg.GraphDefinition(
    name="by_hand",
    node_defs=[one, add_all, negate],
    dependencies={
        dg.NodeInvocation("one", alias="first"): {},
        dg.NodeInvocation("one", alias="second"): {},
        "add_all": {
            "numbers": dg.MultiDependencyDefinition(
                [dg.DependencyDefinition("first"), dg.DependencyDefinition("second", "result")]
            )
        },
        "negate": {"number": dg.DependencyDefinition("add_all")},
    },
)
result = graph.to_job().execute_in_process()
assert result.output_for_node("negate") == -2

try:
    dg.GraphDefinition(
        name="circle",
        node_defs=[negate],
        dependencies={
            dg.NodeInvocation("negate", alias="a"): {"number": dg.DependencyDefinition("b")},
            dg.NodeInvocation("negate", alias="b"): {"number": dg.DependencyDefinition("a")},
        },
    ).to_job()
except dg.InvalidDefinitionError:
    pass
else:
    raise SystemExit("a circle was accepted")
