// @ts-check
// How long something took on each target: a box for each, from what is measured more than once.

const ROW_HEIGHT = 20;
const TALL = 12; // rows of a drawing that has its axis above it, too
const MOST_NAMED = 8; // targets that a sentence names

/** Names in a sentence: "a, b and 3 more". */
function named(names) {
  const shown = names.slice(0, names.length > MOST_NAMED ? MOST_NAMED - 1 : MOST_NAMED);
  const left = names.length - shown.length;
  return left ? `${shown.join(", ")} and ${left} more` : shown.join(", ");
}

/** What is not drawn, and why: what took no time that can be measured, and what was measured once. */
function notDrawn(rows) {
  const never = rows.filter((row) => row.most < 0.0005);
  const once = rows.filter((row) => row.count < 2 && !never.includes(row));
  const here = (some) => (some.length === rows.length && some.length > 1 ? `all ${some.length} targets` : named(some.map((row) => row.target)));
  return {
    drawn: rows.filter((row) => !never.includes(row) && !once.includes(row)),
    sentences: [
      never.length ? `No time that can be measured, less than half a millisecond: ${here(never)}.` : null,
      once.length ? `Measured once, and not drawn: ${named(once.map((row) => `${row.target}, ${shortTime(row.median)}`))}.` : null,
    ],
  };
}

/** The scale of boxes: a single cell that took a minute must not squeeze them all, so that the longest whiskers may be cut. */
function boxScale(rows) {
  const most = Math.max(...rows.map((row) => row.most));
  return scaleOf(0, Math.min(most, 2 * Math.max(...rows.map((row) => row.high))) || most);
}

function boxRow(row, x, y, scale, left, right, width) {
  const cut = row.most > scale.high;
  const end = x(row.most);
  return [
    titled(label(left - 8, y + 13, cutTo(left - 12, row.target), {"text-anchor": "end"}), row.target),
    titled(
      svgNode(
        "g",
        {},
        svgNode("line", {x1: x(row.least), x2: end, y1: y + 9, y2: y + 9, class: "whisker"}),
        svgNode("rect", {x: x(row.low), y: y + 4, width: Math.max(1, x(row.high) - x(row.low)), height: 10, class: "bar"}),
        svgNode("line", {x1: x(row.median), x2: x(row.median), y1: y + 2, y2: y + 16, class: "median"}),
        cut ? svgNode("path", {d: `M${end - 6},${y + 5}L${end},${y + 9}L${end - 6},${y + 13}`, class: "further"}) : null,
      ),
      `${row.target}: median ${seconds(row.median)}, from ${seconds(row.least)} to ${seconds(row.most)}, ${counted(row.count, "time")}`,
    ),
    width < NARROW ? null : label(right + 12, y + 13, `${shortTime(row.median)}, ${shortTime(row.most)}`, {class: "label small"}),
  ];
}

/** A box for each target: minimum, quartiles, maximum; the median is the thick line. */
function boxPlot(plot) {
  const {drawn, sentences} = notDrawn(plot.targets);
  const longest = Math.max(0, ...drawn.map((row) => wideOf(row.target))) + 14;
  return [
    make("h3", {}, plot.title),
    drawn.length
      ? drawing(plot.title, (width) => {
          const left = Math.min(longest, width * 0.42);
          const right = width - (width < NARROW ? 24 : 130);
          const scale = boxScale(drawn);
          const x = along(scale, left, right);
          const bottom = 20 + drawn.length * ROW_HEIGHT;
          return {
            height: bottom + 22,
            shapes: [
              ticksAcross(scale, x, 16, bottom, timeOn(scale.high), width),
              drawn.length > TALL ? ticksAcross(scale, x, 16, -4, timeOn(scale.high), width) : null,
              width < NARROW ? null : label(right + 12, 12, "median, maximum", {class: "label small"}),
              drawn.map((row, index) => boxRow(row, x, 18 + index * ROW_HEIGHT, scale, left, right, width)),
            ],
          };
        })
      : null,
    sentences.map((sentence) => (sentence ? make("p", {class: "soft"}, sentence) : null)),
    make(
      "details",
      {},
      make("summary", {}, "The numbers"),
      grid(
        `${plot.title}: the numbers`,
        ["target", "count", "minimum", "lower quartile", "median", "upper quartile", "maximum"],
        plot.targets.map((row) => [
          row.target,
          String(row.count),
          ...["least", "low", "median", "high", "most"].map((key) => seconds(row[key])),
        ]),
      ),
    ),
  ];
}
