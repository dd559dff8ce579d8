"""Loggers of one's own."""

import logging

import plugwork as dg

lines: list[str] = []


class Keeping(logging.Handler):
    def emit(self, record):
        lines.append(f"{record.levelname}:{record.getMessage()}")


@dg.logger(config_schema={"level": dg.Field(str, default_value="INFO")}, description="Keeps lines.")
def keeping(init_context):
    found = logging.Logger("keeping", level=init_context.logger_config["level"])
    found.addHandler(Keeping())
    return found


@dg.op
def talk(context):
    context.log.debug("low")
    context.log.info("middle")
    context.log.error("high")


@dg.job(logger_defs={"keeping": keeping})
def talking():
    talk()


config = {"loggers": {"keeping": {"config": {"level": "INFO"}}}}
assert talking.execute_in_process(run_config=config).success
assert any("middle" in line for line in lines)
assert any("high" in line for line in lines)
assert not any("low" in line for line in lines)
