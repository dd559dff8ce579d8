"""Jobs with config of their own, and the configured() API."""

import plugwork as dg


@dg.op(config_schema={"name": str, "times": dg.Field(int, default_value=1)})
def greet(context) -> str:
    return ", ".join([f"hello {context.op_config['name']}"] * context.op_config["times"])


greet_ann = dg.configured(greet, name="greet_ann")({"name": "Ann", "times": 2})


@dg.configured(greet, config_schema={"who": str})
def greet_who(config):
    return {"name": config["who"].upper()}


@dg.job(
    config={"ops": {"greet": {"config": {"name": "Bo"}}, "greet_who": {"config": {"who": "cy"}}}}
)
def greeting():
    greet()
    greet_ann()
    greet_who()


result = greeting.execute_in_process()
assert result.output_for_node("greet") == "hello Bo"
assert result.output_for_node("greet_ann") == "hello Ann, hello Ann"
assert result.output_for_node("greet_who") == "hello CY"
