"""A signal at many moments of a real start."""

from dataclasses import replace

from harness.machine.deadlines import Deadline
from harness.machine.server_process import ServerProcess
from harness.targets.load_subjects import BUNDLED

SWEEP = '[[step]]\nact="sweep"\nsignal="{signal}"\npoints={points}\nwithin="10s"\n'


def test_each_moment_is_a_launch_of_its_own(run_cell):
    history, result = run_cell(SWEEP.format(signal="TERM", points=4))
    assert result.word == "pass", result.reason
    (seen,) = [o.seen for o in history.observations]
    timed = [point["moment"] for point in seen["points"] if not point["at"]]
    assert timed == sorted(timed)
    assert len(timed) == 4
    assert timed[0] < seen["ready_seconds"] < timed[-1] + 0.2
    assert [point["at"] for point in seen["points"] if point["at"]] == ["bus-starting", "serving", "bus-started"]
    assert {point["port"] for point in seen["points"]} == {"free"}
    assert seen["points"][0]["exit"] == -15  # before any handler
    assert seen["points"][-1]["exit"] == 0   # started: it stops cleanly


def test_a_server_that_a_signal_does_not_end_is_asked_again(run_cell, monkeypatch):
    """SIGUSR1 means graceful to this server, which goes on; where SIGTERM does not end it either, it is late."""
    text = SWEEP.format(signal="USR1", points=2)
    history, result = run_cell(text)
    assert result.word == "pass", result.reason
    (started,) = [p for p in history.observations[0].seen["points"] if p["at"] == "bus-started"]
    assert (started["lives_on"], started["late"], started["exit"]) == (True, False, 0)
    stop = ServerProcess.stop

    def deaf(server, within):
        if server.text().count("Caught signal SIGUSR1"):
            server.kill(Deadline(5))
            return {"forced": True, "seconds": within}
        return stop(server, within)

    monkeypatch.setattr(ServerProcess, "stop", deaf)
    _, result = run_cell(text)
    assert result.word == "fail"
    assert "late: expected 0, observed" in result.reason


def test_without_patterns_of_the_bus_there_are_moments_in_time_only(run_cell):
    patterns = {k: v for k, v in BUNDLED.load("enginebus").patterns.items() if not k.startswith("bus-") and k != "serving"}
    history, result = run_cell(SWEEP.format(signal="TERM", points=2), patterns=patterns)
    assert result.word == "pass", result.reason
    assert [point["at"] for point in history.observations[0].seen["points"]] == ["", ""]
    assert replace(BUNDLED.load("enginebus"), patterns=patterns).patterns == patterns


def test_a_server_that_does_not_start_is_no_sweep(run_cell):
    _, result = run_cell('[[step]]\nact="hold"\nhow="listen"\n' + SWEEP.format(signal="TERM", points=2))
    assert result.word == "fail"
    assert "did not start" in result.reason


def test_a_server_that_ends_before_its_signal_is_no_pass(run_cell, monkeypatch):
    """Nothing was sent then, and nothing was late."""
    monkeypatch.setattr(ServerProcess, "send", lambda server, name: not server.kill(Deadline(5)))
    _, result = run_cell(SWEEP.format(signal="TERM", points=2))
    assert result.word == "fail"
    assert "before the signal" in result.reason


def test_a_transition_that_the_log_never_shows_is_a_timeout(run_cell):
    patterns = {**BUNDLED.load("enginebus").patterns, "bus-started": "/never said/"}
    _, result = run_cell(SWEEP.format(signal="TERM", points=2).replace("10s", "2s"), patterns=patterns)
    assert result.word == "timeout"
    assert "/never said/" in result.reason
