// @ts-check
// What a step measured many times: a sweep of signals, the growth in a soak.

/** Points of a sweep: how long the server took to end, by the moment of its signal; next to each, the exit code. */
function sweepCurve(seen) {
  const last = Math.max(...seen.points.map((point) => point.moment), seen.ready_seconds, 0.001);
  const longest = Math.max(...seen.points.map((point) => point.seconds), 0.1);
  const x = (at) => LEFT + (WIDTH - LEFT - 60) * (at / last);
  const y = (value) => 180 - 150 * (value / longest);
  const points = seen.points.slice().sort((a, b) => a.moment - b.moment);
  return [
    drawing(
      220,
      `SIG${seen.signal} by moment`,
      svgNode("line", {x1: LEFT, x2: WIDTH - 40, y1: 180, y2: 180, class: "axis"}),
      svgNode("line", {x1: x(seen.ready_seconds), x2: x(seen.ready_seconds), y1: 20, y2: 180, class: "axis dashed"}),
      label(x(seen.ready_seconds) + 3, 16, `ready, undisturbed: ${seconds(seen.ready_seconds)}`),
      label(4, 34, `took ${seconds(longest)}`),
      label(4, 184, "took 0 s"),
      label(LEFT, 200, "exec"),
      label(WIDTH - 40, 200, seconds(last), {"text-anchor": "end"}),
      label(LEFT + 40, 215, `moment of SIG${seen.signal}; next to each point, the exit code`),
      points
        .map((point) => [
          titled(
            svgNode("circle", {cx: x(point.moment), cy: y(point.seconds), r: 4, class: point.late ? "point bad" : "point"}),
            `${seconds(point.moment)}${point.at ? `, at ${point.at}` : ""}: exit ${point.exit} after ${seconds(point.seconds)}`,
          ),
          label(
            x(point.moment) + 6,
            y(point.seconds) - 5,
            point.lives_on && !point.late ? `again, ${point.exit}` : String(point.exit),
            {class: "label small"},
          ),
        ])
        .flat(),
    ),
    tableOf(
      points.map((point) => ({
        moment: seconds(point.moment),
        at: point.at || "–",
        exit: point.exit,
        took: seconds(point.seconds),
        "the signal ended it": point.lives_on ? "no" : "yes",
        late: point.late ? "yes" : "no",
        port: point.port,
        "processes left": point.left,
        "last line of the log": point.last,
      })),
      `SIG${seen.signal}, ${points.length} moments`,
    ),
  ];
}

/** Growth in a soak: each count over the samples, with the warm-up shaded. */
function growthCurves(seen) {
  const shapes = [];
  let top = 18;
  const x = (number) => LEFT + (WIDTH - LEFT - 20) * (number / Math.max(1, seen.samples - 1));
  for (const [name, values] of Object.entries(seen.series)) {
    const low = Math.min(...values);
    const high = Math.max(...values, low + 1);
    const y = (value) => top + 30 - 28 * ((value - low) / (high - low));
    shapes.push(
      label(4, top + 14, name),
      label(4, top + 28, `${Math.min(...values)}…${Math.max(...values)}`, {class: "label small"}),
      svgNode("path", {
        class: "line",
        d: values.map((value, number) => `${number ? "L" : "M"}${x(number).toFixed(1)},${y(value).toFixed(1)}`).join(""),
      }),
      svgNode("line", {x1: LEFT, x2: WIDTH - 20, y1: top + 32, y2: top + 32, class: "axis"}),
    );
    top += 40;
  }
  shapes.push(
    svgNode("rect", {x: LEFT, y: 14, width: x(seen.warm_up) - LEFT, height: top - 20, class: "warm"}),
    label(LEFT + 3, 12, "warm-up: not judged"),
  );
  return [
    drawing(top + 4, "Growth", ...shapes),
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

const DRAWINGS = {sweep: sweepCurve, growth: growthCurves};
