"""What a killed step had printed."""

from __future__ import annotations

from faultkit.homes import Home

from plugwork.abc import IOType
from plugwork_testkit.waiting import eventually


def test_what_a_killed_step_printed_is_in_its_compute_logs(home: Home) -> None:
    command = home.start_run("held.py:held")
    home.await_sign("go-on.reached")
    command.kill()
    home.run("runs", "list")
    with home.instance() as instance:
        (run,) = instance.get_runs()
        manager = instance.compute_log_manager
        prefix = manager.build_log_key_for_run(run.run_id, "x")[:-1]
        (key,) = manager.get_log_keys_for_log_key_prefix(prefix, IOType.STDOUT)
        data, _ = manager.get_log_data_for_type(key, IOType.STDOUT)
        assert manager.is_capture_complete(key)
    assert data == b"printed before the fault\n"


def test_the_command_line_shows_what_a_killed_step_printed_and_logged(home: Home) -> None:
    command = home.start_run("held.py:held")
    eventually(lambda: "STEP_START" in command.told())
    home.await_sign("go-on.reached")
    command.kill()
    shown = home.run("runs", "logs", "@last")
    assert shown.wait() == 0, shown.errors()
    assert "printed before the fault" in shown.output()
    assert "logged before the fault" in shown.output()
