"""A wait for a close ends before the server's own time-out would bring that close about."""

import pytest

from harness.language.parse_scenario import parse
from harness.model.values import Interpreter, Target
from harness.targets.load_subjects import BUNDLED
from harness.targets.resolution import resolve

CLOSE = {"act": "raw", "send": "x", "until": "close", "expect": {"closed": True}}


def within(step, name="cherrypy"):
    scenario = parse({"format": 1, "id": "a.b", "title": "t", "paper": "unexposed", "app": "life",
                      "step": [{"act": "start"}, step]}, "f.toml")
    target = Target(f"{name}@x", name, "x", "1.0", Interpreter("x", "cpython", "3.13.0", "gil", "/p"))
    return resolve(scenario, target, BUNDLED.load(name)).steps[1].within


@pytest.mark.parametrize(("step", "name", "seconds"), [
    (CLOSE, "cherrypy", 9.0), ({**CLOSE, "within": "70s"}, "cherrypy", 9.0), ({**CLOSE, "within": "70s"}, "uvicorn", 4.5),
    ({**CLOSE, "within": "3s"}, "cherrypy", 3.0), ({**CLOSE, "within": "70s"}, "gunicorn-gthread", 1.8),
    ({**CLOSE, "within": "70s"}, "werkzeug", 70.0),
    ({"act": "wait", "states": ["LISTEN"], "within": "20s"}, "cherrypy", 9.0),
    ({"act": "wait", "idle": True, "within": "20s"}, "cherrypy", 20.0),
    ({**CLOSE, "until": "response", "within": "20s"}, "cherrypy", 20.0), ({**CLOSE, "within": "8s"}, "cherrypy", 8.0),
    ({"act": "raw", "send": "x", "within": "20s", "expect": {"status": 200}}, "cherrypy", 20.0),
    ({"act": "request", "path": "/", "within": "20s", "expect": {"closed": True}}, "cherrypy", 20.0),
    ({"act": "wait", "states": [], "within": "4s"}, "cherrypy", 4.0), ({"act": "stop", "within": "40s"}, "cherrypy", 40.0),
])
def test_a_wait_for_a_close_is_shorter_than_the_server_s_patience(step, name, seconds):
    assert within(step, name) == pytest.approx(seconds)


def test_a_scenario_about_the_time_out_itself_says_so_with_a_lower_bound():
    assert within({**CLOSE, "within": "20s", "expect": {"closed": True, "seconds": ">=8s"}}) == 20.0
    assert within({**CLOSE, "within": "20s", "expect": {"closed": True, "seconds": ">8s"}}) == 20.0
    assert within({**CLOSE, "within": "20s", "expect": {"closed": True, "seconds": "<15s"}}) == 9.0


def test_each_step_has_its_own_deadline_and_the_case_of_its_target():
    step = {**CLOSE, "within": "20s", "case": [{"where": {"subject": "cherrypy"}, "expect": {"seconds": ">=8s"}}, {"where": {"else": True}, "expect": {"status": 200}}]}
    scenario = parse({"format": 1, "id": "a.b", "title": "t", "paper": "unexposed", "app": "life",
                      "step": [{"act": "start"}, step, {**CLOSE, "within": "20s"}, {"act": "stop"}]}, "f.toml")
    for name, seconds in (("cherrypy", [30.0, 20.0, 9.0, 20.0]), ("uvicorn", [30.0, 4.5, 4.5, 20.0])):
        target = Target(f"{name}@x", name, "x", "1.0", Interpreter("x", "cpython", "3.13.0", "gil", "/p"))
        assert [found.within for found in resolve(scenario, target, BUNDLED.load(name)).steps] == seconds
