"""reports/bugs.json: a run of some citations keeps what was said of the others, while they are as they were."""

import json
from dataclasses import replace

import pytest

from harness.language.parse_scenario import parse
from harness.model.refusal import Refusal
from harness.run.bugs.plays import collect
from harness.run.bugs.record import Played, document, keep
from harness.run.bugs.verdicts import CAUGHT, NOT_CAUGHT, Side


def scenario(name, path="/", **changes):
    bug = {"report": "words", "subject": "waitress", "broken": "1.4.2", "fixed": "1.4.3", "python": ["3.8"], **changes}
    return parse({"format": 1, "id": name, "title": "t", "paper": "unexposed", "bug": [bug],
                  "step": [{"act": "start"}, {"act": "request", "path": path, "expect": {"status": 200}}]}, "f.toml")


def played(play, verdict=CAUGHT, run="first"):
    side = Side(play.cells[0], "1.4.2", "fail", "red", "step 2")
    return Played(play.scenario.id, play.scenario.hash, play.bug, play.python, side, None, verdict, "", run)


@pytest.fixture
def write(tmp_path):
    file = tmp_path / "reports" / "bugs.json"

    def write(now, plays):
        keep(file, document(now, "run", {}), plays, json.dumps)
        found = json.loads(file.read_text("utf-8"))
        assert found["format"] == 1
        return [(entry["scenario"], entry["verdict"], entry["run"]) for entry in found["played"]]

    write.file = file
    return write


def test_what_was_not_played_again_is_kept_and_what_was_is_replaced(write):
    plays = collect([scenario("a.b"), scenario("c.d")])
    assert write([played(plays[1])], plays) == [("c.d", CAUGHT, "first")]
    assert write([played(plays[0], run="second")], plays) == [("a.b", CAUGHT, "second"), ("c.d", CAUGHT, "first")]
    assert write([played(plays[1], NOT_CAUGHT, "third")], plays) == [("a.b", CAUGHT, "second"), ("c.d", NOT_CAUGHT, "third")]


@pytest.mark.parametrize("other", [
    [], [scenario("a.b", path="/other")], [scenario("a.b", broken="1.4.1")], [scenario("a.b", python=["3.7"])],
    [scenario("a.b", failing=["2.status"])],
], ids=["gone", "other steps", "other release", "other Python", "other place"])
def test_what_is_not_as_it_was_when_it_was_played_is_dropped(write, other):
    plays = collect([scenario("a.b")])
    write([played(plays[0])], plays)
    assert write([], collect(other)) == []


def test_prose_may_change(write):
    plays = collect([scenario("a.b")])
    write([played(plays[0])], plays)
    assert write([], collect([scenario("a.b", why="it is so", note="seen by hand")])) == [("a.b", CAUGHT, "first")]


@pytest.mark.parametrize("text", ["{", "[]", '{"format": 9}', '{"format": 1, "played": [{}]}'])
def test_a_file_of_another_make_is_refused_and_stays(write, text):
    write.file.parent.mkdir()
    write.file.write_text(text, "utf-8")
    with pytest.raises(Refusal, match=r"bugs\.json: invalid contents"):
        write([], [])
    assert write.file.read_text("utf-8") == text


def test_two_citations_of_one_scenario_are_two_entries(write):
    one = scenario("a.b")
    both = replace(one, bugs=(*one.bugs, replace(one.bugs[0], broken="1.4.1")))
    plays = collect([both])
    assert len(write([played(play) for play in plays], plays)) == 2
