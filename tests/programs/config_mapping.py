"""Config mapping on graphs and jobs: one value outside, many inside."""

import plugwork as dg


@dg.op(config_schema={"factor": int})
def scale(context, number: int) -> int:
    return number * context.op_config["factor"]


@dg.op
def start() -> int:
    return 10


@dg.config_mapping(config_schema={"power": int})
def both_factors(outer):
    return {
        "scale": {"config": {"factor": outer["power"]}},
        "scale_again": {"config": {"factor": outer["power"] * 2}},
    }


@dg.graph(config=both_factors)
def scaled(number):
    return scale.alias("scale_again")(scale(number))


@dg.job
def outer_job():
    scaled(start())


result = outer_job.execute_in_process(run_config={"ops": {"scaled": {"config": {"power": 2}}}})
assert result.output_for_node("scaled") == 80


class Simple(dg.Config):
    factor: int = 5


@dg.config_mapping
def simplified(config: Simple) -> dg.RunConfig:
    return dg.RunConfig(ops={"scale": {"config": {"factor": config.factor}}})


@dg.job(config=simplified)
def simple_job():
    scale(start())


assert simple_job.execute_in_process().output_for_node("scale") == 50
assert simple_job.execute_in_process(run_config={"factor": 7}).output_for_node("scale") == 70
