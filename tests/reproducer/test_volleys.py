"""Volleys, files and few descriptors in a reproducer, against real processes."""

import threading

import pytest

from harness.reproducer.parts import file, run, volleys
from harness.reproducer.parts.run import do

from .conftest import does, late, step

SERVES = does("serve()")


@pytest.fixture
def cell(reproducing, monkeypatch):
    """A cell whose server serves; all verbs are available, as in a file that needs them all."""
    monkeypatch.setattr(run, "volley", volleys.volley, raising=False)
    monkeypatch.setattr(run, "file", file.file, raising=False)
    made = reproducing(SERVES)
    assert do(made, SERVES)[1] == []
    return made


def test_a_volley_counts_as_in_the_harness(cell):
    expect = {"asked": 6, "answered": "<=6", "lost": 0, "statuses": [200], "bodies": 1, "longest": "<9s"}
    seen, wrong, _ = do(cell, step("volley", 2, path="/one", requests=6, expect=expect))
    assert wrong == []
    assert seen["answered"] == 6
    assert do(cell, step("volley", 2, path="/one", requests=6, expect={"answered": "<6", "lost": 1}))[1] == [(2, "answered", "6"), (2, "lost", "0")]


def test_one_in_the_background_is_judged_by_the_step_that_waits(cell):
    assert do(cell, step("volley", 2, id="load", path="/one", rate=50, lasts="60s", background=True))[:2] == ({}, [])
    assert not cell.is_quiet()
    while not cell.volleys["load"].seen()["answered"]:
        pass
    seen, wrong, _ = do(cell, step("wait", 3, volley="load", stop=True, expect={"lost": 0}))
    assert wrong == []
    assert seen["asked"] == seen["answered"]
    assert cell.is_quiet()


def test_what_is_late_and_what_cannot_be_done(cell):
    assert do(cell, late(2, "volley", path="/never", requests=1))[1] == [(2, "volley", "the volley is over: not within 0.3 s")]
    assert do(cell, step("wait", 2, volley="x"))[1] == [(2, "wait", "no volley 'x' was begun in the background")]
    assert do(cell, step("volley", 2, path="/a b", requests=1))[1][0][:2] == (2, "volley")


def test_files(cell):
    made = do(cell, step("file", 2, path="a", make="file", content="7\n", expect={"exists": True, "kind": "file", "content": "7\n"}, save={"pid": "content"}))
    assert made[1] == []
    assert cell.values["pid"] == "7"
    threading.Timer(0.2, (cell.folder / "a").unlink).start()
    assert do(cell, step("file", 3, path="a", until="gone", expect={"exists": False}))[1] == []
    assert do(cell, late(3, "file", path="a", until="exists"))[1] == [(3, "file", "'a' exists: not within 0.3 s")]
    assert do(cell, step("file", 3, path="a", save={"pid": "content"}))[1] == [(3, "save pid", "there is none")]


def test_few_descriptors_and_a_signal_to_a_group(reproducing):
    code = "import resource\nsignal.signal(signal.SIGUSR1, lambda *_: say(resource.getrlimit(resource.RLIMIT_NOFILE)[0]))\nchild()"
    start = {**does(code), "args": {**does(code)["args"], "descriptors": 40}}
    cell = reproducing(start)
    assert do(cell, start)[1] == []
    assert do(cell, step("signal", 2, signal="USR1", group=True))[1] == []
    assert do(cell, step("wait", 3, log="/^40$/"))[1] == []
    assert do(cell, step("signal", 4, signal="TERM", group=True))[1] == []
    assert do(cell, step("wait", 5, exit=True, expect={"exit": "SIGTERM"}))[1] == []


def test_a_server_that_never_rests_is_ended_where_the_step_says_so(reproducing):
    code = "while True: pass"
    cell = reproducing(does(code))
    do(cell, step("start", background=True, environment={"DOES": code}))
    wait = late(2, "wait", idle=True, late="kill")
    wait["expect"] = {"forced": False}
    assert do(cell, wait)[1] == [(2, "forced", "True")]
    assert not cell.servers["main"].running
