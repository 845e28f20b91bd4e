// @ts-check
// The plots: how long things take on each target, sweeps of all targets, growth in soaks.

/** A list in a sentence: "threads", "threads and children". */
function andList(names) {
  return names.length < 2 ? names.join("") : `${names.slice(0, -1).join(", ")} and ${names[names.length - 1]}`;
}

/** A count of a soak as people call it. */
function countName(name) {
  return name === "rss_kib" ? "KiB of memory" : name;
}

/** Growth in soaks: one row per cell that grows, one column per count that grows somewhere, and a bar for what grows. */
function growthTable(growths) {
  const names = unique(growths.flatMap((growth) => Object.keys(growth.values)));
  const some = names.filter((name) => growths.some((growth) => growth.values[name]));
  const never = names.filter((name) => !some.includes(name));
  const rows = growths.filter((growth) => some.some((name) => growth.values[name]));
  const most = Object.fromEntries(some.map((name) => [name, Math.max(...rows.map((row) => row.values[name] || 0), 1e-9)]));
  const bar = (name, value) =>
    make(
      "span",
      {class: "growth"},
      svgNode(
        "svg",
        {width: 50, height: 10, viewBox: "0 0 50 10", "aria-hidden": "true"},
        value > 0 ? svgNode("rect", {x: 0.5, y: 1, width: Math.max(1, (48 * value) / most[name]), height: 8, class: "bar"}) : null,
      ),
      ` ${shortNumber(value)}`,
    );
  const still = growths.length - rows.length;
  return [
    make(
      "p",
      {},
      "Growth per turn, without the warm-up. ",
      never.length ? `In no cell: ${andList(never.map(countName))}. ` : null,
      still ? `${still} of ${counted(growths.length, "cell has", "cells have")} no growth at all, and no row.` : null,
    ),
    rows.length
      ? grid(
          "Growth in soaks",
          ["cell", ...some.map((name) => `${countName(name)} per turn`)],
          rows.map((growth) => [
            make("a", {href: `#cell/${growth.cell}`}, growth.cell),
            ...some.map((name) => bar(name, growth.values[name] || 0)),
          ]),
          "tall",
        )
      : null,
  ];
}

async function plotsPage() {
  const plots = await unpack("*plots");
  const bySweep = new Map();
  for (const sweep of plots.sweeps)
    bySweep.set(sweep.cell.split("@")[0], [...(bySweep.get(sweep.cell.split("@")[0]) || []), sweep]);
  return [
    make("h2", {}, "Plots"),
    make(
      "p",
      {},
      "These times are from one machine on one day: compare targets within this run, not with another run's. ",
      "A box is the middle half of the times, its thick line the median, and the thin line reaches from the shortest to the longest; ",
      "an arrowhead means that the longest is beyond the axis.",
    ),
    plots.times.map(boxPlot),
    bySweep.size
      ? [
          make("h2", {}, "A signal at each moment of a start"),
          make("p", {}, "How long the server took to end; each line of the axis is ten times the one before."),
          [...bySweep].map(([scenario, sweeps]) => sweepsOf(scenario, sweeps)),
        ]
      : null,
    plots.growths.length ? [make("h2", {}, "Growth in soaks"), growthTable(plots.growths)] : null,
  ];
}
