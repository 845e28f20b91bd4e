"""Tables on the terminal: no column runs into the next, and nothing is lost."""

from hypothesis import given
from hypothesis import strategies as st

from harness.report.terminal_table import table

WORD = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=40)


@given(st.lists(st.tuples(WORD, WORD, WORD), min_size=1, max_size=5))
def test_every_word_is_there_and_columns_are_apart(rows):
    lines = table(("a", "b", "c"), rows, numbers=True).splitlines()
    assert len(lines) == len(rows) + 1
    for line, row in zip(lines[1:], rows, strict=True):
        assert line.split() == list(row)


def test_a_long_last_column_is_wrapped_and_the_others_are_not(monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    lines = table(("name", "what"), [("x" * 30, "word " * 40)]).splitlines()
    assert all(len(line) <= 80 for line in lines)
    assert "x" * 30 in lines[1]


def test_markup_of_others_is_text():
    assert "[red]x[/red]" in table(("a",), [("[red]x[/red]",)])
