from __future__ import annotations

from typing import Any

import pytest

from plugwork_testkit.executor import ExecutorConformance


class TestInProcessExecutor(ExecutorConformance):
    one_after_another = True

    @pytest.fixture
    def executor(self) -> Any:
        return "in_process"
