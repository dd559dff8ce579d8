"""Order without values: Nothing."""

import plugwork as dg

done: list[str] = []


@dg.op
def prepare() -> None:
    done.append("prepare")


@dg.op(out=dg.Out(dg.Nothing))
def migrate():
    done.append("migrate")


@dg.op(ins={"start": dg.In(dg.Nothing)})
def serve(name: str = "x") -> str:
    done.append("serve")
    return name


@dg.op(ins={"after": dg.In(dg.Nothing)})
def clean():
    done.append("clean")


@dg.job
def ordered():
    ready = serve(start=[prepare(), migrate()])
    clean(after=ready)


result = ordered.execute_in_process()
assert result.success
assert done[-2:] == ["serve", "clean"]
assert sorted(done[:2]) == ["migrate", "prepare"]
assert result.output_for_node("serve") == "x"
