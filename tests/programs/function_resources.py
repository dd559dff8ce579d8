"""Resources made by functions and generators, with config and requirements."""

import plugwork as dg

seen: list[str] = []


@dg.resource(config_schema={"url": str})
def connection(init_context):
    seen.append(f"open {init_context.resource_config['url']}")
    try:
        yield f"connection to {init_context.resource_config['url']}"
    finally:
        seen.append("closed")


@dg.resource(required_resource_keys={"connection"})
def table(init_context):
    return f"table over {init_context.resources.connection}"


@dg.op(required_resource_keys={"table"})
def read(context) -> str:
    seen.append("read")
    return context.resources.table


@dg.job(resource_defs={"connection": connection, "table": table})
def reading():
    read()


config = {"resources": {"connection": {"config": {"url": "db:5"}}}}
result = reading.execute_in_process(run_config=config)
assert result.output_for_node("read") == "table over connection to db:5"
assert seen == ["open db:5", "read", "closed"]

replaced = reading.execute_in_process(resources={"table": "a mock", "connection": None})
assert replaced.output_for_node("read") == "a mock"
