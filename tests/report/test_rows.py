from harness.model.outcomes import WORDS
from harness.model.values import CellResult, Target, Verdict
from harness.report.rows import FIRST, LETTERS, MAX_REASON, NOT_SELECTED, Rows


def test_a_row_has_one_letter_per_column_and_each_reason_once():
    targets = tuple(Target(f"s@{n}", "s", str(n)) for n in range(4))
    results = {f"a.b@s@{n}": result for n, result in enumerate([
        CellResult("", "missing", "no such Python"), CellResult("", "ran", "", Verdict("pass"), Verdict("pass")),
        CellResult("", "missing", "no such Python")])}
    rows = Rows(targets, results)
    assert rows.row("a.b") == {"row": LETTERS["missing"] + LETTERS["pass"] + LETTERS["missing"] + NOT_SELECTED,
                               "reasons": {"0": 0, "2": 0}}
    assert rows.texts == ["no such Python"]


def test_a_letter_stands_for_the_number_of_its_word():
    assert [ord(LETTERS[word]) - FIRST for word in WORDS] == list(range(len(WORDS)))
    assert NOT_SELECTED not in LETTERS.values()


def test_a_long_reason_is_cut():
    rows = Rows((Target("s@1", "s", "1"),), {"a.b@s@1": CellResult("", "error", "x" * 1000)})
    rows.row("a.b")
    assert rows.texts == ["x" * MAX_REASON]


def test_a_row_has_the_levels_that_are_not_its_own():
    results = {f"a.b@s@{n}": CellResult("", "ran", "", Verdict(word), Verdict("pass"), grade=grade) for n, (word, grade) in enumerate([
        ("fail", "must"), ("fail", "may"), ("pass", "must")])}
    rows = Rows(tuple(Target(f"s@{n}", "s", str(n)) for n in range(3)), results)
    assert rows.row("a.b", "may")["levels"] == {"0": "must"}
    assert rows.row("a.b", "must")["levels"] == {"1": "may"}
    assert "levels" not in Rows((Target("s@0", "s", "0"),), results).row("a.b", "must")
