"""How servers do at checks: what is counted, on which Pythons, and what is put side by side."""

import pytest

from harness.report.conformance import Checks, by_level, ranges, told_count
from harness.report.conformance_answers import groups, right_answers, sent, visible
from harness.report.conformance_peers import Majorities, alone, failures, heading
from harness.report.links import Part, parts

from .checked import PYTHONS, check, checks_of, results, targets_of

A, B, MAY, SEEN = check("a"), check("b", "should"), check("c", "may"), check("r", "record")


def told(tally):
    return {level: (count.passed, count.asked, count.known, count.failed) for level, count in tally.items()}


@pytest.mark.parametrize(("words", "count"), [
    (("pass", "pass"), (1, 1, 0, 0)), (("fixed",), (1, 1, 0, 0)), (("pass", "fail"), (0, 1, 0, 1)), (("timeout",), (0, 1, 0, 1)),
    (("pass", "known"), (0, 1, 1, 0)), (("known", "fail"), (0, 1, 0, 1)), (("unsupported", "pass"), (1, 1, 0, 0)),
    (("error", "pass"), (1, 1, 0, 0))])
def test_a_check_counts_once_and_its_worst_python_decides(words, count):
    assert told(checks_of([A], {"w.t.a": {"s": words}}).tally([A], "s")) == {"must": count}


@pytest.mark.parametrize("word", ["unsupported", "missing", "broken", "not-run", "error"])
def test_what_was_not_answered_is_not_asked(word):
    checks = checks_of([A, B], {"w.t.a": {"s": (word,)}, "w.t.b": {"s": ("pass",)}})
    assert told(checks.tally(checks.checks, "s")) == {"should": (1, 1, 0, 0)}
    assert checks.lost([A], "s") == (word not in ("unsupported", "missing"))


def test_what_is_recorded_is_not_asked_not_even_if_it_could_not_be_observed():
    checks = checks_of([SEEN], {"w.t.r": {"s": ("recorded", "timeout")}})
    assert checks.tally([SEEN], "s") == {}
    assert failures(checks, "s", str) == {}


def test_what_failed_decides_about_the_level():
    cells = results([MAY], {"w.t.c": {"s": ("fail",), "t": ("pass",)}})
    loud = {cell: one if "@t@" in cell else type(one)(**{name: getattr(one, name) for name in one.__slots__ if name != "grade"},
                                                     grade="must") for cell, one in cells.items()}
    checks = Checks.of([MAY], targets_of(cells), loud)
    assert told(checks.tally([MAY], "s")) == {"must": (0, 1, 0, 1)}
    assert told(checks.tally([MAY], "t")) == {"may": (1, 1, 0, 0)}


def test_only_checks_servers_and_families_that_ran():
    other = check("x", table="v.u")
    words = {"w.t.a": {"s": ("pass",), "t": ("unsupported",)}, "v.u.x": {"t": ("missing",)}}
    cells = results([A, other], words)
    checks = Checks.of([A, other, {**A, "id": "plain.one", "table": ""}], targets_of(cells), cells)
    assert (list(checks.servers), list(checks.families), list(checks.tables)) == (["s"], ["w"], ["w.t"])
    assert Checks.of([{**A, "table": ""}], targets_of(cells), cells).checks == []


def test_a_stored_scenario_without_a_table_is_no_check():
    old = {key: value for key, value in A.items() if key != "table"}
    cells = results([A], {"w.t.a": {"s": ("pass",)}})
    assert Checks.of([old], targets_of(cells), cells).checks == []


def test_pythons_that_differ_come_worst_first():
    checks = checks_of([A, B], {"w.t.a": {"s": ("pass", "fail", "fail", "pass")}, "w.t.b": {"s": ("pass", "pass", "pass", "fail")}})
    assert [(pythons, told(tally)) for pythons, tally in checks.by_python(checks.checks, "s")] == [
        ("3.6, 3.7", {"must": (0, 1, 0, 1), "should": (1, 1, 0, 0)}),
        ("3.8", {"must": (1, 1, 0, 0), "should": (0, 1, 0, 1)}),
        ("2.7", {"must": (1, 1, 0, 0), "should": (1, 1, 0, 0)})]
    assert checks_of([A], {"w.t.a": {"s": ("fail", "fail")}}).by_python([A], "s") == []


def test_ranges_join_neighbours_of_one_kind():
    every = ["2.7", "3.6", "3.7", "3.8", "3.9", "3.13", "3.13t", "3.14t", "pypy3.11"]
    assert ranges(every, every) == "2.7, 3.6 to 3.13, 3.13t, 3.14t, pypy3.11"
    assert ranges(["3.8", "3.6", "3.13"], every) == "3.6, 3.8, 3.13"


def test_the_counts_as_a_table():
    checks = checks_of([A, B, SEEN], {"w.t.a": {"s": ("known",), "t": ("pass",)}, "w.t.b": {"t": ("fail",)}, "w.t.r": {"u": ("recorded",)}})
    assert by_level(checks) == [("checks passed", "must", "should"), ("s", "0/1 (1 known)", ""), ("t", "1/1", "0/1")]
    assert by_level(checks_of([], {})) == by_level(checks_of([SEEN], {"w.t.r": {"u": ("recorded",)}})) == []
    assert told_count(checks.tally([A], "s")["must"]) == "0/1 (1 known)"


def test_equal_answers_are_a_group_that_of_the_most_servers_first():
    words = {"w.t.a": {"s": (("fail", "200"), ("pass", "400")), "t": (("known", "200"),) * 4, "u": (("pass", "400"),), "v": (("fail", "200"),)}}
    found = groups(checks_of([A], words), A, str)
    assert [(one["answer"], one["judged"], one["level"]) for one in found] == [("200", "wrong", "must"), ("400", "right", "must")]
    assert [(one["server"], one["pythons"], one["known"]) for one in found[0]["servers"]] == [("s", "2.7", 0), ("t", "2.7, 3.6 to 3.8", 4), ("v", "2.7", 0)]
    assert found[0]["servers"][1]["cells"][1] == {"python": "3.6", "word": "known", "id": "w.t.a@t@3.6"}


def test_the_same_answer_that_is_right_here_and_wrong_there_is_two_groups():
    found = groups(checks_of([A], {"w.t.a": {"s": (("pass", "200"),), "t": (("fail", "200"),)}}), A, str)
    assert sorted((one["answer"], one["judged"]) for one in found) == [("200", "right"), ("200", "wrong")]


def test_cells_without_an_answer_come_last():
    found = groups(checks_of([A], {"w.t.a": {"s": ("error", "broken"), "t": (("pass", "400"),)}}), A, str)
    assert [found[0]["answer"], *sorted(one["answer"] for one in found[1:])] == ["400", "broken: because", "error: because"]


def test_an_answer_is_cleaned():
    assert groups(checks_of([A], {"w.t.a": {"s": (("pass", "\x1b[31mred"),)}}), A, lambda text: text.replace("\x1b[31m", ""))[0]["answer"] == "red"


def test_what_a_server_fails_by_level_and_what_the_others_pass_first():
    rare = check("rare")
    words = {"w.t.rare": {"s": ("fail",), "t": ("fail",)}, "w.t.a": {"s": (("known", "200"), "pass", ("fail", "500")), "t": ("pass",), "u": ("fail",)},
             "w.t.b": {"s": ("fail",)}, "w.t.c": {"s": ("pass",)}}
    found = failures(checks_of([rare, A, B, MAY], words), "s", str)
    assert {level: [item["check"]["id"] for item in items] for level, items in found.items()} == {
        "must": ["w.t.a", "w.t.rare"], "should": ["w.t.b"]}
    item = found["must"][0]
    assert [(one["answer"], one["word"], one["pythons"], one["why"]) for one in item["answers"]] == [
        ("500", "fail", "3.7", ""), ("200", "known", "2.7", "because")]
    assert (item["passed"], item["others"], item["right"]) == (1, 2, ["400, closed"])
    assert (found["should"][0]["passed"], found["should"][0]["others"]) == (0, 0)


def test_what_a_server_alone_passes():
    words = {"w.t.a": {"s": ("pass", "pass"), "t": ("fail",), "u": ("unsupported",)}, "w.t.b": {"s": ("pass",), "t": ("known",)},
             "w.t.c": {"s": ("pass",)}}
    checks = checks_of([B, A, MAY], words)
    assert [(one["check"]["id"], one["others"]) for one in alone(checks, "s")] == [("w.t.a", 1), ("w.t.b", 1)]
    assert alone(checks, "t") == []
    assert alone(checks_of([A], {"w.t.a": {"s": ("pass", "fail"), "t": ("fail",)}}), "s") == []


def test_what_is_recorded_otherwise_than_by_most():
    words = {"w.t.r": {"s": (("recorded", "404"), ("recorded", "200")), "t": (("recorded", "200"),), "u": (("recorded", "200"),) * 2}}
    checks = checks_of([SEEN], words)
    (found,) = Majorities(checks, str).differing("s")
    assert (found["usual"], found["agreeing"], found["of"]) == ("200", 2, 3)
    assert [(one["answer"], one["pythons"]) for one in found["answers"]] == [("404", "2.7")]
    assert Majorities(checks, str).differing("t") == []


@pytest.mark.parametrize("answers", [("1", "2"), ("1", "1", "2", "2"), ("1",)])
def test_there_is_no_majority_of_one_or_of_half(answers):
    checks = checks_of([SEEN], {"w.t.r": {f"s{n}": (("recorded", text),) for n, text in enumerate(answers)}})
    assert [Majorities(checks, str).differing(server) for server in checks.servers] == [[] for _ in answers]


def test_a_server_says_its_versions():
    assert heading(checks_of([A], {"w.t.a": {"s": ("pass",) * 4}}), "s") == f"1.0 on Python {PYTHONS[0]}, 3.6 to 3.8"


def test_what_is_right_in_words():
    step = {**A["steps"][1], "expect": {"closed": True}, "either": [{"status": 400, "as": "refused"}, {"statuses": []}]}
    assert right_answers({**A, "steps": [A["steps"][0], step]}) == ["refused: 400, closed", "no answer, closed"]
    assert right_answers({**SEEN, "steps": [A["steps"][0], {**step, "expect": {}, "either": []}]}) == []


def test_what_was_sent_is_readable():
    pieces = ["GET / HTTP/1.1\n", {"text": "a\r\n", "times": 9}, {"pause": "50ms"}, {"await": "response"}, {"end": True}]
    assert sent(check("a", send=pieces))[0]["text"] == "GET / HTTP/1.1\\n\n[9 times a\\r\\n\n][pause 50ms]\n[await response]\n[end]\n"
    assert visible("a\r\n\tb\x00\xff\\") == "a\\r\\n\n\\tb\\x00\\xff\\\\"
    assert len(sent(check("a", send="x" * 9000))[0]["text"]) < 4100
    request = {**A["steps"][1], "act": "request", "args": {"path": "/x", "headers": {"A": "b"}, "body": "c"}}
    assert sent({**A, "steps": [A["steps"][0], request]})[0]["text"] == "POST /x\nA: b\n\nc"


def test_links_in_texts():
    assert parts("see Pylons/waitress#123: it, RFC 9112, section 3.2.1; PEP 3333 or https://example.org/a?b.") == [
        Part("see "), Part("Pylons/waitress#123", "https://github.com/Pylons/waitress/issues/123"), Part(": it, "),
        Part("RFC 9112, section 3.2.1", "https://www.rfc-editor.org/rfc/rfc9112#section-3.2.1"), Part("; "),
        Part("PEP 3333", "https://peps.python.org/pep-3333/"), Part(" or "), Part("https://example.org/a?b", "https://example.org/a?b"), Part(".")]
    assert parts("RFC 9110") == [Part("RFC 9110", "https://www.rfc-editor.org/rfc/rfc9110")]
    assert parts("javascript:alert(1) http://plain.example #1") == [Part("javascript:alert(1) http://plain.example #1")]
