from __future__ import annotations

import pytest

import plugwork_local
from plugwork_testkit.packaging import PackagingConformance


class TestLocalPackaging(PackagingConformance):
    @pytest.fixture
    def distribution(self) -> str:
        return "plugwork-local"


def test_every_public_name_is_found() -> None:
    for name in plugwork_local.__all__:
        assert getattr(plugwork_local, name) is not None
    with pytest.raises(AttributeError, match="no_such_name"):
        _ = plugwork_local.no_such_name
