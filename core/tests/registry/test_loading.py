from __future__ import annotations

import sys
import threading
from typing import TYPE_CHECKING

import pytest

from plugwork.errors import (
    CODES,
    ComponentNotFoundError,
    PluginApiError,
    PluginBlockedError,
    PluginConflictError,
    PluginError,
    PluginHookError,
    PluginRequirementError,
)
from plugwork.registry.host import PluginHost

if TYPE_CHECKING:
    from .conftest import FakeSite

TAPE = """
    @hookimpl
    def plugwork_storages():
        return [StorageSpec(name="tape", factory="nowhere:open_tape", summary="Reels.", api=1)]
"""


def tape(site: FakeSite, source: str = TAPE, **more: str) -> None:
    site.add("acme-tape", {"storage": {"tape": "tape_plugin"}}, {"tape_plugin": source}, **more)


def host(site: FakeSite, **options: object) -> PluginHost:
    return PluginHost(index=site.index(), **options)  # type: ignore[arg-type] # as the test says


def refusal(site: FakeSite, error: type[PluginError], source: str) -> str:
    tape(site, source)
    with pytest.raises(error) as raised:
        host(site).spec("storage", "tape")
    message = str(raised.value)
    assert "tape_plugin" in message
    assert "acme-tape 1.0" in message
    return message


def test_asking_for_a_component_imports_its_plugin_alone(site: FakeSite) -> None:
    tape(site)
    site.add("acme-disk", {"storage": {"disk": "disk_plugin"}}, {"disk_plugin": "1 / 0"})
    plugins = host(site)
    assert plugins.names("storage") == ["disk", "tape"]
    assert plugins.entry("storage", "tape").version == "1.0"
    assert "tape_plugin" not in sys.modules
    assert plugins.spec("storage", "tape").summary == "Reels."
    assert "disk_plugin" not in sys.modules


def test_threads_that_ask_together_get_one_plugin(site: FakeSite) -> None:
    tape(site)
    plugins = host(site)
    start = threading.Barrier(20)
    specs = []

    def ask() -> None:
        start.wait()
        specs.append(plugins.spec("storage", "tape"))

    threads = [threading.Thread(target=ask) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(specs) == 20
    assert len({id(spec) for spec in specs}) == 1


def test_an_unknown_name_tells_what_is_installed_and_what_to_install(site: FakeSite) -> None:
    tape(site)
    with pytest.raises(ComponentNotFoundError) as raised:
        host(site).spec("storage", "mysql")
    assert str(raised.value) == (
        "no storage named 'mysql' is installed (installed: tape): pip install plugwork-mysql"
    )
    assert raised.value.code == "PW-PLG-002"


def test_a_misspelt_name_gets_the_nearest_one(site: FakeSite) -> None:
    tape(site)
    with pytest.raises(ComponentNotFoundError, match=r"did you mean 'tape'\?"):
        host(site).spec("storage", "tap")


def test_two_distributions_with_one_name_are_told_with_the_line_that_settles_it(
    site: FakeSite,
) -> None:
    tape(site)
    site.add("other-tape", {"storage": {"tape": "other_tape"}}, {"other_tape": TAPE})
    with pytest.raises(PluginConflictError) as raised:
        host(site).spec("storage", "tape")
    assert str(raised.value) == (
        "acme-tape 1.0 and other-tape 1.0 each bring a storage named 'tape'; settle it in "
        "plugwork.yaml: plugins: {prefer: {storage.tape: acme-tape}}"
    )
    preferring = host(site, prefer={"storage.tape": "Other_Tape"})
    assert preferring.entry("storage", "tape").distribution == "other-tape"
    assert preferring.spec("storage", "tape").name == "tape"
    assert "tape_plugin" not in sys.modules


def test_preferring_who_does_not_bring_it_is_refused(site: FakeSite) -> None:
    tape(site)
    with pytest.raises(PluginConflictError, match=r"prefer: storage\.tape: nobody"):
        host(site, prefer={"storage.tape": "nobody"}).spec("storage", "tape")


@pytest.mark.parametrize("word", ["acme-tape", "Acme_Tape", "storage.tape"])
def test_a_blocked_plugin_is_not_loaded(site: FakeSite, word: str) -> None:
    tape(site)
    plugins = host(site, block=[word])
    assert plugins.names("storage") == []
    with pytest.raises(PluginBlockedError, match=r"'tape' of acme-tape 1\.0 is blocked"):
        plugins.spec("storage", "tape")
    assert "tape_plugin" not in sys.modules


def test_blocking_one_of_two_settles_the_conflict(site: FakeSite) -> None:
    tape(site)
    site.add("other-tape", {"storage": {"tape": "other_tape"}}, {"other_tape": TAPE})
    blocking = host(site, block=["acme-tape"])
    assert blocking.entry("storage", "tape").distribution == "other-tape"


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("raise RuntimeError('no reel')", "RuntimeError: no reel"),
        ("raise SystemExit(3)", "SystemExit: 3"),
        ("import no_such_driver", "ModuleNotFoundError: No module named 'no_such_driver'"),
        ("def f(:", "SyntaxError"),
    ],
)
def test_a_plugin_that_cannot_be_imported_is_a_record(
    site: FakeSite, source: str, words: str
) -> None:
    tape(site, source)
    site.add("disks", {"storage": {"disk": "disk"}}, {"disk": TAPE.replace("tape", "disk")})
    plugins = host(site)
    for _ in range(2):
        with pytest.raises(PluginError, match=r"plugin tape_plugin .acme-tape 1\.0.") as raised:
            plugins.spec("storage", "tape")
        assert words in str(raised.value)
        assert raised.value.code == "PW-PLG-001"
    (broken,) = plugins.broken
    assert (broken.distribution, broken.target) == ("acme-tape", "tape_plugin")
    assert words.partition(":")[0] in broken.traceback
    assert plugins.spec("storage", "disk").name == "disk"


def test_a_requirement_of_another_kernel_is_refused_before_the_import(site: FakeSite) -> None:
    site.kernel("0.1.0")
    tape(site, requires="plugwork>=2,<3")
    with pytest.raises(
        PluginRequirementError, match=r"needs plugwork (>=2,<3|<3,>=2), this is 0\.1\.0"
    ):
        host(site).spec("storage", "tape")
    assert "tape_plugin" not in sys.modules


def test_a_requirement_that_nobody_can_read_bars_nothing(site: FakeSite) -> None:
    site.kernel("0.1.0")
    tape(site, requires="plugwork about 1")
    assert host(site).spec("storage", "tape").name == "tape"


@pytest.mark.parametrize(
    ("api", "words"), [("", "names no API number"), (", api=7", "was written for API 7")]
)
def test_another_interface_number_is_refused(site: FakeSite, api: str, words: str) -> None:
    message = refusal(site, PluginApiError, TAPE.replace(", api=1", api))
    assert f"its storage 'tape' {words}; this plugwork serves API 1 of storages" in message


def test_the_number_before_is_served(site: FakeSite, monkeypatch: pytest.MonkeyPatch) -> None:
    from plugwork.abc.specs import StorageSpec

    tape(site)
    monkeypatch.setattr(StorageSpec, "API", 2)
    assert host(site).spec("storage", "tape").api == 1
    monkeypatch.setattr(StorageSpec, "API", 3)
    with pytest.raises(PluginApiError, match="written for API 1; this plugwork serves API 2 and 3"):
        host(site).spec("storage", "tape")


@pytest.mark.parametrize(
    ("source", "words"),
    [
        (TAPE.replace("plugwork_storages()", "plugwork_storages(colour)"), "colour"),
        (TAPE.replace("plugwork_storages", "plugwork_storage"), "did you mean plugwork_storages?"),
        (TAPE.replace("return", "raise ValueError; return"), "plugwork_storages raised ValueError"),
        (TAPE.replace("return [", "return 7, ["), "expected a list of StorageSpec"),
        (TAPE.replace("StorageSpec(", "ExecutorSpec("), "expected a list of StorageSpec"),
        (TAPE.replace("[StorageSpec", "2 * [StorageSpec"), "'tape' more than once"),
        (TAPE.replace('"tape"', '"reel"'), "does not provide it (it provides: reel)"),
        ("", "does not provide it (it provides: nothing)"),
        (TAPE.replace("hookimpl\n", "hookimpl(wrapper=True)\n") + "        yield\n", "no wrappers"),
    ],
)
def test_a_hook_that_does_not_fit_is_told(site: FakeSite, source: str, words: str) -> None:
    assert words in refusal(site, PluginHookError, source)


def test_a_wrong_plugin_leaves_nothing_registered(site: FakeSite) -> None:
    watch = """
    @hookimpl
    def plugwork_select_executor(step, names):
        return names[0]
    """
    tape(site, watch + TAPE.replace("return", "raise ValueError; return"))
    plugins = host(site)
    with pytest.raises(PluginHookError):
        plugins.spec("storage", "tape")
    assert plugins.hooks.select_executor(object(), ["a"]) is None


def test_settings_and_factories_are_imported_when_asked_for(site: FakeSite) -> None:
    source = TAPE.replace("nowhere:open_tape", "tape_parts:open_tape").replace(
        "api=1", "settings='tape_parts:Settings', api=1"
    )
    tape(site, source)
    (site.folder / "tape_parts.py").write_text(
        "import attrs\n@attrs.frozen\nclass Settings:\n    reels: int = 2\n"
        "def open_tape(settings, context):\n    return settings\n"
    )
    plugins = host(site)
    plugins.spec("storage", "tape")
    assert "tape_parts" not in sys.modules
    settings = plugins.settings_for("storage", "tape")
    assert settings is sys.modules["tape_parts"].Settings
    with pytest.raises(PluginError, match=r"storage.tape made a Settings.*no plugwork.abc.Storage"):
        plugins.create("storage", "tape", settings(), None)


def test_a_factory_that_is_not_there_names_its_plugin(site: FakeSite) -> None:
    tape(site)
    with pytest.raises(PluginError, match=r"tape_plugin .acme-tape.*nowhere:open_tape"):
        host(site).create("storage", "tape", None, None)


@pytest.mark.parametrize("settings", ["int", "'tape_plugin:TAPES'", "7"])
def test_settings_that_are_no_attrs_class_are_told(site: FakeSite, settings: str) -> None:
    tape(site, "    TAPES = 3" + TAPE.replace("api=1", f"settings={settings}, api=1"))
    with pytest.raises(
        PluginHookError, match=r"settings of storage\.tape.*expected an attrs class"
    ):
        host(site).settings_for("storage", "tape")


def test_a_component_without_settings_has_none(site: FakeSite) -> None:
    tape(site)
    assert host(site).settings_for("storage", "tape") is None


def test_every_plugin_error_has_a_page() -> None:
    errors = [PluginError, *PluginError.__subclasses__()]
    assert {error.code for error in errors} <= set(CODES)
