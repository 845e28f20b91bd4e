"""-k expressions and ids: what they choose, and what is said of one that chooses nothing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.model.refusal import Refusal
from harness.run.selection import keyword, select

CELLS = [f"{scenario}@{subject}@{python}" for scenario in ("channel.port-held", "http.head") for subject in ("enginebus", "cherrypy")
         for python in ("2.7", "3.13")]


@pytest.mark.parametrize(("expression", "holds"), [
    ("port", True), ("PORT", True), ("head", False), ("port and 2.7", True), ("port and not 2.7", False), ("head or port", True),
    ("not (head or 2.7)", False), ("not head and not cherrypy", True), ("(port)", True), ("not not port", True),
    ("head or port and 3.13", False), ("(head or port) and 2.7", True), ("port-held@enginebus", True),
    ("port and held and 2.7", True), ("port and held and head", False), ("head or 3.13 or port", True),
    ("head or 3.13 or cherrypy", False), ("port and held and not 3.13 or head", True),
])
def test_an_expression(expression, holds):
    assert keyword(expression)("channel.port-held@enginebus@2.7") is holds


@pytest.mark.parametrize("expression", ["and", "port and", "(port", "port)", "port head", "not", "()", "port or or head", "or"])
def test_an_expression_that_cannot_be_read_is_refused(expression):
    with pytest.raises(Refusal, match="-k "):
        keyword(expression)


@given(st.text(alphabet="ab ()andort", max_size=20))
def test_nothing_but_a_refusal_comes_of_nonsense(text):
    try:
        keyword(text)("a.b@c@d")
    except Refusal as problem:
        assert "-k" in str(problem)


def test_each_of_several_ids_must_be_a_cell_s():
    for wanted in ([CELLS[0], "x@y@z"], ["x@y@z", CELLS[0]], [*CELLS, "x@y@z"]):
        with pytest.raises(Refusal, match="--cell x@y@z: no such cell"):
            select(CELLS, wanted, "")


def test_cells_and_words_narrow_together():
    assert select(CELLS, [], "") == CELLS
    assert select(CELLS, [CELLS[3], CELLS[0]], "") == [CELLS[0], CELLS[3]], "in the order of the plan"
    assert select(CELLS, [CELLS[5], CELLS[1], CELLS[5], CELLS[7]], "") == [CELLS[1], CELLS[5], CELLS[7]], "each once"
    assert select(CELLS, CELLS[:2], "3.13") == [CELLS[1]]
    with pytest.raises(Refusal, match="selects none of 2 cells"):
        select(CELLS, CELLS[:2], "cherrypy")


@pytest.mark.parametrize(("wanted", "expression", "said"), [
    (["channel.port-hold@enginebus@2.7"], "", "Did you mean channel.port-held@enginebus@2.7"), (["x"], "", "no such cell."),
    ([], "hed", "Did you mean head"), ([], "zzz", "selects none of 8 cells. --plan"),
])
def test_what_names_nothing_is_refused_with_the_nearest(wanted, expression, said):
    with pytest.raises(Refusal) as caught:
        select(CELLS, wanted, expression)
    assert said in str(caught.value)
