import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.model.outcomes import SEVERITY, WORDS
from harness.model.refusal import Refusal
from harness.model.stored_json import from_json, to_json
from harness.model.values import FORMAT, Cell, CellResult, Failure, History, Interpreter, Observation, Plan, Target, Verdict

TEXT = st.text(max_size=12)
TABLE = st.dictionaries(TEXT, TEXT | st.integers() | st.none() | st.lists(TEXT, max_size=2), max_size=3)
NUMBER = st.floats(allow_nan=False, allow_infinity=False, min_value=0, max_value=1e6)
VERDICTS = st.none() | st.builds(Verdict, st.sampled_from(SEVERITY), TEXT, st.lists(
    st.builds(Failure, st.integers(), TEXT, TEXT, TEXT), max_size=2).map(tuple))
KINDS = {
    Plan: st.builds(
        Plan, TEXT, st.lists(st.builds(Target, TEXT, TEXT, TEXT, interpreter=st.none() | st.builds(
            Interpreter, TEXT, TEXT, TEXT, TEXT, TEXT)), max_size=2).map(tuple),
        st.lists(st.builds(Cell, TEXT, TEXT, TEXT), max_size=2).map(tuple), st.lists(TEXT, max_size=2).map(tuple),
        st.lists(TEXT, max_size=2).map(tuple), TABLE, st.booleans(), format=st.just(FORMAT)),
    CellResult: st.builds(CellResult, TEXT, TEXT, TEXT, VERDICTS, VERDICTS, NUMBER),
    History: st.builds(
        History, TEXT, TEXT, TEXT, st.integers(), st.lists(st.builds(
            Observation, st.integers(), TEXT, NUMBER, NUMBER, TEXT, TABLE, st.lists(TABLE, max_size=2).map(tuple)),
            max_size=2).map(tuple),
        TABLE, st.dictionaries(TEXT, TEXT, max_size=2), st.sampled_from(["data", "lost", "off", "broken"]), TEXT, NUMBER),
}


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_json_round_trip(kind):
    @given(KINDS[kind])
    def check(value):
        assert from_json(kind, json.loads(json.dumps(to_json(value)))) == value

    check()


def test_what_another_version_wrote_is_refused():
    with pytest.raises(Refusal, match="unknown colour"):
        from_json(Cell, {"id": "a", "scenario": "b", "target": "c", "colour": "red"})
    plan = to_json(Plan("r", (), (), (), (), {}))
    with pytest.raises(Refusal, match="format 99 is not 1"):
        from_json(Plan, {**plan, "format": 99})
    with pytest.raises(Refusal, match="must be a table, not "):
        from_json(Plan, [])


@pytest.mark.parametrize(("behaviour", "cleanup", "word"), [
    ("pass", "pass", "pass"), ("pass", "fail", "fail"), ("known", "pass", "known"), ("known", "timeout", "timeout"),
    ("fixed", "known", "fixed"), ("timeout", "fail", "fail"),
])
def test_the_worse_verdict_is_the_word(behaviour, cleanup, word):
    assert CellResult("c", "ran", "", Verdict(behaviour), Verdict(cleanup)).word == word


@pytest.mark.parametrize("status", ["error", "not-run", "missing", "unsupported"])
def test_a_status_without_verdict_is_the_word_itself(status):
    assert CellResult("c", status).word == status
    assert status in WORDS
