"""A table of checks: each becomes a scenario, what they share stands once, and every mistake in the table is told."""

import copy
import tomllib

import pytest

from harness.language.parse_scenario import parse_file
from harness.model.refusal import Refusal

TABLE = tomllib.loads(r'''
format = 1
id     = "wire.line"
title  = "The request line"
why    = "all of them"
app    = "life"
launch = "shared"
needs  = ["threads"]

[[step]]
act = "start"

[each]
act    = "raw"
until  = "probe"
within = "5s"
send   = "{line}\r\nHost: {host}\r\n\r\n"

[answer.refused]
statuses = [400]
closed   = true

[answer.served]
status = 200

[[check]]
id     = "spaces"
title  = "Two spaces"
level  = "should"
source = "RFC 9112, section 3"
needs  = ["keep-alive"]
with   = { line = "GET  / HTTP/1.1" }
either = ["refused", { status = 301 }]

[[check]]
id     = "plain"
title  = "A plain one"
level  = "must"
source = ["RFC 9112, section 3", "RFC 9110"]
within = "1s"
with   = { line = "GET / HTTP/1.1" }
expect = "served"

[[check]]
id      = "seen"
title   = "What is made of it"
level   = "record"
source  = "RFC 9112"
why     = "suites disagree"
with    = { line = "GET /# HTTP/1.1" }
observe = ["statuses"]

[[check]]
id     = "twice"
title  = "One after the other"
level  = "may"
source = "RFC 9112"
with   = { path = "/size" }

[[check.step]]
act    = "request"
path   = "{path}"
keep   = "a"
expect = "served"

[[check.step]]
act    = "request"
path   = "/"
keep   = "a"
level  = "must"
expect = { status = 200 }
''')


def found(**changes):
    return {one.id: one for one in parse_file({**copy.deepcopy(TABLE), **changes}, "scenarios/wire/line.toml")}


def test_each_check_is_a_scenario_of_its_own():
    made = found()
    assert list(made) == ["wire.line.spaces", "wire.line.plain", "wire.line.seen", "wire.line.twice"]
    spaces = made["wire.line.spaces"]
    assert (spaces.title, spaces.grade, spaces.sources, spaces.needs) == (
        "Two spaces", "should", ("RFC 9112, section 3",), ("threads", "keep-alive"))
    assert (spaces.family, spaces.table, spaces.file, spaces.app, spaces.launch) == (
        "wire", "wire.line", "scenarios/wire/line.toml", "life", "shared")
    assert made["wire.line.plain"].sources == ("RFC 9112, section 3", "RFC 9110")
    assert (spaces.why, made["wire.line.seen"].why) == ("all of them", "suites disagree")
    assert len({one.hash for one in made.values()}) == 4


def test_what_checks_share_stands_once():
    made = found()
    start, raw = made["wire.line.spaces"].steps
    assert (start.act, start.level, raw.level) == ("start", "must", "should")
    assert raw.args == {"send": "GET  / HTTP/1.1\r\nHost: {host}\r\n\r\n", "until": "probe"}
    assert raw.either == ({"statuses": [400], "closed": True, "as": "refused"}, {"status": 301})
    plain = made["wire.line.plain"].steps[1]
    assert (raw.within, plain.within, plain.expect) == (5.0, 1.0, {"status": 200})


def test_a_check_of_several_steps_has_its_level_unless_a_step_says_otherwise():
    one, two = found()["wire.line.twice"].steps[1:]
    assert (one.args["path"], one.level, two.level, one.expect) == ("/size", "may", "must", {"status": 200})


@pytest.mark.parametrize(("place", "value", "problem"), [
    (("check",), [], "no checks"),
    (("check",), {"id": "x"}, "no checks"),
    (("check", 0, "id"), "Two Spaces", "must be lowercase letters"),
    (("check", 1, "id"), "spaces", "check spaces: id: is already the id of an earlier check"),
    (("check", 0, "level"), "musst", "unknown level 'musst'"),
    (("check", 0, "level"), None, "'level' is missing"),
    (("check", 0, "source"), None, "'source' is missing"),
    (("check", 0, "title"), None, "'title' is missing"),
    (("check", 0, "colour"), "red", "unknown key 'colour'"),
    (("check", 0, "either"), ["refused", "refusedd"], "unknown answer 'refusedd'"),
    (("check", 1, "expect"), "serfed", "unknown answer 'serfed'"),
    (("check", 0, "either"), ["refused"], "at least two"),
    (("check", 0, "either"), ["refused", "refused"], "is the same as an earlier one"),
    (("check", 0, "either"), ["refused", {}], "expects nothing"),
    (("check", 0, "either"), ["refused", {"statu": 1}], "unknown key 'statu'"),
    (("check", 0, "expect"), {"closed": True}, "closed is expected of every alternative already"),
    (("check", 0, "with"), {"line": "GET / HTTP/1.1", "lime": "x"}, "lime fills nothing"),
    (("check", 0, "with"), {"line": 1}, "must be a table of strings"),
    (("check", 0, "with"), {}, "check spaces: step 2 (raw): send: unknown name '{line}'"),
    (("check", 1, "expect"), None, "check plain: expects nothing"),
    (("check", 2, "expect"), {"status": 200}, 'a check of level "record" judges nothing'),
    (("check", 3, "path"), "/", "has no step of its own beside them"),
    (("check", 3, "step"), [], "must be a list of tables"),
    (("check", 3, "with"), {"path": "/", "other": "x"}, "other fills nothing"),
    (("check", 3, "step", 0, "level"), "maybe", "unknown level 'maybe'"),
    (("each", "untill"), "close", "each: unknown key 'untill'"),
    (("answer", "refused"), {}, "must be tables of expectations"),
    (("answer", "refuesd"), {"status": 400}, "line.toml: answer.refuesd: no check names it in expect or either: use it, or remove it"),
    (("grade",), "should", "grade: belongs to a single scenario"),
    (("known",), [], "known: belongs to a single scenario"),
    (("step",), "start", "must be a list of tables"),
    (("id",), "line", "must be family.name"),
    (("title",), None, "title: is missing"),
    (("needs",), "threads", "needs: must be a list"),
])
def test_a_mistake_in_the_table_is_told(place, value, problem):
    data = copy.deepcopy(TABLE)
    *way, last = place
    at = data
    for key in way:
        at = at[key]
    if value is None:
        del at[last]
    else:
        at[last] = value
    with pytest.raises(Refusal) as caught:
        parse_file(data, "line.toml")
    assert problem in str(caught.value)
    assert str(caught.value).startswith("line.toml: ")


def test_mistakes_of_several_checks_are_told_together():
    data = copy.deepcopy(TABLE)
    data["check"][0]["either"] = ["refused", {"statu": 1}]
    data["check"][1]["within"] = "soon"
    with pytest.raises(Refusal) as caught:
        parse_file(data, "line.toml")
    assert "check spaces" in str(caught.value)
    assert "check plain" in str(caught.value)


def test_the_hash_of_a_check_covers_what_it_shares_with_the_others():
    before, after = found(), found(each={**TABLE["each"], "until": "close"})
    assert before["wire.line.spaces"].hash != after["wire.line.spaces"].hash
    assert before["wire.line.twice"].hash == after["wire.line.twice"].hash
    assert found(title="Another title")["wire.line.spaces"].hash == before["wire.line.spaces"].hash
