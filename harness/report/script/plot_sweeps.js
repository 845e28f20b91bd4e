// @ts-check
// How long a server took to end, by the moment of its signal: the sweep of a cell, and those of all targets.

const SHORTEST = 0.0001; // seconds at which the axis begins: what is measured is no finer

/**
 * The points of sweeps: ``at`` and ``took`` are where each is, ``text`` is written beside it where there is room.
 * ``ready`` is the moment at which an undisturbed server was ready; ``textOn`` gives the texts of an axis that ends somewhere.
 */
function sweepPlot(name, points, ready, textOn, under) {
  const scale = logScaleOf(SHORTEST, Math.max(...points.map((point) => point.took)));
  const drawn = drawing(name, (width) => {
    const [left, right, top, bottom] = [62, width - 28, 26, 206];
    const across = scaleOf(0, Math.max(...points.map((point) => point.at), ready), width < NARROW ? 4 : 8);
    const [x, y] = [along(across, left, right), along(scale, bottom, top)];
    const room = rooms(width);
    points.forEach((point) => room(x(point.at), y(point.took) + 4, "o", "middle", 8)); // no text across a point
    return {
      height: bottom + 22,
      shapes: [
        ticksUp(scale, y, left, right, shortTime),
        ticksAcross(across, x, bottom, bottom, textOn(across.high), width),
        svgNode("line", {x1: x(ready), x2: x(ready), y1: top - 6, y2: bottom, class: "axis dashed"}),
        readyLabel(x(ready), width),
        label(4, 12, "took", {class: "label small"}),
        points.map((point) => [
          titled(
            svgNode("circle", {cx: x(point.at), cy: y(point.took), r: 3.5, class: point.bad ? "point bad" : "point"}),
            point.title,
          ),
          point.text && room(x(point.at) + 6, y(point.took) - 5, point.text, "start", 10)
            ? label(x(point.at) + 6, y(point.took) - 5, point.text, {class: "label small"})
            : null,
        ]),
      ],
    };
  });
  return [drawn, make("p", {class: "soft"}, under)];
}

/** The words for the dashed line, on the side of it that has room. */
function readyLabel(x, width) {
  const words = "ready, undisturbed";
  const after = x + 4 + wideOf(words) < width;
  return label(after ? x + 4 : x - 4, 16, words, after ? {} : {"text-anchor": "end"});
}

/** Points of a sweep: how long the server took to end, by the moment of its signal; next to each, the exit code. */
function sweepCurve(seen) {
  const points = seen.points.slice().sort((a, b) => a.moment - b.moment);
  const shown = points.map((point) => ({
    at: point.moment,
    took: point.seconds,
    bad: point.late,
    text: point.lives_on && !point.late ? `again, ${point.exit}` : String(point.exit),
    title: `${seconds(point.moment)}${point.at ? `, at ${point.at}` : ""}: exit ${point.exit} after ${seconds(point.seconds)}`,
  }));
  return [
    ...(points.length > 1
      ? sweepPlot(
          `SIG${seen.signal} by moment`,
          shown,
          seen.ready_seconds,
          timeOn,
          `From left to right the moment of SIG${seen.signal} after the launch; beside a point, the exit code.`,
        )
      : []),
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

/** The sweeps of one scenario: all targets' points in one drawing, the moment as a part of the time to ready. */
function sweepsOf(scenario, sweeps) {
  const points = sweeps.flatMap((sweep) =>
    sweep.points.map(([moment, took, exit]) => ({
      at: (100 * moment) / sweep.ready,
      took,
      title: `${sweep.cell.split("@").slice(1).join("@")}: at ${seconds(moment)}, exit ${exit} after ${seconds(took)}`,
    })),
  );
  return [
    make("h3", {}, scenarioById.get(scenario).title),
    ...(points.length > 1
      ? sweepPlot(
          `Sweep: ${scenario}`,
          points,
          100,
          () => (value) => `${value} %`,
          `From left to right the moment of SIG${sweeps[0].signal}, as a part of the time from the launch until ready.`,
        )
      : []),
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
