"""Step after step in the reproducer: what is seen, what does not hold, and when it stops."""

from types import SimpleNamespace

import pytest

from harness.reproducer.parts import run
from harness.reproducer.parts.run import do, known, reproduce, saved, value_of
from harness.reproducer.parts.server import Late, Unable

from ..cell.test_saved_values import test_what_is_saved_of_what_was_seen as saves
from .conftest import does, late, step

SAVES = saves.pytestmark[0].args[1]


@pytest.mark.parametrize(("source", "seen", "value"), SAVES)
def test_what_is_saved_is_what_the_harness_saves(source, seen, value):
    cell = SimpleNamespace(values={})
    wrong = saved(cell, step("request", 3, save={"name": source}), seen)
    assert (cell.values, wrong) == (({"name": value}, []) if value is not None else ({}, [(3, "save name", "there is none")]))


STEPS = [step("start", expect={"ready": True}), step("request", 2, expect={"status": 200, "closed": True}, save={"pid": "pid"}, path="/"),
         step("stop", 3, expect={"forced": False})]


def stepped(reproducing, monkeypatch, *happens):
    """What is found for STEPS, where each step sees or raises what is given; and which were done."""
    done = []

    def act(cell, step, args):
        done.append(step["number"])
        what = happens[step["number"] - 1]
        if isinstance(what, Exception):
            raise what
        return what

    monkeypatch.setattr(run, "acts", lambda: dict.fromkeys(("start", "request", "stop"), act))
    return reproduce(reproducing(*STEPS)), done


READY, ANSWER, STOPPED = {"ready": True}, {"status": 200, "closed": True, "pid": 7}, {"forced": False}


@pytest.mark.parametrize(("happens", "found", "done"), [
    ((READY, ANSWER, STOPPED), [], 3), ((READY, {**ANSWER, "status": 500}, STOPPED), [(2, "status", "500")], 3),
    ((READY, {**ANSWER, "status": 500, "closed": None}, {"forced": True}), [(2, "status", "500"), (2, "closed", "nothing"), (3, "forced", "True")], 3),
    ((READY, {"status": 200, "closed": True}), [(2, "save pid", "there is none")], 2), (({"ready": False},), [(1, "ready", "False")], 1),
    (({},), [(1, "ready", "nothing")], 1), ((READY, Late("an answer")), [(2, "request", "an answer: not within 30 s")], 2),
    ((READY, Unable("it is gone")), [(2, "request", "it is gone")], 2),
])
def test_steps_are_done_until_one_cannot_be(reproducing, monkeypatch, happens, found, done):
    assert stepped(reproducing, monkeypatch, *happens) == (found, list(range(1, done + 1)))


FAILURES = [(2, "status", "500"), (2, "exit", "3"), (2, "body", "a"), (0, "processes", "7 x"), (0, "bind", "port 1 is held")]


@pytest.mark.parametrize(("changes", "same"), [
    ({}, True), ({0: (2, "status", "501")}, False), ({0: (3, "status", "500")}, False), ({0: (2, "closed", "500")}, False), ({1: (2, "exit", "4")}, False),
    ({2: (2, "body", "b")}, True), ({3: (0, "processes", "8 x")}, True), ({3: (0, "sockets", "7 x")}, False), ({4: (0, "bind", "port 2 is held")}, True),
    ({2: (2, "log", "a")}, False), ({3: (1, "processes", "7 x")}, False),
])
def test_failures_are_the_same_if_step_key_and_stable_value_are(changes, same):
    other = [changes.get(place, failure) for place, failure in enumerate(FAILURES)]
    assert (known(FAILURES) == known(other)) is same
    assert known(FAILURES) == known(FAILURES[::-1])
    assert known(FAILURES) != known(FAILURES[1:])


@pytest.mark.parametrize(("key", "sure"), [
    *((key, True) for key in ("status", "ready", "exit", "forced", "listeners", "bind", "connect", "closed", "responses", "roles", "running")),
    *((key, False) for key in ("body", "log", "log_absent", "seconds", "received", "headers"))])
def test_which_values_are_stable(key, sure):
    assert (known([(1, key, "a")]) != known([(1, key, "b")])) is sure
    assert known([(0, key, "a")]) == known([(0, key, "b")])


def test_a_step_s_arguments_are_filled_in_and_new_lines_are_those_since_the_last_disturbing_act(reproducing):
    steps = [does("serve(); signal.signal(signal.SIGUSR1, lambda *_: say('again'))"),
             step("request", 2, path="/{port2}", expect={"status": 200, "body": "/{port2}", "log": "/^asked .{port2}$/"}, save={"was": "body"}),
             step("wait", 3, log="/asked/", new=True), step("signal", 4, signal="USR1", expect={"sent": True}),
             step("wait", 5, log="/again/", new=True), late(6, "wait", log="/asked/", new=True)]
    cell = reproducing(*steps)
    results = [do(cell, one) for one in steps]
    assert [(wrong, goes_on) for _, wrong, goes_on in results[:5]] == [([], True)] * 5
    assert results[5][1:] == ([(6, "wait", "a log line /asked/: not within 0.3 s")], False)
    assert cell.values["was"] == f"/{cell.port(2)}"


def test_a_request_sees_only_the_lines_logged_meanwhile(reproducing):
    steps = [does("serve()"), *(step("request", n, path=f"/{n}", expect={"log": f"/^asked .{n}$/", "log_absent": f"/^asked .{n - 1}$/"}) for n in (2, 3, 4))]
    assert reproduce(reproducing(*steps)) == []


@pytest.mark.parametrize(("source", "shown"), [
    ("status", "200"), ("body", "nothing"), ("log:/^b/", "b 1"), ("log:/c/", "no line"), ("closed", "nothing")])
def test_what_a_step_observes(source, shown):
    assert value_of({"status": 200, "body": None, "log": "a\nb 1\nb 2\n"}, source) == shown
