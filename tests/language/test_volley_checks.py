"""Steps about volleys and files that make no sense are refused, with the place and the reason."""

import pytest

from harness.language.parse_scenario import parse
from harness.model.refusal import Refusal

START = {"act": "start"}
LOAD = {"act": "volley", "id": "load", "path": "/", "lasts": "5s", "background": True}
WAIT = {"act": "wait", "volley": "load", "expect": {"asked": ">3"}}


def volley(**changes):
    table = {"act": "volley", "path": "/", "requests": 10, "expect": {"answered": 10}, **changes}
    return {key: value for key, value in table.items() if value is not None}


def file(**changes):
    return {"act": "file", "path": "a", **changes}


def steps(*found):
    return parse({"format": 1, "id": "a.b", "title": "t", "paper": "unexposed", "app": "life", "step": [START, *found]}, "f.toml").steps


GOOD = [
    [volley()], [volley(requests=None, lasts="5s", rate=20)], [volley(expect={"lost": 0, "statuses": [200], "longest": "<1s", "bodies": ">2", "answered": "<=9"})],
    [LOAD, WAIT], [LOAD, {**WAIT, "stop": True}], [LOAD, WAIT, LOAD | {"id": "again"}, WAIT | {"volley": "again"}],
    [{"act": "volley", "silent": True, "clients": 9, "rate": 3, "lasts": "2s", "expect": {"asked": 9}}],
    [file(expect={"exists": True, "mode": "0666", "content": {"some_line": "/1/"}, "age": "<3s"})], [file(make="file", content="x")], [file(until="gone")],
    [file(make="symlink", to="b"), file(save={"pid": "content"}, until="exists"), {"act": "signal", "signal": "TERM", "pid": "{pid}"}],
    [{"act": "signal", "signal": "INT", "group": True}], [{"act": "stop"}, START | {"descriptors": 40}],
]
BAD = [
    ([volley(requests=None)], "give exactly one of requests, lasts"), ([volley(lasts="1s")], "give exactly one of requests, lasts"),
    ([volley(path=None)], "step 2 (volley): path: is missing"), ([volley(path="/a b")], "step 2 (volley): path:"), ([volley(method="G ET")], "step 2 (volley): method:"),
    ([volley(clients=0)], "clients: must be from 1 to 200, not 0"), ([volley(rate=1001)], "rate: must be from 1 to 1000"), ([volley(requests=0)], "requests: must be from 1"),
    ([volley(patience="0s")], "patience: must be more than 0"), ([volley(requests=None, lasts="60s")], "lasts: the step is late after 60 s"),
    ([volley(silent=True, path=None)], "requests: silent clients ask for nothing"), ([{"act": "volley", "silent": True, "path": "/", "lasts": "1s", "expect": {"asked": 4}}], "path: silent"),
    ([volley(expect=None)], "expects nothing"), ([volley(expect={"lost": "<0"})], "could never hold: a count is never below 0"), ([volley(expect={"lost": -1})], "never below 0"),
    ([volley(expect={"answered": 11})], "only 10 are asked"), ([volley(expect={"answered": ">10"})], "only 10 are asked"), ([volley(expect={"lost": ">=0"})], "can never fail: a count"),
    ([volley(expect={"lost": "<=10"})], "can never fail: only 10 are asked"), ([volley(expect={"lost": "<11"})], "can never fail: only 10"),
    ([volley(expect={"longest": "<11s"})], "can never fail: none waits longer than 10s"), ([volley(expect={"lost": "few"})], 'must be a whole number, or a bound such as "<=3"'),
    ([volley(expect={"lost": True})], "must be a whole number"), ([LOAD], "no step waits for the volley 'load'"), ([LOAD | {"id": ""}, WAIT], "needs an id"),
    ([LOAD | {"expect": {"asked": 3}}, WAIT], "it has just begun: the step that waits for it can judge it"), ([LOAD, {"act": "wait", "volley": "lod"}], "expects nothing"),
    ([LOAD, WAIT | {"volley": "lod"}], "unknown volley 'lod'. Did you mean 'load'?"), ([LOAD, WAIT, WAIT], "unknown volley 'load'"),
    ([LOAD, WAIT | {"expect": {"status": 200}}], "a volley has no such thing; it has asked"), ([{"act": "wait", "exit": True, "expect": {"lost": 0}}], "only a wait for a volley counts"),
    ([{"act": "wait", "exit": True, "stop": True}], "stop: only a volley can be stopped by a wait"),
    ([file()], "expects nothing"), ([file(path="../a", until="gone")], "must be a path in the cell's folder"), ([file(path="/a", until="gone")], "must be a path in the cell's folder"),
    ([file(make="file", until="gone")], "until: what the step makes is there at once"), ([file(content="x", until="gone")], 'content: only make = "file" writes one'),
    ([file(make="symlink")], "to: says where a symlink points"), ([file(make="file", to="b")], "to: says where a symlink points"), ([file(make="door")], "unknown value 'door'"),
    ([file(make="file", expect={"exists": False})], "exists: the step itself makes that untrue"), ([file(make="nothing", expect={"exists": True})], "the step itself makes that untrue"),
    ([START | {"server": "b", "descriptors": 3}], "descriptors: must be from 16 to 1024, not 3"), ([{"act": "signal", "signal": "INT", "group": False}], "group: can only be true"),
    ([{"act": "request", "path": "/pid", "save": {"a": "json:/pid"}, "expect": {"status": 200}}, {"act": "signal", "signal": "INT", "group": True, "pid": "{a}"}],
     "group: the group is that of a server"),
]


@pytest.mark.parametrize("found", GOOD, ids=range(len(GOOD)))
def test_what_makes_sense_is_taken(found):
    assert len(steps(*found)) == len(found) + 1


@pytest.mark.parametrize(("found", "problem"), BAD, ids=range(len(BAD)))
def test_what_makes_no_sense_is_refused(found, problem):
    with pytest.raises(Refusal) as caught:
        steps(*found)
    assert problem in str(caught.value)
