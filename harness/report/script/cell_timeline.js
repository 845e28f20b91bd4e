// @ts-check
// When things happened in a cell, as a drawing and as a table.

/** When each line of a server's log was first seen, from the ledger's counts; [] if the log was cut. */
function logLines(cell, name) {
  const text = cell.logs[name] || "";
  if (text.includes(" characters cut …]")) return [];
  const entries = cell.ledger.filter((entry) => name in entry.lines);
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
      found.push([entry.at, entry.direction, `${entry.bytes} bytes: ${entry.text.split("\n")[0].slice(0, 100)}`]);
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
      `${entry.descriptors} descriptors, ${entry.threads} threads, ${entry.children} children` +
        (entry.states ? `; sockets: ${states || "none"}` : ""),
    ]);
  }
  return found.sort((a, b) => a[0] - b[0]);
}

function timeLine(cell) {
  const all = events(cell);
  const end = Math.max(cell.seconds || 0, ...all.map((event) => event[0]), 0.001);
  const x = (at) => LEFT + (WIDTH - LEFT - 20) * (at / end);
  const shapes = [];
  let top = 18;
  const lane = (name, height, ...nodes) => {
    shapes.push(
      label(4, top + height / 2 + 4, name),
      svgNode("line", {x1: LEFT, x2: WIDTH - 20, y1: top + height, y2: top + height, class: "axis"}),
      ...nodes,
    );
    top += height + 6;
  };
  const failed = new Set(((cell.behaviour || {}).failures || []).map((failure) => failure.step));
  lane(
    "steps",
    18,
    (cell.observations || [])
      .map((step) => {
        const from = x(step.at);
        const wide = Math.max(2, x(step.at + step.seconds) - from);
        return [
          titled(
            svgNode("rect", {x: from, y: top, width: wide, height: 16, class: failed.has(step.step) ? "bar bad" : "bar"}),
            `${step.step}. ${step.act}: at ${seconds(step.at)}, took ${seconds(step.seconds)}`,
          ),
          wide > 14 ? label(from + 3, top + 12, String(step.step)) : null,
        ];
      })
      .flat(),
  );
  const marks = (name, kinds, height, klass) => {
    const here = all.filter((event) => kinds.includes(event[1]));
    if (here.length) {
      lane(
        name,
        height,
        here.map((event) =>
          titled(
            svgNode("line", {
              x1: x(event[0]),
              x2: x(event[0]),
              y1: top + (event[1] === "received" ? height / 2 : 0),
              y2: top + (event[1] === "sent" ? height / 2 : height),
              class: `mark ${klass || event[1]}`,
            }),
            `${seconds(event[0])} ${event[1]}: ${event[2]}`,
          ),
        ),
      );
    }
  };
  marks("bytes: sent over received", ["sent", "received"], 18);
  marks("signals, exits", ["signal", "exit"], 16);
  marks("log lines", ["log", "state"], 12, "log");
  const groups = new Map();
  for (const event of all.filter((item) => item[1] === "state")) {
    groups.set(event[0], [...(groups.get(event[0]) || []), event[2].split(" ")[0]]);
  }
  if (groups.size) {
    const ends = [0, 0, 0]; // where the text of each row ends: a name without room is only in its mark's title
    lane(
      "bus states",
      38,
      [...groups]
        .map(([at, names]) => {
          const text = names.length > 1 ? `${names[0]} … ${names[names.length - 1]}` : names[0];
          const row = ends.findIndex((free) => free <= x(at));
          const room = row >= 0 && x(at) + text.length * 6.5 < WIDTH;
          if (room) ends[row] = x(at) + text.length * 6.5 + 6;
          return [
            titled(
              svgNode("line", {x1: x(at), x2: x(at), y1: top, y2: top + 38, class: "mark state"}),
              `${seconds(at)}: ${names.join(", ")}`,
            ),
            room ? label(x(at) + 3, top + 10 + row * 12, text, {class: "label small"}) : null,
          ];
        })
        .flat(),
    );
  }
  const curve = (name, points) => {
    const most = Math.max(...points.map((point) => point[1]), 1);
    if (!points.some((point) => point[1])) return;
    lane(
      `${name} ≤ ${most}`,
      24,
      stairs(points, x, (value) => top + 24 - 22 * (value / most), end),
    );
  };
  for (const name of ["descriptors", "threads", "children"])
    curve(
      name,
      cell.ledger.map((entry) => [entry.at, entry[name]]),
    );
  const looked = cell.ledger.filter((entry) => entry.states);
  for (const state of [...new Set(looked.flatMap((entry) => Object.keys(entry.states)))]) {
    curve(
      state,
      looked.map((entry) => [entry.at, entry.states[state] || 0]),
    );
  }
  shapes.push(label(LEFT, 12, "0 s"), label(WIDTH - 20, 12, seconds(end), {"text-anchor": "end"}));
  return [
    drawing(top + 4, "Timeline", ...shapes),
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
