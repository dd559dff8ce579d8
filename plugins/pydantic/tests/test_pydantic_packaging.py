from __future__ import annotations

import pytest

from plugwork_testkit.packaging import PackagingConformance


class TestPackaging(PackagingConformance):
    @pytest.fixture
    def distribution(self) -> str:
        return "plugwork-pydantic"
