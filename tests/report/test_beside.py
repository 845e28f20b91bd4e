"""Two stored runs compared: what is compared, what was not selected, and what has vanished."""

from harness.report.beside import beside

from ..stored import TARGETS, write

EVERY = {"a.x": ("pass", "fail"), "a.y": ("pass", "pass")}


def told(tmp_path, now, targets=TARGETS, **changes):
    earlier = write(tmp_path, "1", EVERY, asked={"subjects": []})
    run = write(tmp_path, "2", now, targets=targets, **{"asked": {"subjects": []}, **changes})
    found = beside(earlier, run, run.results())
    return {transition.cell: transition.kind for transition in found.transitions}, set(found.before), set(found.unasked)


def test_a_cell_that_is_gone_has_vanished(tmp_path):
    changed, before, unasked = told(tmp_path, {"a.x": ("pass", "fail")})
    assert changed == {"a.y@one@3.13": "vanished", "a.y@two@2.7": "vanished"}
    assert (len(before), unasked) == (4, set())


def test_a_cell_that_was_not_selected_is_counted_but_not_compared(tmp_path):
    changed, before, unasked = told(tmp_path, {"a.x": ("fail",), "a.y": ("pass",)}, TARGETS[:1], asked={"subjects": ["one"]})
    assert changed == {"a.x@one@3.13": "new failure"}
    assert before == {"a.x@one@3.13", "a.y@one@3.13"}
    assert unasked == {"a.x@two@2.7", "a.y@two@2.7"}


def test_a_changed_scenario_is_distinguished_from_a_new_failure(tmp_path):
    assert told(tmp_path, {"a.x": ("fail", "fail"), "a.y": ("pass", "pass")}, digest="2")[0] == {"a.x@one@3.13": "expectation changed"}
