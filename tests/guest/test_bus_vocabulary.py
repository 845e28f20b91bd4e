"""The bus in CherryPy's vocabulary: decorators, callbacks, graceful, failing ends, and what ``block`` waits for."""

import subprocess
import sys
import threading

import pytest
from enginebus.bus import EX_SOFTWARE, EXITING, STARTED, STATES, STOPPED, Bus, ChannelFailures

from ..conftest import GUEST
from .test_bus import fresh, logged


def fails(bus, channel, error=None):
    def listener():
        raise error or ValueError(channel)
    bus.subscribe(channel, listener, 1)


def test_subscribing_is_a_decorator_too():
    bus, ran = fresh(), []

    @bus.subscribe("mine", priority=80)
    def late():
        ran.append("late")

    @bus.subscribe("mine")
    def usual():
        ran.append("usual")

    def own():
        ran.append("own")

    own.priority = 10
    assert bus.subscribe("mine", own) is own
    assert callable(late)
    assert callable(usual)
    assert bus.publish("mine") == [None] * 3
    assert ran == ["own", "usual", "late"]


def test_what_is_published_reaches_the_listener_and_what_it_returns_comes_back():
    bus = Bus()
    bus.subscribe("add", lambda a, b=0: a + b)
    bus.subscribe("add", lambda a, b=0: a * b)
    assert bus.publish("add", 3, b=4) == [7, 12]
    assert bus.publish("nothing") == []


def test_a_listener_is_subscribed_once():
    bus, ran = Bus(), []
    listener = lambda: ran.append(1)  # noqa: E731
    bus.subscribe("main", listener, 10)
    bus.subscribe("main", listener, 90)
    bus.publish("main")
    assert ran == [1]


@pytest.mark.parametrize("error", [KeyboardInterrupt, SystemExit])
def test_an_exit_in_a_listener_is_no_failure_of_it(error):
    bus, ran = fresh(), []
    fails(bus, "main", error())
    bus.subscribe("main", lambda: ran.append(1), 90)
    with pytest.raises(error):
        bus.publish("main")
    assert ran == []


def test_an_exit_after_a_failure_is_no_success():
    bus = fresh()
    fails(bus, "main")
    bus.subscribe("main", lambda: sys.exit(0), 90)
    with pytest.raises(SystemExit) as caught:
        bus.publish("main")
    assert caught.value.code == 1


def test_an_exit_in_a_start_listener_stops_what_was_started():
    bus, stopped = fresh(), []
    fails(bus, "start", SystemExit(3))
    bus.subscribe("stop", lambda: stopped.append(1))
    with pytest.raises(SystemExit) as caught:
        bus.start()
    assert (caught.value.code, bus.state, stopped) == (3, EXITING, [1])


@pytest.mark.parametrize("channel", ["stop", "exit"])
def test_listeners_of_the_end_that_fail_are_the_status_and_the_end_comes_all_the_same(channel):
    bus, ran = fresh(), []
    lines = logged(bus)
    fails(bus, channel)
    bus.subscribe("exit", lambda: ran.append("exit"), 90)
    bus.start()
    bus.exit()
    assert (bus.state, bus.exit_status, ran, lines[-1]) == (EXITING, EX_SOFTWARE, ["exit"], "Bus EXITED")
    with pytest.raises(SystemExit) as caught:
        bus.block(0.01)
    assert caught.value.code == EX_SOFTWARE


def test_a_stop_that_fails_says_so_and_has_stopped():
    bus = fresh()
    fails(bus, "stop")
    bus.start()
    with pytest.raises(ChannelFailures):
        bus.stop()
    assert bus.state == STOPPED


def test_a_stop_that_was_asked_for_and_fails_says_so():
    bus = fresh()
    fails(bus, "stop")
    bus.start()
    with pytest.raises(ChannelFailures):
        bus.request("stop", "asked")


def test_a_transition_within_another_waits_for_its_end():
    bus = fresh()
    lines = logged(bus)
    bus.subscribe("start", bus.exit)
    bus.start()
    assert lines == ["Bus STARTING", "Bus STARTED", "Bus STOPPING", "Bus STOPPED", "Bus EXITING", "Bus EXITED"]


def test_a_graceful_that_fails_is_told_to_who_asked_and_ends_nothing():
    bus = fresh()
    lines = logged(bus)
    fails(bus, "graceful")
    bus.start()
    with pytest.raises(ChannelFailures):
        bus.graceful()
    bus.request("graceful", "Caught signal SIGUSR1.")
    assert (bus.state, lines.count("Bus graceful")) == (STARTED, 2)


def test_failures():
    errors = [ValueError("a"), KeyError("b")]
    assert str(ChannelFailures(errors)) == "ValueError('a'), KeyError('b')"
    assert repr(ChannelFailures(errors)) == "ChannelFailures(ValueError('a'), KeyError('b'))"
    assert (bool(ChannelFailures(errors)), bool(ChannelFailures())) == (True, False)


def test_a_log_line_may_have_the_traceback():
    bus = Bus()
    lines = logged(bus)
    try:
        raise ValueError("x")
    except ValueError:
        bus.log("m", traceback=True)
    assert lines[0].startswith("m\nTraceback (most recent call last):\n")
    assert lines[0].rstrip().endswith("ValueError: x")


def test_a_log_listener_that_fails_is_not_logged():
    bus = Bus()

    def broken(message, level):
        raise ValueError("full")

    bus.subscribe("log", broken)
    with pytest.raises(ChannelFailures):
        bus.log("m")


def test_starting_with_a_callback():
    bus, ran, done = fresh(), [], threading.Event()

    def callback(*args, **kwargs):
        ran.append((bus.state, args, kwargs))
        done.set()

    thread = bus.start_with_callback(callback, (1,), {"b": 2})
    assert done.wait(10)
    assert ran == [(STARTED, (1,), {"b": 2})]
    assert "callback" in thread.name
    thread.join(10)


def test_the_state_is_waited_for_and_what_is_published_meanwhile():
    bus, ran = fresh(), []
    bus.subscribe("main", lambda: ran.append(1) or (len(ran) == 3 and bus.start()))
    assert bus.wait(STARTED, 0.01, channel="main", timeout=10)
    assert len(ran) == 3
    assert [getattr(bus.states, name) for name in STATES] == list(STATES)


@pytest.mark.parametrize(("error", "line"), [(KeyboardInterrupt, "Keyboard Interrupt: shutting down bus"), (SystemExit, "SystemExit raised: shutting down bus")])
def test_an_exit_in_the_main_thread_ends_the_bus(error, line):
    bus = fresh()
    lines = logged(bus)
    bus.start()
    fails(bus, "main", error())
    if error is SystemExit:
        with pytest.raises(SystemExit):
            bus.block(0.01)
    else:
        bus.block(0.01)
    assert bus.state == EXITING
    assert line in lines


def test_block_waits_for_threads_that_are_no_daemons_and_joins():
    bus, go_on, order = fresh(), threading.Event(), []
    lines = logged(bus)
    bus.start()

    def work():
        assert go_on.wait(10)
        order.append("thread")

    thread = threading.Thread(target=work, name="mine")
    thread.start()
    bus.subscribe("join", lambda: order.append("join") or go_on.set())
    bus.exit()
    bus.block(0.01)
    assert order == ["join", "thread"]
    assert [line for line in lines if line.startswith("Waiting")] == ["Waiting for child threads to terminate...", "Waiting for thread mine."]


def test_a_restart_executes_the_same_command_line(monkeypatch):
    bus, executed = fresh(), []
    monkeypatch.setattr("enginebus.bus.os.execv", lambda path, argv: executed.append((path, argv)))
    bus.start()
    bus.restart()
    bus.block(0.01)
    assert [(path, argv[0]) for path, argv in executed] == [(sys.executable, sys.executable)]
    assert executed[0][1][1:] == sys.orig_argv[1:]


def test_a_request_from_a_signal_is_carried_out_by_block():
    bus = fresh()
    lines = logged(bus)
    bus.start()
    bus._blocking = True
    bus.request("exit", "Caught signal SIGTERM.")
    assert bus.state == STARTED, "a signal handler takes no lock"
    bus.block(0.01)
    assert bus.state == EXITING
    assert lines.index("Caught signal SIGTERM.") < lines.index("Bus STOPPING")


@pytest.mark.parametrize("ending", ["", "bus.exit()"])
def test_an_interpreter_that_ends_stops_the_bus(ending):
    code = f"import sys; sys.path.insert(0, {str(GUEST)!r}); from enginebus.bus import Bus; bus = Bus()\n" \
           f"bus.subscribe('log', lambda m, level: print(m)); bus.start(); {ending}"
    lines = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True).stdout.splitlines()
    line = "The main thread is exiting, but the Bus is in the STARTED state; shutting it down now."
    assert (line in lines, lines.count("Bus EXITED"), lines[-1]) == (not ending, 1, "Bus EXITED")
