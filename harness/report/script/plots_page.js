// @ts-check
// The plots: how long things take on each target, sweeps of all targets, growth in soaks.

const ROW_HEIGHT = 18;

/** A box for each target: minimum, quartiles, maximum; the median is the thick line. */
function boxPlot(plot) {
  // A single cell that took a minute must not squeeze all boxes: beyond this the whisker is cut, and its end is written.
  const most =
    Math.min(Math.max(...plot.targets.map((row) => row.most)), 2 * Math.max(...plot.targets.map((row) => row.high))) || 0.001;
  const left = 190;
  const right = WIDTH - 120;
  const x = (value) => left + (right - left) * Math.min(1, value / most);
  const shapes = plot.targets.map((row, index) => {
    const y = 20 + index * ROW_HEIGHT;
    return [
      label(4, y + 12, row.target),
      titled(
        svgNode(
          "g",
          {},
          svgNode("line", {x1: x(row.least), x2: x(row.most), y1: y + 8, y2: y + 8, class: "whisker"}),
          svgNode("rect", {x: x(row.low), y: y + 3, width: Math.max(1, x(row.high) - x(row.low)), height: 10, class: "bar"}),
          svgNode("line", {x1: x(row.median), x2: x(row.median), y1: y + 1, y2: y + 15, class: "median"}),
        ),
        `${row.target}: median ${seconds(row.median)}, from ${seconds(row.least)} to ${seconds(row.most)}, ${row.count} times`,
      ),
      label(right + 8, y + 12, `${seconds(row.median)}, ${seconds(row.most)}${row.most > most ? " ›" : ""}`, {
        class: "label small",
      }),
    ];
  });
  return [
    make("h3", {}, plot.title),
    drawing(
      26 + plot.targets.length * ROW_HEIGHT,
      plot.title,
      label(left, 12, "0 s"),
      label(right, 12, seconds(most), {"text-anchor": "end"}),
      label(right + 8, 12, "median, max"),
      shapes.flat(),
    ),
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

/** The sweeps of one scenario: all targets' points in one drawing, the moment as a fraction of the time to ready. */
function sweepsOf(scenario, sweeps) {
  const points = sweeps.flatMap((sweep) =>
    sweep.points.map(([moment, took, exit]) => ({sweep, part: moment / sweep.ready, took, exit})),
  );
  const most = Math.max(...points.map((point) => point.took), 0.1);
  const widest = Math.max(...points.map((point) => point.part), 1);
  const x = (part) => LEFT + (WIDTH - LEFT - 40) * (part / widest);
  const y = (took) => 180 - 150 * (took / most);
  return [
    make("h3", {}, scenarioById.get(scenario).title),
    drawing(
      215,
      `Sweep: ${scenario}`,
      svgNode("line", {x1: LEFT, x2: WIDTH - 40, y1: 180, y2: 180, class: "axis"}),
      svgNode("line", {x1: x(1), x2: x(1), y1: 20, y2: 180, class: "axis dashed"}),
      label(x(1) + 3, 16, "ready, undisturbed"),
      label(4, 34, `took ${seconds(most)}`),
      label(4, 184, "took 0 s"),
      label(LEFT, 200, `SIG${sweeps[0].signal} at the launch`),
      points.map((point) =>
        titled(
          svgNode("circle", {cx: x(point.part), cy: y(point.took), r: 3, class: "point"}),
          `${point.sweep.cell.split("@").slice(1).join("@")}: at ${seconds(point.part * point.sweep.ready)}, exit ${point.exit} after ${seconds(point.took)}`,
        ),
      ),
    ),
    make(
      "details",
      {},
      make("summary", {}, `The numbers, ${points.length} points`),
      grid(
        `Sweep ${scenario}: the numbers`,
        ["cell", "points", "longest", "exit codes"],
        sweeps.map((sweep) => [
          make("a", {href: `#cell/${sweep.cell}`}, sweep.cell),
          String(sweep.points.length),
          seconds(Math.max(...sweep.points.map((point) => point[1]))),
          unique(sweep.points.map((point) => String(point[2]))).join(", "),
        ]),
      ),
    ),
  ];
}

/** Growth in soaks: one row per cell, one column per count, and a bar if it grows. */
function growthTable(growths) {
  const names = unique(growths.flatMap((growth) => Object.keys(growth.values)));
  const most = Object.fromEntries(
    names.map((name) => [name, Math.max(...growths.map((growth) => Math.abs(growth.values[name] || 0)), 1e-9)]),
  );
  return grid(
    "Growth in soaks",
    ["cell", ...names.map((name) => `${name} per turn`)],
    growths.map((growth) => [
      make("a", {href: `#cell/${growth.cell}`}, growth.cell),
      ...names.map((name) => {
        const value = growth.values[name] || 0;
        return make(
          "span",
          {class: "growth"},
          svgNode(
            "svg",
            {width: 50, height: 10, viewBox: "0 0 50 10", "aria-hidden": "true"},
            value
              ? svgNode("rect", {x: 0, y: 1, width: Math.max(1, (48 * Math.abs(value)) / most[name]), height: 8, class: "bar"})
              : null,
          ),
          ` ${value}`,
        );
      }),
    ]),
    "tall",
  );
}

async function plotsPage() {
  const plots = await unpack("*plots");
  const bySweep = new Map();
  for (const sweep of plots.sweeps)
    bySweep.set(sweep.cell.split("@")[0], [...(bySweep.get(sweep.cell.split("@")[0]) || []), sweep]);
  return [
    make("h2", {}, "Plots"),
    make("p", {}, "These times are from one machine on one day: compare targets within this run, not with another run's."),
    plots.times.map(boxPlot),
    bySweep.size
      ? [
          make("h2", {}, "A signal at each moment of a start"),
          [...bySweep].map(([scenario, sweeps]) => sweepsOf(scenario, sweeps)),
        ]
      : null,
    plots.growths.length
      ? [
          make("h2", {}, "Growth in soaks"),
          make("p", {}, "Growth per turn, without the warm-up; counts that do not grow have no bar."),
          growthTable(plots.growths),
        ]
      : null,
  ];
}
