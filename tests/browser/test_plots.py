"""What drawings are made of, and that they fit: the functions of the report's scripts, called in the browser."""

import math
from itertools import pairwise

import pytest

from .test_page import cell, shown

INSIDE = """() => [...document.querySelectorAll("main .drawing svg")].flatMap(svg => {
    const box = svg.getBoundingClientRect();
    return [...svg.querySelectorAll("line, rect, circle, path, text")].filter(node => {
        const here = node.getBoundingClientRect();
        return here.left < box.left - 1 || here.right > box.right + 1 || here.top < box.top - 2 || here.bottom > box.bottom + 2;
    }).map(node => `${svg.getAttribute("aria-label")}: ${node.outerHTML.slice(0, 120)}`);
})"""
OVERLAPPING = """() => [...document.querySelectorAll("main .drawing svg")].flatMap(svg => {
    const texts = [...svg.querySelectorAll("text")].filter(node => node.textContent).map(node => [node.textContent, node.getBoundingClientRect()]);
    return texts.flatMap(([one, a], index) => texts.slice(index + 1)
        .filter(([, b]) => a.left < b.right - 2 && b.left < a.right - 2 && a.top < b.bottom - 4 && b.top < a.bottom - 4)
        .map(([other]) => `${svg.getAttribute("aria-label")}: ${one} / ${other}`));
})"""


@pytest.mark.parametrize(("low", "high", "ticks"), [
    (0, 1, [0, 0.2, 0.4, 0.6, 0.8, 1]), (0, 0.37, [0, 0.1, 0.2, 0.3, 0.4]), (0, 23.2, [0, 5, 10, 15, 20, 25]),
    (0, 10.1, [0, 5, 10, 15]), (-0.1, 9.9, [-2, 0, 2, 4, 6, 8, 10]), (0, 1200, [0, 500, 1000, 1500]), (97, 103, [96, 98, 100, 102, 104]),
    (0, 0.0003, [0, 0.0001, 0.0002, 0.0003]), (0, 0, [0, 0.2, 0.4, 0.6, 0.8, 1]), (7, 7, [0, 2, 4, 6, 8]),
])
def test_a_scale_begins_and_ends_at_round_numbers(page, low, high, ticks):
    found = page.evaluate("([low, high]) => scaleOf(low, high)", [low, high])
    assert found["ticks"] == ticks
    assert (found["low"], found["high"]) == (ticks[0], ticks[-1])


def test_any_span_has_a_few_round_numbers_and_is_inside_them(page):
    spans = [(low, low + 1.37 ** power) for power in range(-40, 60, 3) for low in (0, 1.37 ** (power - 9), -3 * 1.37 ** power)]
    for (low, high), found in zip(spans, page.evaluate("spans => spans.map(([low, high]) => scaleOf(low, high))", spans), strict=True):
        ticks, slack = found["ticks"], (high - low) * 1e-6
        assert 3 <= len(ticks) <= 9, (low, high, ticks)
        assert ticks[0] <= low + slack, (low, high, ticks)
        assert ticks[-1] >= high - slack, (low, high, ticks)
        step = ticks[1] - ticks[0]
        assert all(math.isclose(b - a, step, rel_tol=1e-6) for a, b in pairwise(ticks)), (low, high, ticks)
        assert round(step / 10 ** math.floor(math.log10(step) + 1e-9), 6) in (1, 2, 5), (low, high, step)


@pytest.mark.parametrize(("low", "high", "ticks"), [
    (0, 9.7, [0, 2, 4, 6, 8]), (1, 12, [2, 4, 6, 8, 10, 12]), (3, 3, [3]), (0.35, 0.61, [0.35, 0.4, 0.45, 0.5, 0.55, 0.6]), (0, math.inf, [0]),
])
def test_ticks_between_are_never_outside(page, low, high, ticks):
    high = "Infinity" if high == math.inf else high
    assert page.evaluate(f"ticksBetween({low}, {high}, 6)") == ticks


@pytest.mark.parametrize(("low", "high", "ticks"), [
    (0.0001, 30, [0.0001, 0.001, 0.01, 0.1, 1, 10, 100]), (0.0001, 0.1, [0.0001, 0.001, 0.01, 0.1]), (0.0001, 0, [0.0001, 0.001]),
])
def test_a_scale_of_powers_of_ten(page, low, high, ticks):
    assert page.evaluate("([low, high]) => logScaleOf(low, high).ticks", [low, high]) == ticks


@pytest.mark.parametrize(("scale", "value", "at"), [
    ("scaleOf(0, 10)", 5, 150), ("scaleOf(0, 10)", 99, 200), ("scaleOf(0, 10)", -1, 100),
    ("logScaleOf(0.001, 1)", 0.001, 100), ("logScaleOf(0.001, 1)", 0, 100), ("logScaleOf(0.01, 100)", 1, 150),
])
def test_a_mark_is_never_beyond_the_axis(page, scale, value, at):
    assert page.evaluate(f"along({scale}, 100, 200)({value})") == pytest.approx(at)


@pytest.mark.parametrize(("high", "value", "text"), [
    (0.4, 0.1, "100 ms"), (0.4, 0, "0 ms"), (4, 0.5, "0.5 s"), (1, 0.3, "0.3 s"), (0.0003, 0.0001, "0.1 ms"),
])
def test_an_axis_has_one_unit(page, high, value, text):
    assert page.evaluate(f"timeOn({high})({value})") == text


@pytest.mark.parametrize(("value", "text"), [(3.0476, "3.05"), (96.6667, "96.7"), (1234.5, "1235"), (-7.3333, "-7.33"), (0, "0"), (1, "1")])
def test_a_number_has_the_digits_that_matter(page, value, text):
    assert page.evaluate(f"shortNumber({value})") == text


def test_texts_have_room_only_beside_each_other(page):
    assert page.evaluate("""() => { const room = rooms(200);
        return [room(0, 20, "some words"), room(3, 20, "some words"), room(3, 40, "some words"), room(190, 60, "some words"),
                room(195, 60, "some words", "end"), room(3, 80, "some words", "end")]; }""") == [True, False, True, False, True, False]


def test_a_target_that_is_cut_keeps_its_python(page):
    cut = page.evaluate("cutTo(90, 'gunicorn-gthread@3.13')")
    assert cut.startswith("gun")
    assert cut.endswith("…@3.13")
    assert page.evaluate("cutTo(900, 'gunicorn-gthread@3.13')") == "gunicorn-gthread@3.13"


ROW = {"count": 9, "least": 0.1, "low": 0.2, "median": 0.3, "high": 0.4, "most": 0.5}
NEVER = {"count": 9, "least": 0, "low": 0, "median": 0, "high": 0, "most": 0}
DRAWN = """rows => { const nodes = boxPlot({title: "t", targets: rows.map((row, n) => ({target: `s@${n}`, ...row}))}).flat(3);
    return [nodes.flatMap(node => node ? [...node.querySelectorAll("rect.bar")] : []).length,
            nodes.filter(node => node && node.tagName === "P").map(node => node.textContent)]; }"""


@pytest.mark.parametrize(("rows", "boxes", "said"), [
    ([ROW, ROW], 2, []),
    ([ROW, {**ROW, "count": 1}], 1, ["Measured once, and not drawn: s@1, 300 ms."]),
    ([{**ROW, "count": 1}], 0, ["Measured once, and not drawn: s@0, 300 ms."]),
    ([ROW, NEVER], 1, ["No time that can be measured, less than half a millisecond: s@1."]),
    ([NEVER, NEVER], 0, ["No time that can be measured, less than half a millisecond: all 2 targets."]),
    ([NEVER] * 10 + [ROW], 1, ["No time that can be measured, less than half a millisecond: s@0, s@1, s@2, s@3, s@4, s@5, s@6 and 3 more."]),
])
def test_what_has_no_time_or_only_one_is_a_sentence(page, rows, boxes, said):
    assert page.evaluate(DRAWN, rows) == [boxes, said]


def test_a_whisker_beyond_the_axis_has_an_arrowhead(page):
    assert page.evaluate("rows => { const s = boxScale(rows); return [s.high, rows.map(row => row.most > s.high)]; }",
                         [ROW, {**ROW, "most": 60}]) == [0.8, [False, True]]
    heads = "rows => boxPlot({title: 't', targets: rows.map((row, n) => ({target: `s@${n}`, ...row}))}).flat(3)[1].querySelectorAll('.further').length"
    assert page.evaluate(heads, [ROW, {**ROW, "most": 60}]) == 1


def test_counts_that_never_grow_have_no_column_and_cells_without_growth_no_row(page):
    text = page.evaluate("""() => growthTable([{cell: "a@s@1", values: {threads: 0.5, children: 0}}, {cell: "b@s@1", values: {threads: 0, children: 0}}])
        .map(node => node.textContent).join("|")""")
    assert "In no cell: children. 1 of 2 cells have no growth at all, and no row." in text
    assert "threads per turn" in text
    assert "children per turn" not in text
    assert "b@s@1" not in text


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("target", ["#plots", cell("drawn")])
def test_drawings_fill_their_box_and_nothing_is_outside_or_overlaps(page, report, target, width, scheme):
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(report.as_uri() + target)
    shown(page)
    wide = page.eval_on_selector_all("main .drawing svg", "all => all.map(svg => [svg.getBoundingClientRect().width, svg.parentElement.parentElement.clientWidth])")
    assert wide
    for drawn, space in wide:
        assert drawn >= min(1100, space - 60), (drawn, space)
    assert page.evaluate(INSIDE) == []
    assert page.evaluate(OVERLAPPING) == []


def test_a_drawing_is_drawn_again_when_its_box_changes(page, report):
    page.set_viewport_size({"width": 1280, "height": 800})
    page.goto(report.as_uri() + "#plots")
    shown(page)
    page.set_viewport_size({"width": 500, "height": 800})
    page.wait_for_function("document.querySelector('main .drawing svg').viewBox.baseVal.width < 500")
    assert page.evaluate(INSIDE) == []
