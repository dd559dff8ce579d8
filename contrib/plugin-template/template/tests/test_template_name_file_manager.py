from __future__ import annotations

from collections.abc import Callable, Collection
from functools import partial
from pathlib import Path

import pytest
from plugwork.errors import ParameterCheckError
from plugwork_testkit.file_manager import FileManagerConformance, OpenFileManager

from plugwork_template_name.file_manager import (
    TemplateNameFileManager,
    TemplateNameHandle,
)


def whole_files(base_dir: Path) -> list[str]:
    return [path.name for path in base_dir.glob("[!.]*")]


class TestTemplateNameFileManager(FileManagerConformance):
    @pytest.fixture
    def open_file_manager(self, tmp_path: Path) -> OpenFileManager:
        return partial(TemplateNameFileManager, tmp_path / "files")

    @pytest.fixture
    def stored_names(self, tmp_path: Path) -> Callable[[], Collection[str]]:
        return partial(whole_files, tmp_path / "files")


@pytest.mark.parametrize("name", ["../secret", "/etc/passwd", ""])
def test_a_handle_never_leads_outside(tmp_path: Path, name: str) -> None:
    (tmp_path / "secret").write_bytes(b"secret")
    manager = TemplateNameFileManager(tmp_path / "files")
    with pytest.raises(ParameterCheckError):
        manager.read_data(TemplateNameHandle(name, name))
