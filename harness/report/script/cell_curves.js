// @ts-check
// What a step measured many times: the growth in a soak; a sweep of signals is in plot_sweeps.js.

const STRIP = 46; // pixels of the curve of one count

/** Growth in a soak: each count that changes over the samples, with the warm-up shaded; the others in a sentence. */
function growthCurves(seen) {
  const changing = Object.entries(seen.series).filter(([, values]) => Math.min(...values) < Math.max(...values));
  const still = Object.entries(seen.series).filter(([, values]) => values.length && Math.min(...values) === Math.max(...values));
  return [
    changing.length
      ? drawing("Growth", (width) => {
          const left = Math.min(150, width * 0.36);
          const across = {low: 1, high: seen.samples, ticks: ticksBetween(1, seen.samples, 8).filter(Number.isInteger), place: (value) => value};
          const x = along(across, left, width - 28);
          const bottom = 20 + changing.length * STRIP;
          return {
            height: bottom + 36,
            shapes: [
              svgNode("rect", {x: left, y: 16, width: x(seen.warm_up + 1) - left, height: bottom - 16, class: "warm"}),
              label(left + 3, 12, "warm-up: not judged"),
              ticksAcross(across, x, 16, bottom, String, width),
              label(width - 28, bottom + 32, "sample", {class: "label small", "text-anchor": "end"}),
              changing.map(([name, values], index) => growthCurve(name, values, x, 20 + index * STRIP, left, width)),
            ],
          };
        })
      : null,
    still.length
      ? make("p", {class: "soft"}, `The same in all samples: ${still.map(([name, values]) => `${countName(name)} ${values[0]}`).join(", ")}.`)
      : null,
    make(
      "details",
      {},
      make("summary", {}, `Growth as a table, ${seen.samples} samples`),
      tableOf(
        Array.from({length: seen.samples}, (_, number) => ({
          sample: number + 1,
          ...Object.fromEntries(Object.entries(seen.series).map(([name, values]) => [name, values[number]])),
        })),
        "Samples",
      ),
    ),
  ];
}

function growthCurve(name, values, x, top, left, width) {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const y = along({low, high, ticks: [], place: (value) => value}, top + STRIP - 8, top + 6);
  return [
    label(4, top + 18, cutTo(left - 8, countName(name))),
    label(4, top + 34, `${low} to ${high}`, {class: "label small"}),
    svgNode("path", {
      class: "line",
      d: values.map((value, number) => `${number ? "L" : "M"}${x(number + 1).toFixed(1)},${y(value).toFixed(1)}`).join(""),
    }),
    svgNode("line", {x1: left, x2: width - 28, y1: top + STRIP, y2: top + STRIP, class: "axis"}),
  ];
}

const DRAWINGS = {sweep: sweepCurve, growth: growthCurves};
