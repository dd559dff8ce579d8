"""Environments made of nothing but files, for the tests to break."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from plugwork_environment_audit.audit import DistributionAudit, audit_strictly
from plugwork_environment_audit.environment import EnvironmentFacts, describe_environment
from plugwork_environment_audit.findings import Rules
from plugwork_environment_audit.inventory import FoundDistribution, find_distributions
from plugwork_environment_audit.summary import AuditReport, summarise


class Site:
    """A site-packages folder in which distributions can be installed."""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.mkdir(parents=True)

    def install(
        self,
        name: str,
        files: Mapping[str, str | bytes] | None = None,
        *,
        version: str = "1.0",
        fields: Sequence[str] = ("License-Expression: MIT",),
        hashed: bool = True,
        metadata: bytes | None = None,
    ) -> Path:
        """Write files, metadata and RECORD; return the dist-info."""
        info = self.path / f"{name.replace('-', '_')}-{version}.dist-info"
        head = [f"Name: {name}", f"Version: {version}", *fields]
        contents = {
            **(files or {}),
            f"{info.name}/METADATA": metadata or "\n".join(head).encode(),
        }
        lines = [
            self._line(path, self._write(path, text), hashed) for path, text in contents.items()
        ]
        self._write(f"{info.name}/RECORD", "\n".join([*lines, f"{info.name}/RECORD,,", ""]))
        return info

    def found(self) -> list[FoundDistribution]:
        return list(find_distributions([str(self.path)]))

    def audit(self) -> dict[str, DistributionAudit]:
        """Audit everything, by mapping key."""
        return {found.key: audit_strictly(found) for found in self.found()}

    def facts(self) -> EnvironmentFacts:
        return describe_environment(site_packages=[str(self.path)])

    def report(self, *allowed: str) -> AuditReport:
        return summarise(self.facts(), list(self.audit().values()), Rules(allowed))

    def _write(self, path: str, text: str | bytes) -> bytes:
        data = text.encode() if isinstance(text, str) else text
        target = self.path / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)
        return data

    def _line(self, path: str, data: bytes, hashed: bool) -> str:
        digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
        return f"{path},sha256={digest},{len(data)}" if hashed else f"{path},,"


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path / "lib" / "python3.11" / "site-packages")
