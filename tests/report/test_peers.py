import pytest

from harness.model.values import History, Observation, Target
from harness.report.peers import observed, peers, pythons_of, together

STEP = {"number": 1, "observe": {"how long": "seconds", "its words": "log:/in use/", "exit": "exit"}}
SCENARIO = {"id": "a.b", "steps": [STEP]}


def history(cell, **seen):
    return History(cell=cell, scenario_hash="", host="127.3.2.1", port=8080, cleanup={}, logs={}, coverage="off",
                   coverage_note="", seconds=0, observations=(Observation(1, "start", 0, 0, seen=seen),))


def rows(seen, scenarios=(SCENARIO,)):
    """Rows by question, of {target id: what was seen there}."""
    targets = tuple(Target(name, name.split("@")[0].split("+")[0], name.split("@")[1]) for name in seen)
    stored = {f"{scenario['id']}@{name}": history(name, **values) for name, values in seen.items() for scenario in scenarios}
    return {row["question"]: row for row in peers(list(scenarios), targets, stored.get)}


def test_what_a_step_saw_answers_a_question():
    seen = {"exit": 3, "log": "one\n  Address in use: x \nin use again\n"}
    assert observed(seen, "exit") == 3
    assert observed(seen, "log:/in use/") == "Address in use: x"
    assert observed(seen, "log:/free/") is None
    assert observed({}, "exit") is None


def test_a_question_in_words_is_a_row_and_a_value_name_is_not():
    assert set(rows({"a@3.13": {"seconds": 1.0, "log": ""}})) == {"how long", "its words"}


@pytest.mark.parametrize(("first", "second", "differ"), [
    ({"seconds": 1.0}, {"seconds": 1.3}, False), ({"seconds": 0.01}, {"seconds": 0.4}, False),
    ({"seconds": 1.0}, {"seconds": 5.0}, True), ({"seconds": 10.0}, {"seconds": 14.0}, False),
    ({"seconds": 1.0}, {"seconds": None}, True),
])
def test_times_that_are_close_do_not_differ(first, second, differ):
    assert rows({"a@3.13": first, "b@3.13": second})["how long"]["differ"] is differ


def test_what_varies_from_cell_to_cell_makes_no_difference():
    found = rows({"a@3.13": {"log": "2026-11-22 20:00:01 +0000 [12] 127.3.2.1:8080 in use"},
                  "b@3.13": {"log": "2026-11-22 21:00:02 +0000 [13] 127.3.2.1:8080 in use"}})
    assert found["its words"]["differ"] is False
    assert found["its words"]["answers"]["a"][0]["value"] == "HOST:PORT in use"


def test_an_answer_is_a_message_and_not_the_source_that_prints_it():
    trace = 'Traceback (most recent call last):\n  File "a.py", line {line}, in free\n    raise {error}("in use")\n{error}: 127.3.2.1:8080 in use\n'
    found = rows({"a@2.7": {"log": trace.format(line=7, error="IOError")}, "a@3.6": {"log": trace.format(line=8, error="OSError")},
                  "b@3.6": {"log": trace.format(line=9, error="OSError")}})["its words"]
    assert found["answers"] == {
        "a": [{"value": "IOError: HOST:PORT in use", "on": "2.7"}, {"value": "OSError: HOST:PORT in use", "on": "3.6"}],
        "b": [{"value": "OSError: HOST:PORT in use", "on": ""}]}


def test_interpreters_with_the_same_answer_are_grouped():
    found = rows({"a@2.7": {"log": "x in use"}, "a@3.6": {"log": "y in use"}, "a@3.7": {"log": "y in use"}})
    assert found["its words"]["answers"]["a"] == [
        {"value": "x in use", "on": "2.7"}, {"value": "y in use", "on": "3.6, 3.7"}]
    assert found["its words"]["differ"] is True


@pytest.mark.parametrize("behind", [150, 170, 1000])
@pytest.mark.parametrize("names", [["a@2.7", "a@3.6"], ["a@2.7", "b@2.7"], ["a@2.7", "a@3.6", "b@2.7"]])
def test_answers_that_differ_after_the_shown_part_differ_and_look_different(behind, names):
    found = rows({name: {"log": f"in use {'x' * behind}{number}"} for number, name in enumerate(names)})["its words"]
    assert found["differ"] is True
    shown = [answer["value"] for answers in found["answers"].values() for answer in answers]
    assert len(set(shown)) == len(names)
    assert max(map(len, shown)) < 220


def test_editions_have_columns_of_their_own():
    found = rows({"a@3.13": {"log": "x in use"}, "a+1.2@3.13": {"log": ""}})
    assert {name: answers[0]["value"] for name, answers in found["its words"]["answers"].items()} == {
        "a": "x in use", "a+1.2": "nothing"}


def test_times_are_a_range_and_lists_are_counted():
    asked = {"id": "a.b", "steps": [{"number": 1, "observe": {"who": "roles", "how long": "seconds"}}]}
    seen = {"a@2.7": {"roles": ["main", "main", "child"], "seconds": 0.5}, "a@3.6": {"roles": [], "seconds": 0.75}}
    found = rows(seen, (asked,))
    assert [a["value"] for a in found["who"]["answers"]["a"]] == ["2 main, child", "nothing"]
    assert found["how long"]["answers"]["a"] == [{"value": "0.50 to 0.75 s", "on": ""}]


def test_one_question_of_two_scenarios_is_one_row_and_rows_that_differ_come_first():
    same = {"id": "a.same", "steps": [{"number": 1, "observe": {"same": "exit"}}]}
    other = {"id": "a.other", "steps": [{"number": 1, "observe": {"how long": "seconds"}}]}
    targets = (Target("a@3.13", "a", "3.13"), Target("b@3.13", "b", "3.13"))
    stored = {"a.same@a@3.13": history("x", exit=0), "a.same@b@3.13": history("x", exit=0),
              "a.b@a@3.13": history("x", seconds=0.1), "a.other@b@3.13": history("x", seconds=9.0)}
    found = peers([same, SCENARIO, other], targets, stored.get)
    assert [(row["question"], row["differ"]) for row in found] == [("how long", True), ("same", False), ("its words", False)]
    assert found[0]["scenarios"] == ["a.b", "a.other"], "the others keep the order of the scenarios"


def test_a_question_that_takes_too_long_is_reported_and_the_report_is_still_written():
    assert "took more than" in observed({"log": "a" * 200 + "b"}, "log:/^(a|aa|aaa)+$/")


def test_pythons_that_give_the_same_answer_are_ranges_of_those_that_could_run():
    pythons = ("2.7", "3.6", "3.7", "3.8", "3.9")
    targets = tuple(Target(f"a@{python}", "a", python, reason="absent" if python == "3.9" else "") for python in pythons)
    assert pythons_of(targets) == {"a": ["2.7", "3.6", "3.7", "3.8"]}
    values = [("2.7", "x"), ("3.6", "y"), ("3.7", "y"), ("3.8", "y")]
    assert together(values, ["2.7", "3.6", "3.7", "3.8"]) == [{"value": "x", "on": "2.7"}, {"value": "y", "on": "3.6 to 3.8"}]
    assert together(values[1:], ["3.6", "3.7", "3.8"]) == [{"value": "y", "on": ""}]
    assert together(values[1:], ["2.7", "3.6", "3.7", "3.8"]) == [{"value": "y", "on": "3.6 to 3.8"}], "2.7 gave none"
