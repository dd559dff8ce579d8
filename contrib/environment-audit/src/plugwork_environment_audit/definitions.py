"""The pipeline: one step a distribution, then the page and the tables.

Run it with ``plugwork run plugwork_environment_audit.definitions``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import attrs

import plugwork as pw
from plugwork_environment_audit import audit as auditing
from plugwork_environment_audit import inventory, publishing, tables
from plugwork_environment_audit import summary as summing
from plugwork_environment_audit.audit import DistributionAudit
from plugwork_environment_audit.environment import EnvironmentFacts, describe_environment
from plugwork_environment_audit.findings import Rules
from plugwork_environment_audit.inventory import FoundDistribution
from plugwork_environment_audit.metadata import presentable
from plugwork_environment_audit.report import page
from plugwork_environment_audit.summary import AuditReport

#: A read fails for a moment on a network disk, or while an installer is at work.
READ_RETRIES = pw.RetryPolicy(max_retries=2, delay=0.1, backoff=pw.Backoff.EXPONENTIAL)


def setting(default: Any, explained: str) -> Any:
    """Declare a field of a config with its default and its explanation."""
    return attrs.field(default=default, metadata={"help": explained})


def paths_of(handles: Mapping[str, Any]) -> dict[str, Any]:
    """Say as metadata where files of the file manager are."""
    return {name: pw.MetadataValue.path(handle.path_desc) for name, handle in handles.items()}


class Environment(pw.ConfigurableResource):
    """The environment to audit: the one that runs the job, unless another is named."""

    interpreter: str | None = setting(None, "Path of another environment's Python interpreter.")
    site_packages: list[str] = attrs.field(
        factory=list, metadata={"help": "Folders to audit instead of the interpreter's own."}
    )

    def describe(self) -> EnvironmentFacts:
        """Find the environment out; its interpreter is run when it is not ours."""
        return describe_environment(self.interpreter, self.site_packages)


class ReadConfig(pw.Config):
    """Limits of reading."""

    max_source_bytes: int = setting(
        auditing.MAX_SOURCE_BYTES, "Source files larger than this are not parsed for imports."
    )


class RulesConfig(pw.Config):
    """What is demanded of the environment."""

    allowed_licences: list[str] = attrs.field(
        factory=list,
        metadata={"help": "SPDX identifiers that may be used; empty: every known licence."},
    )


class PageConfig(pw.Config):
    """What the page shows."""

    heaviest: int = setting(page.HEAVIEST, "Number of distributions in the chart of sizes.")


class SummaryConfig(pw.Config):
    """Where the results go besides the file manager."""

    output_dir: str | None = setting(None, "Folder to copy the page and the tables to.")


@pw.op
def describe(
    context: pw.OpExecutionContext, environment: Environment
) -> pw.Output[EnvironmentFacts]:
    """Find out which folders, interpreter and marker values the environment has."""
    facts = environment.describe()
    context.log.info(f"auditing {presentable(facts.prefix)} ({facts.python})")
    paths = [presentable(path) for path in facts.paths]
    return pw.Output(facts, metadata={"python": facts.python, "paths": paths})


@pw.op(out=pw.DynamicOut())
def find_distributions(facts: EnvironmentFacts) -> Iterator[pw.DynamicOutput[FoundDistribution]]:
    """List what is installed, one output a distribution."""
    for found in inventory.find_distributions(facts.paths):
        yield pw.DynamicOutput(found, mapping_key=found.key, metadata={"version": found.version})


@pw.op(retry_policy=READ_RETRIES)
def audit_distribution(
    context: pw.OpExecutionContext, config: ReadConfig, found: FoundDistribution
) -> pw.Output[DistributionAudit]:
    """Look into one distribution; a read that fails is tried again, and at last reported."""
    last = context.retry_number >= READ_RETRIES.max_retries
    look_into = auditing.audit_anyway if last else auditing.audit_strictly
    audit = look_into(found, config.max_source_bytes)
    metadata = {
        "files": audit.file_count,
        "bytes": audit.size,
        "problems": len(audit.problems),
        "licence": audit.licence.expression or "unknown",
    }
    return pw.Output(audit, metadata=metadata)


@pw.op
def summarise(
    config: RulesConfig, facts: EnvironmentFacts, audits: list[DistributionAudit]
) -> pw.Output[AuditReport]:
    """Put the distributions together: totals, import graph, findings."""
    report = summing.summarise(facts, audits, Rules(tuple(config.allowed_licences)))
    return pw.Output(report, metadata=report.numbers())


@pw.op(required_resource_keys={"file_manager"})
def write_tables(context: pw.OpExecutionContext, report: AuditReport) -> pw.Output[dict[str, Any]]:
    """Write the tables: as CSV, and as Parquet where pyarrow is installed."""
    manager = context.resources.file_manager
    files = tables.files_of(report)
    handles = {
        name: manager.write_data(data, ext=name.rpartition(".")[2]) for name, data in files.items()
    }
    return pw.Output(handles, metadata=paths_of(handles))


@pw.op(required_resource_keys={"file_manager"})
def write_page(
    context: pw.OpExecutionContext, config: PageConfig, report: AuditReport
) -> pw.Output[dict[str, Any]]:
    """Write the report as one HTML page."""
    html = page.render_page(report, heaviest=config.heaviest, note=f"run {context.run_id}")
    data = presentable(html).encode("utf-8")
    handles = {publishing.PAGE: context.resources.file_manager.write_data(data, ext="html")}
    return pw.Output(handles, metadata={**paths_of(handles), "characters": len(html)})


@pw.op(required_resource_keys={"file_manager"})
def summary(
    context: pw.OpExecutionContext,
    config: SummaryConfig,
    report: AuditReport,
    page_file: dict[str, Any],
    table_files: dict[str, Any],
) -> pw.Output[dict[str, str]]:
    """Tell the numbers and where the results are; copy them if the config names a folder."""
    handles = {**page_file, **table_files}
    places = {name: handle.path_desc for name, handle in handles.items()}
    if config.output_dir:
        read = context.resources.file_manager.read_data
        contents = {name: read(handle) for name, handle in handles.items()}
        places = publishing.publish(config.output_dir, contents)
    for line in publishing.told(report, places):
        context.log.info(line)
    metadata = {name: pw.MetadataValue.path(place) for name, place in places.items()}
    return pw.Output(places, metadata={**report.numbers(), **metadata})


@pw.job
def audit() -> None:
    """Audit a Python environment: files, sizes, licences, imports."""
    facts = describe()
    audits = find_distributions(facts).map(audit_distribution).collect()
    report = summarise(facts, audits)
    summary(report, write_page(report), write_tables(report))


defs = pw.Definitions(jobs=[audit], resources={"environment": Environment()})
