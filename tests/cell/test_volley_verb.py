"""A volley as a step: in the foreground, in the background, and the wait for it."""

import pytest

from harness.cell.running_cell import TimedOut, Unable

from ..scripted import do, late, said, up


def test_a_volley_asks_the_server_of_its_step_and_waits_for_all_answers(scripted):
    cell = scripted()
    up(cell, does="serve()")
    server = up(cell, "other", 2, "serve()")
    seen = do(cell, "volley", path="/one", requests=6, server="other")
    assert (seen["asked"], seen["answered"]) == (6, 6)
    assert said(server, "asked") == ["/one"] * 6
    assert said(cell.servers["main"], "asked") == []
    assert do(cell, "volley", path="/two", requests=2, channel=2)["answered"] == 2
    assert said(server, "asked")[6:] == ["/two"] * 2


def test_its_first_exchange_is_in_the_transcript(scripted):
    cell = scripted()
    up(cell, does="serve()")
    do(cell, "volley", path="/one", requests=3)
    assert [entry["direction"] for entry in cell.transcript.entries] == ["sent", "received"]


def test_one_in_the_background_is_judged_by_the_step_that_waits(scripted):
    cell = scripted()
    up(cell, does="serve()")
    assert do(cell, "volley", path="/one", rate=50, lasts="60s", background=True, step_id="load") == {}
    assert not cell.is_quiet(), "the server owes answers"
    while not cell.volleys["load"].seen()["answered"]:
        pass
    seen = do(cell, "wait", volley="load", stop=True)
    assert seen["asked"] == seen["answered"] > 0
    assert cell.is_quiet()


def test_one_that_is_not_over_in_time_is_a_timeout_with_what_was_counted(scripted):
    cell = scripted()
    up(cell, does="serve()")
    seen = late(cell, "volley", path="/never", requests=4)
    assert (seen["asked"], seen["answered"], seen["waiting_for"]) == (4, 0, "the volley is over")
    do(cell, "volley", path="/one", rate=20, lasts="60s", background=True, step_id="load")
    with pytest.raises(TimedOut):
        do(cell, "wait", 0.2, volley="load")
    cell.close_clients()
    assert not any(volley.alive for volley in cell.volleys.values())


@pytest.mark.parametrize(("act", "args"), [("wait", {"volley": "load"}), ("volley", {"path": "/", "requests": 1, "background": True})])
def test_what_a_step_cannot_do(scripted, act, args):
    cell = scripted()
    up(cell, does="serve()")
    with pytest.raises(Unable):
        do(cell, act, **args)
