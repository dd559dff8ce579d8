from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from plugwork.abc.specs import PluginConfig
from plugwork.errors import (
    CheckError,
    ComponentNotFoundError,
    PluginBlockedError,
    PluginError,
    PluginHookError,
)
from plugwork.registry.host import PluginHost
from plugwork.registry.report import EntryState, PluginReport

if TYPE_CHECKING:
    from .conftest import FakeSite

TAPE = """
    @hookimpl
    def plugwork_storages():
        return [StorageSpec(name="tape", factory="nowhere:open_tape", api=1)]
"""
NOTIFIER = """
    import attrs

    SEEN = []

    @attrs.frozen
    class plugwork_settings:
        url: str

    @hookimpl
    def plugwork_configure(config):
        SEEN.append(config.settings["notifier"])

    @hookimpl
    def plugwork_doctor():
        return ["connected"]

    @hookimpl
    def plugwork_events_logged(entries):
        raise OSError("no network")
"""


def tape(site: FakeSite, distribution: str, source: str = TAPE) -> None:
    module = distribution.replace("-", "_")
    site.add(distribution, {"storage": {"tape": module}}, {module: source})


def plugin(site: FakeSite, name: str, source: str) -> None:
    site.add(f"acme-{name}", {"plugin": {name: f"acme_{name}"}}, {f"acme_{name}": source})


def test_an_installed_plugin_that_is_not_enabled_does_nothing(site: FakeSite) -> None:
    plugin(site, "notifier", NOTIFIER)
    host = PluginHost(index=site.index())
    host.hooks.configure(PluginConfig(settings={}))
    assert host.enabled == []
    assert "acme_notifier" not in sys.modules


def test_an_enabled_plugin_gets_its_settings(site: FakeSite) -> None:
    plugin(site, "notifier", NOTIFIER)
    plugin(site, "plain", "")
    host = PluginHost(index=site.index())
    wanted = host.enable(["plain", {"notifier": {"url": "tape://"}}])
    assert wanted == {"plain": None, "notifier": {"url": "tape://"}}
    assert host.enabled == ["plain", "notifier"]
    assert host.settings_for("plugin", "plain") is None
    settings = host.settings_for("plugin", "notifier")
    assert settings is not None
    made = settings(**wanted["notifier"])
    host.hooks.configure(PluginConfig(settings={"notifier": made}))
    seen = sys.modules["acme_notifier"].SEEN
    assert seen == [made]


@pytest.mark.parametrize(
    ("wanted", "error"),
    [
        ("nobody", ComponentNotFoundError),
        ("broken", PluginError),
        ("odd", PluginHookError),
        ("blocked", PluginBlockedError),
        (["a", "list"], CheckError),
    ],
)
def test_a_plugin_that_cannot_be_enabled_is_an_error(
    site: FakeSite, wanted: str, error: type[Exception]
) -> None:
    plugin(site, "broken", "1 / 0")
    plugin(site, "odd", "@hookimpl\ndef plugwork_event_logged(entries): ...")
    plugin(site, "blocked", "")
    host = PluginHost(index=site.index(), block=["blocked"])
    with pytest.raises(error):
        host.enable([wanted])


def test_a_plugin_may_implement_hooks_that_a_later_one_adds(site: FakeSite) -> None:
    plugin(site, "user", "@hookimpl\ndef plugwork_tape_wound(reel): ...")
    adder = """
    import pluggy
    class Specs:
        @staticmethod
        @pluggy.HookspecMarker("plugwork")
        def plugwork_tape_wound(reel): ...
    @hookimpl
    def plugwork_add_hooks(pluginmanager):
        pluginmanager.add_hookspecs(Specs)
    """
    plugin(site, "adder", adder)
    host = PluginHost(index=site.index())
    host.enable(["user", "adder"])
    assert host.enabled == ["user", "adder"]
    assert all(report.ok for report in host.doctor())


def test_records_tell_what_is_installed_and_import_nothing(site: FakeSite) -> None:
    tape(site, "acme-tape", "1 / 0")
    tape(site, "other-tape", "1 / 0")
    plugin(site, "notifier", "1 / 0")
    plugin(site, "noise", "1 / 0")
    (site.add("damaged", {"storage": {"d": "d"}}) / "METADATA").unlink()
    index = site.index()
    plain = {each.distribution: each for each in PluginHost(index=index).records()}
    assert plain["acme-tape"].state is EntryState.CONFLICT
    assert plain["acme-notifier"].state is EntryState.INSTALLED
    assert plain["acme-notifier"].summary == "About acme-notifier."
    assert plain["damaged"].state is EntryState.DAMAGED
    settled = PluginHost(index=index, prefer={"storage.tape": "acme-tape"}, block=["noise"])
    states = {each.distribution: each.state for each in settled.records()}
    assert states["acme-tape"] is EntryState.INSTALLED
    assert states["other-tape"] is EntryState.PASSED_OVER
    assert states["acme-noise"] is EntryState.BLOCKED
    assert not {"acme_tape", "other_tape", "acme_notifier", "acme_noise"} & set(sys.modules)


def examined(site: FakeSite, host: PluginHost) -> dict[str, PluginReport]:
    return {report.distribution: report for report in host.doctor()}


def test_the_doctor_names_every_culprit_and_goes_on(site: FakeSite) -> None:
    site.kernel()
    tape(site, "acme-tape")
    tape(site, "other-tape")
    sources = {
        "raising": ("1 / 0", "PW-PLG-001"),
        "wrong": (TAPE.replace("api=1", "api=9"), "PW-PLG-004"),
        "missing": (TAPE.replace(", api=1", ""), "PW-PLG-004"),
        "unfit": ("@hookimpl\ndef plugwork_doctor(colour): ...", "PW-PLG-006"),
    }
    for name, (source, _) in sources.items():
        site.add(name, {"storage": {name: name}}, {name: source.replace('"tape"', f'"{name}"')})
    site.add("newer", {"storage": {"new": "newer"}}, {"newer": TAPE}, requires="plugwork>=9")
    site.add("typo", {"storages": {"typo": "typo"}}, {"typo": TAPE})
    site.add("naming", {"names": {"tape_name": "naming:NOTHING"}}, {"naming": ""})
    site.add("noisy", {"storage": {"noisy": "noisy"}}, {"noisy": "1 / 0"})
    (site.add("damaged", {"storage": {"d": "d"}}) / "METADATA").unlink()
    reports = examined(site, PluginHost(index=site.index(), block=["noisy"]))
    for name, (_, code) in sources.items():
        assert [found for found, _ in reports[name].problems] == [code], name
    assert "ZeroDivisionError" in reports["raising"].traceback
    assert {code for code, _ in reports["acme-tape"].problems} == {"PW-PLG-003"}
    assert "other-tape" in reports["acme-tape"].problems[0][1]
    assert reports["newer"].problems[0][0] == "PW-PLG-008"
    assert "no entry-point group plugwork.storages" in reports["typo"].problems[0][1]
    assert "naming:NOTHING cannot be imported" in reports["naming"].problems[0][1]
    assert reports["noisy"].blocked
    assert reports["noisy"].ok
    assert "noisy" not in sys.modules
    assert "metadata cannot be read" in reports["damaged"].problems[0][1]


def test_the_doctor_reports_health_and_costs_of_enabled_plugins(site: FakeSite) -> None:
    plugin(site, "notifier", NOTIFIER)
    host = PluginHost(index=site.index())
    host.enable(["notifier"])
    host.hooks.events_logged([])
    report = examined(site, host)["acme-notifier"]
    assert report.ok
    assert report.health == ("connected",)
    assert report.notifications is not None
    assert report.notifications.errors == 1
    assert "no network" in report.notifications.last_error


def test_the_doctor_calls_no_hook_of_a_plugin_that_is_not_enabled(site: FakeSite) -> None:
    plugin(site, "notifier", NOTIFIER)
    host = PluginHost(index=site.index())
    host.hooks.configure(PluginConfig(settings={}))
    report = examined(site, host)["acme-notifier"]
    assert report.ok
    assert report.health == ()
    host.hooks.events_logged([])
    assert host.hooks.records() == []


def test_public_names_of_plugins_are_imported_when_asked_for(site: FakeSite) -> None:
    site.add("reels", {"names": {"reel": "reels:REEL"}}, {"reels": "REEL = object()"})
    host = PluginHost(index=site.index())
    assert host.public_name("reel") is sys.modules["reels"].REEL
    with pytest.raises(ComponentNotFoundError):
        host.public_name("spool")


def test_loops_of_loaded_plugins_are_found(site: FakeSite) -> None:
    loops = """
    @hookimpl
    def plugwork_loops():
        return [LoopSpec(name="rewind", factory="nowhere:rewind", api=1)]
    """
    tape(site, "acme-tape", TAPE + loops)
    host = PluginHost(index=site.index())
    assert host.hooks.loops() == []
    host.spec("storage", "tape")
    assert [loop.name for loop in host.hooks.loops()] == ["rewind"]
