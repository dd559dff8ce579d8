from __future__ import annotations

from typing import Any

import pytest

from plugwork_testkit.coordinator import CoordinatorConformance


class TestImmediateRunCoordinator(CoordinatorConformance):
    @pytest.fixture
    def run_coordinator(self) -> Any:
        return "immediate"
