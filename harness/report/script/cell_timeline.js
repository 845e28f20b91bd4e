// @ts-check
// When things happened in a cell, as a drawing and as a table.

/** When each line of a server's log was first seen, from the ledger's counts; [] if the log was cut. */
function logLines(cell, name) {
  const text = under(cell.logs, name) || "";
  if (text.includes(" characters cut …]")) return [];
  const entries = cell.ledger.filter((entry) => Object.hasOwn(entry.lines, name));
  let current = 0;
  return text
    .split("\n")
    .filter((_line, index, all) => index < all.length - 1)
    .map((line, index) => {
      while (current < entries.length && entries[current].lines[name] <= index) current += 1;
      return current < entries.length ? {at: entries[current].at, server: name, line} : null;
    })
    .filter((item) => item !== null);
}

/** Everything that happened, in order: [seconds, kind, what, step]. */
function events(cell) {
  const found = [];
  for (const step of cell.observations || []) {
    found.push([step.at, "step", `${step.step}. ${step.act}${step.server === "main" ? "" : ` (server ${step.server})`}`]);
    for (const entry of step.wire) {
      found.push([entry.at, entry.direction, `${counted(entry.bytes, "byte")}: ${entry.text.split("\n")[0].slice(0, 100)}`]);
    }
    if (step.act === "signal") found.push([step.at, "signal", `SIG${step.seen.signal}`]);
    if (step.act === "kill") found.push([step.at, "signal", "SIGKILL"]);
    if (step.act === "stop") found.push([step.at, "signal", `SIGTERM${step.seen.forced ? ", then SIGKILL" : ""}`]);
    if (step.seen.exit !== undefined && step.seen.exit !== null) {
      found.push([step.at + step.seconds, "exit", `server ${step.server} ended with ${step.seen.exit}`]);
    }
  }
  for (const name of Object.keys(cell.logs || {})) {
    for (const item of logLines(cell, name)) {
      const state = /\bBus ([A-Z]+)\b/.exec(item.line);
      found.push([item.at, state ? "state" : "log", state ? `${state[1]} (server ${name})` : item.line.slice(0, 160)]);
    }
  }
  for (const entry of cell.ledger) {
    const states = Object.entries(entry.states || {})
      .map(([state, count]) => `${count} ${state}`)
      .join(", ");
    found.push([
      entry.at,
      "ledger",
      `${counted(entry.descriptors, "descriptor")}, ${counted(entry.threads, "thread")}, ${counted(entry.children, "child", "children")}` +
        (entry.states ? `; sockets: ${states || "none"}` : ""),
    ]);
  }
  return found.sort((a, b) => a[0] - b[0]);
}

/** The lanes of a timeline, from top to bottom: each has a name, a height, and what is drawn from ``top`` on. */
function lanes(cell, all, end) {
  const failed = new Set(((cell.behaviour || {}).failures || []).map((failure) => failure.step));
  const marks = (name, kinds, height, klass = "") => {
    const here = all.filter((event) => kinds.includes(event[1]));
    return here.length ? {name, height, draw: (x, top) => here.map((event) => eventMark(event, x, top, height, klass))} : null;
  };
  const looked = cell.ledger.filter((entry) => entry.states);
  const counts = [
    ...["descriptors", "threads", "children"].map((name) => [name, cell.ledger.map((entry) => [entry.at, entry[name]])]),
    ...unique(looked.flatMap((entry) => Object.keys(entry.states))).map((state) => [
      state,
      looked.map((entry) => [entry.at, under(entry.states, state) || 0]),
    ]),
  ];
  const steps = (cell.observations || []).filter((step) => step.at <= end);
  return {
    drawn: [
      {name: "steps", height: 18, draw: (x, top) => steps.map((step) => stepBar(step, x, top, failed.has(step.step)))},
      marks("bytes: sent over received", ["sent", "received"], 18),
      marks("signals, exits", ["signal", "exit"], 16),
      marks("log lines", ["log", "state"], 12, "log"),
      stateLane(all),
      ...counts.filter(([, points]) => changes(points)).map(([name, points]) => countLane(name, points, end)),
    ].filter((lane) => lane !== null),
    still: counts.filter(([, points]) => points.length && !changes(points)).map(([name, points]) => [name, points[0][1]]),
  };
}

function changes(points) {
  return points.some((point) => point[1] !== points[0][1]);
}

function stepBar(step, x, top, bad) {
  const from = x(step.at);
  const wide = Math.max(2, x(step.at + step.seconds) - from);
  return [
    titled(
      svgNode("rect", {x: from, y: top, width: wide, height: 16, class: bad ? "bar bad" : "bar"}),
      `${step.step}. ${step.act}: at ${seconds(step.at)}, took ${seconds(step.seconds)}`,
    ),
    wide > wideOf(String(step.step)) + 6 ? label(from + 3, top + 12, String(step.step)) : null,
  ];
}

function eventMark(event, x, top, height, klass) {
  return titled(
    svgNode("line", {
      x1: x(event[0]),
      x2: x(event[0]),
      y1: top + (event[1] === "received" ? height / 2 : 0),
      y2: top + (event[1] === "sent" ? height / 2 : height),
      class: `mark ${klass || event[1]}`,
    }),
    `${seconds(event[0])} ${event[1]}: ${event[2]}`,
  );
}

/** The states of the bus: those of one moment are one mark, and a name without room is only in its mark's title. */
function stateLane(all) {
  const moments = new Map();
  for (const event of all.filter((item) => item[1] === "state")) {
    moments.set(event[0], [...(moments.get(event[0]) || []), event[2].split(" ")[0]]);
  }
  if (!moments.size) return null;
  const draw = (x, top, width) => {
    const room = rooms(width);
    return [...moments].map(([at, names]) => {
      const text = names.length > 1 ? `${names[0]} … ${names[names.length - 1]}` : names[0];
      const row = [0, 1, 2].find((number) => room(x(at) + 3, top + 10 + number * 12, text, "start", 10));
      return [
        titled(
          svgNode("line", {x1: x(at), x2: x(at), y1: top, y2: top + 38, class: "mark state"}),
          `${seconds(at)}: ${names.join(", ")}`,
        ),
        row === undefined ? null : label(x(at) + 3, top + 10 + row * 12, text, {class: "label small"}),
      ];
    });
  };
  return {name: "bus states", height: 38, draw};
}

function countLane(name, points, end) {
  const most = Math.max(...points.map((point) => point[1]), 1);
  return {
    name: `${name} ≤ ${most}`,
    height: 24,
    draw: (x, top) => [stairs(points, x, (value) => top + 24 - 22 * (value / most), end)],
  };
}

/** The lanes below an axis of round times; in a narrow box the name of a lane is above it. */
function timeDrawing(shown, end) {
  const across = {low: 0, high: end, place: (value) => value};
  return drawing("Timeline", (width) => {
    const [left, right] = [width < NARROW ? 8 : 164, width - 22];
    const x = along(across, left, right);
    const shapes = [];
    let top = 24;
    for (const lane of shown) {
      if (width < NARROW) top += 16;
      shapes.push(
        width < NARROW ? label(4, top - 4, lane.name) : label(4, top + lane.height / 2 + 4, lane.name),
        svgNode("line", {x1: left, x2: right, y1: top + lane.height, y2: top + lane.height, class: "axis"}),
        lane.draw(x, top, width),
      );
      top += lane.height + 6;
    }
    const room = rooms(width);
    const times = ticksBetween(0, end, width < NARROW ? 4 : 8).map((tick) => [
      svgNode("line", {x1: x(tick), x2: x(tick), y1: 16, y2: top, class: "axis"}),
      tickLabel(x(tick), timeOn(end)(tick), left, room),
    ]);
    return {height: top + 4, shapes: [times, shapes]};
  });
}

/** The text of a tick above the lanes: the first begins at its line, so that it is not cut off. */
function tickLabel(x, text, left, room) {
  const anchor = x === left ? "start" : "middle";
  return room(x, 12, text, anchor) ? label(x, 12, text, {"text-anchor": anchor}) : null;
}

function timeLine(cell) {
  const all = events(cell);
  const end = Math.max(cell.seconds || 0, ...all.map((event) => event[0]), 0.001);
  const {drawn, still} = lanes(cell, all, end);
  const throughout = still.filter(([, count]) => count).map(([name, count]) => `${name} ${count}`);
  return [
    timeDrawing(drawn, end),
    throughout.length ? make("p", {class: "soft"}, `Whenever the ledger looked: ${throughout.join(", ")}.`) : null,
    make(
      "details",
      {},
      make("summary", {}, `Timeline as a table, ${all.length} events`),
      tableOf(
        all.map(([at, kind, what]) => ({at: at.toFixed(3), kind, what})),
        "Seconds on the cell's clock; log lines when the ledger first saw them",
      ),
    ),
  ];
}
