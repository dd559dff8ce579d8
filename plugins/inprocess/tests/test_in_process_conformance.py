from __future__ import annotations

from typing import Any

import pytest

from plugwork_testkit.executor import ExecutorConformance


class TestInProcessExecutor(ExecutorConformance):
    one_after_another = True

    @pytest.fixture
    def executor(self) -> Any:
        return "in_process"


class TestThreadsExecutor(ExecutorConformance):
    @pytest.fixture
    def executor(self) -> Any:
        return {"threads": {"max_concurrent": 3}}


class TestAsyncExecutor(ExecutorConformance):
    @pytest.fixture
    def executor(self) -> Any:
        return "async"
