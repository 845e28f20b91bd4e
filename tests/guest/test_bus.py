"""The bus: a walk over all transitions, priorities, errors, and transitions from other threads and signal handlers."""

import itertools
import threading

import pytest
from enginebus.bus import (
    EX_SOFTWARE,
    EXITING,
    STARTED,
    STARTING,
    STATES,
    STOPPED,
    STOPPING,
    TRANSITIONS,
    Bus,
    ChannelFailures,
    InvalidTransition,
    StartInterrupted,
)
from hypothesis import given
from hypothesis import strategies as st


def logged(bus):
    lines = []
    bus.subscribe("log", lambda message, level: lines.append(message))
    return lines


def allowed(path):
    """Whether a sequence of states is one that the table allows."""
    return all(after in TRANSITIONS[before] for before, after in itertools.pairwise(path))


def fresh():
    """A bus that does nothing when the tests end."""
    bus = Bus()
    bus._atexit = True
    return bus


#: What each call does: the states that it goes through, and the channels that it publishes, from each state where it may be asked.
STARTS, STOPS = ([STARTING, STARTED], ["start"]), ([STOPPING, STOPPED], ["stop"])
EXITS, NOTHING = ([STOPPING, STOPPED, EXITING], ["stop", "exit"]), ([], [])
WALK = {"start": dict.fromkeys(STATES, STARTS), "stop": dict.fromkeys(STATES, STOPS), "graceful": dict.fromkeys(STATES, ([], ["graceful"])),
        "exit": {**dict.fromkeys(STATES, EXITS), EXITING: NOTHING}, "restart": {**dict.fromkeys(STATES, EXITS), EXITING: NOTHING}}


@given(st.lists(st.sampled_from(sorted(WALK)), max_size=8))
def test_a_walk_is_that_of_the_table(calls):
    bus, published = fresh(), []
    lines = logged(bus)
    for channel in ("start", "stop", "exit", "graceful", "join", "main"):
        bus.subscribe(channel, lambda channel=channel: published.append(channel))
    path, wanted, anew = [STOPPED], [], False
    for call in calls:
        anew = call != "exit" and (anew or (call == "restart" and path[-1] != EXITING))
        states, channels = WALK[call][path[-1]]
        getattr(bus, call)()
        path, wanted = path + states, wanted + channels
    assert [line[4:] for line in lines if line[4:] in STATES] == path[1:]
    assert (bus.state, published, bus.execv) == (path[-1], wanted, anew)
    assert allowed(path), path


@pytest.mark.parametrize(("state", "after"), [(STARTED, STOPPED), (STOPPED, STARTED), (STARTING, STARTING), (EXITING, STOPPED), (STOPPING, EXITING)])
def test_a_step_that_is_not_in_the_table(state, after):
    bus = Bus()
    bus.state = state
    with pytest.raises(InvalidTransition, match=f"the bus is {state}"):
        bus._go(after)
    assert bus.state == state


def test_the_states_of_a_life():
    bus = fresh()
    lines = logged(bus)
    bus.start()
    bus.exit()
    assert lines == ["Bus STARTING", "Bus STARTED", "Bus STOPPING", "Bus STOPPED", "Bus EXITING", "Bus EXITED"]
    bus.exit()
    assert lines[-1] == "Bus EXITED", "exiting twice is no error, and does nothing"


def test_listeners_run_by_priority_then_in_order():
    bus, ran = Bus(), []
    for name, priority in (("late", 90), ("first", 10), ("second", 50), ("third", None)):
        bus.subscribe("main", lambda name=name: ran.append(name), priority)
    bus.publish("main")
    assert ran == ["first", "second", "third", "late"]


def test_one_error_keeps_no_other_listener_from_running():
    bus, ran = Bus(), []
    lines = logged(bus)

    def broken():
        raise ValueError("on purpose")

    bus.subscribe("main", broken, 10)
    bus.subscribe("main", lambda: ran.append(1), 20)
    bus.subscribe("main", lambda: [][0], 30)
    with pytest.raises(ChannelFailures) as caught:
        bus.publish("main")
    assert ran == [1]
    assert [type(e) for e in caught.value.errors] == [ValueError, IndexError]
    assert sum("Error in 'main' listener" in line for line in lines) == 2


def test_unsubscribed_listeners_do_not_run():
    bus, ran = Bus(), []
    listener = lambda: ran.append(1)  # noqa: E731
    bus.subscribe("main", listener)
    bus.unsubscribe("main", listener)
    bus.unsubscribe("main", listener)
    bus.unsubscribe("no such channel", listener)
    assert bus.publish("main") == []
    assert ran == []


def test_an_error_in_start_stops_the_bus_and_exits_with_70():
    bus = fresh()
    lines, stopped = logged(bus), []

    def broken():
        raise OSError("Port 8080 not free on '127.0.0.1'")

    bus.subscribe("start", broken)
    bus.subscribe("stop", lambda: stopped.append(1))
    with pytest.raises(SystemExit) as caught:
        bus.start()
    assert caught.value.code == bus.exit_status == EX_SOFTWARE == 70
    assert bus.state == EXITING
    assert stopped == [1]
    first = [line.splitlines()[0] for line in lines]
    assert first[0] == "Bus STARTING"
    assert first[1].startswith("Error in 'start' listener")
    assert first[2:] == [
        "Shutting down due to error in start listener:", "Bus STOPPING", "Bus STOPPED", "Bus EXITING", "Bus EXITED"]
    with pytest.raises(SystemExit):
        bus.block()


def test_a_request_during_start_is_carried_out_after_it():
    bus = fresh()
    bus.subscribe("start", lambda: bus.request("exit", "Caught signal SIGTERM."))
    lines = logged(bus)
    bus.start()
    assert bus.state == EXITING
    assert lines.index("Bus STARTED") < lines.index("Caught signal SIGTERM.") < lines.index("Bus STOPPING")


def test_a_long_listener_gives_up_when_asked():
    bus = fresh()

    def waits():
        bus.request("exit", "Caught signal SIGTERM.")
        assert bus.interrupted
        raise StartInterrupted

    bus.subscribe("start", waits)
    lines = logged(bus)
    bus.start()
    assert bus.state == EXITING
    assert bus.exit_status == 0
    assert "Bus STARTED" not in lines


def test_a_graceful_request_interrupts_nothing():
    bus = Bus()
    bus._pending.append(("graceful", None))
    assert not bus.interrupted


def test_a_stop_from_another_thread_waits_for_the_start():
    bus = fresh()
    lines, began, go_on = logged(bus), threading.Event(), threading.Event()

    def slow():
        began.set()
        assert go_on.wait(5)

    bus.subscribe("start", slow)
    starter = threading.Thread(target=bus.start)
    starter.start()
    assert began.wait(5)
    stopper = threading.Thread(target=bus.stop)
    stopper.start()
    go_on.set()
    starter.join(5)
    stopper.join(5)
    assert bus.state == STOPPED
    assert lines == ["Bus STARTING", "Bus STARTED", "Bus STOPPING", "Bus STOPPED"]


def test_block_ends_when_another_thread_exits_the_bus():
    bus = fresh()
    bus.start()
    threading.Timer(0.1, bus.exit).start()
    bus.block(0.01)
    assert bus.state == EXITING


def test_wait_has_a_timeout():
    assert Bus().wait(STARTED, 0.01, timeout=0.05) is False
    assert Bus().wait([STARTED, STOPPED], 0.01) is True
