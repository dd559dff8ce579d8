"""Configurable resources: nested, with a life cycle, from the environment."""

import os

import plugwork as dg

os.environ["PROGRAM_TOKEN"] = "s3cret"
seen: list[str] = []


class Credentials(dg.ConfigurableResource):
    user: str
    token: str


class Client(dg.ConfigurableResource):
    credentials: Credentials
    retries: int = 2

    def setup_for_execution(self, context) -> None:
        seen.append("up")

    def teardown_after_execution(self, context) -> None:
        seen.append("down")

    def fetch(self) -> str:
        return f"{self.credentials.user}:{self.credentials.token}:{self.retries}"


@dg.op
def use(client: Client) -> str:
    seen.append("used")
    return client.fetch()


@dg.job
def using():
    use()


defs = dg.Definitions(
    jobs=[using],
    resources={
        "client": Client(
            credentials=Credentials(user="ann", token=dg.EnvVar("PROGRAM_TOKEN")), retries=4
        )
    },
)
result = defs.get_job_def("using").execute_in_process()
assert result.output_for_node("use") == "ann:s3cret:4"
assert seen == ["up", "used", "down"]

assert use(client=Client(credentials=Credentials(user="x", token="y"))) == "x:y:2"
