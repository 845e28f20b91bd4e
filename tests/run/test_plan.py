import pytest

from harness.language.parse_scenario import parse
from harness.model.values import Interpreter, Target
from harness.run import plan as plans
from harness.run.plan import plan
from harness.targets.load_subjects import BUNDLED

STEPS = [{"act": "start"}, {"act": "request", "path": "/", "expect": {"status": 200}}]


def status(python="3.13.0", version="1.0", subject="waitress", reason="", state="missing", **top):
    data = {"format": 1, "id": "a.b", "title": "t", "paper": "unexposed", "app": "life", "step": STEPS, **top}
    scenario = parse(data, "f.toml")
    target = Target(f"{subject}@x", subject, "x", version, Interpreter("x", "cpython", python, "gil", "/p"), reason=reason,
                    status=state)
    (cell,) = plan([scenario], [target], {subject: BUNDLED.load(subject)})
    return cell.status, cell.reason


@pytest.mark.parametrize(("python", "wanted"), [("2.7.18", "unsupported"), ("3.4.0", "planned"), ("3.15.0a2", "planned")])
def test_a_scenario_about_some_pythons(python, wanted):
    scenario = parse({"format": 1, "id": "a.b", "title": "t", "paper": "unexposed", "python": ">=3.4", "step": STEPS}, "f.toml")
    target = Target("waitress@x", "waitress", "x", "3", Interpreter("x", "cpython", python, "gil", "/p"))
    (cell,) = plan([scenario], [target], {"waitress": BUNDLED.load("waitress")})
    assert cell.status == wanted
    assert cell.reason == ("requires Python >=3.4" if wanted == "unsupported" else "")


def test_tls_is_for_those_that_offer_it():
    assert status(tls=True) == ("unsupported", "waitress has no tls_args in its subject.toml")
    assert status(tls=True, subject="uvicorn") == ("planned", "")


def test_reload_is_for_those_that_can():
    assert status(reload=True, subject="uvicorn") == ("unsupported", "uvicorn has no reload_args in its subject.toml")
    assert status(reload=True, subject="enginebus", app="tree") == ("planned", "")


def test_a_kind_of_channel_is_for_those_that_have_the_arguments(monkeypatch):
    assert status(channel="unix", subject="http.server") == ("unsupported", "http.server has no unix_args in its subject.toml")
    assert status(channel="handed-over-unix") == ("unsupported", "waitress has no handed_over_args in its subject.toml")
    assert status(channel="unix") == status(channel="system-port", subject="http.server") == ("planned", "")
    monkeypatch.setattr(plans, "machine_lacks", lambda channel: "::1 cannot be bound: no IPv6" * (channel == "ipv6"))
    assert status(channel="ipv6") == ("unsupported", "::1 cannot be bound: no IPv6")
    assert status(channel="unix") == ("planned", "")


def test_where_no_process_can_be_the_first_of_a_namespace_the_machine_says_why(monkeypatch):
    first = [{**STEPS[0], "first_process": True}, *STEPS[1:]]
    monkeypatch.setattr(plans, "no_first_process", lambda: "not as this user")
    assert status(step=first) == ("unsupported", "not as this user")
    assert status() == ("planned", "")
    monkeypatch.setattr(plans, "no_first_process", lambda: "")
    assert status(step=first) == ("planned", "")


def test_an_application_is_one_that_the_subject_has():
    assert status(app="races") == ("unsupported", "waitress has no app 'races'")
    assert status(app="races", subject="cherrypy") == ("planned", "")


def test_all_needs_count():
    assert status(needs=["wsgi", "tells-the-future"]) == ("unsupported", "waitress does not declare: tells-the-future")
    assert status(needs=["asgi", "wsgi", "bus-log"]) == ("unsupported", "waitress does not declare: asgi, bus-log")


def test_what_is_missing_is_not_unsupported_and_not_planned():
    assert status(reason="no such interpreter") == ("missing", "no such interpreter")
    assert status(reason="no such interpreter", needs=["tells-the-future"]) == \
        ("unsupported", "waitress does not declare: tells-the-future")


@pytest.mark.parametrize("state", ["broken", "unsupported"])
def test_what_was_not_installed_is_that_in_every_cell(state):
    assert status(reason="no wheel", state=state) == (state, "no wheel")
    assert status(reason="no wheel", state=state, needs=["tells-the-future"]) == (state, "no wheel")


@pytest.mark.parametrize("version", ["unknown", "not-a-version", "1.0.x"])
def test_a_version_that_is_none_decides_nothing(version):
    case = [{"where": {"version": "<2"}, "expect": {"status": 200}}, {"where": {"else": True}, "expect": {"status": 404}}]
    steps = [{"act": "start"}, {"act": "request", "path": "/", "case": case}]
    word, reason = status(version=version, step=steps)
    assert word == "broken"
    assert f"{version!r} is not a PEP 440 version" in reason
    assert status(version=version) == ("planned", ""), "a scenario that does not ask for the version is played"


def test_exit_codes_are_those_of_the_version_that_runs():
    subject = BUNDLED.load("uvicorn")
    assert subject.on(Target("uvicorn@x", "uvicorn", "x", "0.16")).exits["stop"] == (0,)
    assert subject.on(Target("uvicorn@x", "uvicorn", "x", "0.54")).exits["stop"] == (-15,)
