// Drawings as inline SVG, each with the same numbers as a table: a cell's timeline, a sweep, the growth in a soak.

const SVG = "http://www.w3.org/2000/svg";
const WIDTH = 860;
const LEFT = 160;

function draw_(name, attributes = {}, ...children) {
  const node = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  for (const child of children.flat()) if (child !== null && child !== undefined) node.append(child);
  return node;
}

function label(x, y, text, attributes = {}) {
  return draw_("text", {x, y, class: "label", ...attributes}, text);
}

function titled(node, text) {
  node.append(draw_("title", {}, text));
  return node;
}

function drawing(height, name, ...children) {
  return make(
    "div",
    {class: "scroll", tabindex: "0", role: "region", "aria-label": name},
    draw_("svg", {viewBox: `0 0 ${WIDTH} ${height}`, width: WIDTH, height, role: "img", "aria-label": name}, ...children),
  );
}

function seconds(value) {
  return value >= 10 ? `${value.toFixed(1)} s` : `${value.toFixed(3)} s`;
}

/** A polyline that holds its value until the next one. */
function stairs(points, x, y, end) {
  const path = [];
  points.forEach(([at, value], index) => {
    path.push(`${index ? "L" : "M"}${x(at).toFixed(1)},${y(value).toFixed(1)}`);
    const next = index + 1 < points.length ? points[index + 1][0] : end;
    path.push(`L${x(next).toFixed(1)},${y(value).toFixed(1)}`);
  });
  return draw_("path", {d: path.join(""), class: "line"});
}

/** When each line of a server's log was first seen, from the ledger's counts; [] if the log was cut. */
function logLines(cell, name) {
  const text = cell.logs[name] || "";
  if (text.includes(" characters cut …]")) return [];
  const entries = cell.ledger.filter((entry) => name in entry.lines);
  let current = 0;
  return text
    .split("\n")
    .filter((line, index, all) => index < all.length - 1)
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
      draw_("line", {x1: LEFT, x2: WIDTH - 20, y1: top + height, y2: top + height, class: "axis"}),
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
            draw_("rect", {x: from, y: top, width: wide, height: 16, class: failed.has(step.step) ? "bar bad" : "bar"}),
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
            draw_("line", {
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
              draw_("line", {x1: x(at), x2: x(at), y1: top, y2: top + 38, class: "mark state"}),
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
      draw_("line", {x1: LEFT, x2: WIDTH - 40, y1: 180, y2: 180, class: "axis"}),
      draw_("line", {x1: x(seen.ready_seconds), x2: x(seen.ready_seconds), y1: 20, y2: 180, class: "axis dashed"}),
      label(x(seen.ready_seconds) + 3, 16, `ready, undisturbed: ${seconds(seen.ready_seconds)}`),
      label(4, 34, `took ${seconds(longest)}`),
      label(4, 184, "took 0 s"),
      label(LEFT, 200, "exec"),
      label(WIDTH - 40, 200, seconds(last), {"text-anchor": "end"}),
      label(LEFT + 40, 215, `moment of SIG${seen.signal}; next to each point, the exit code`),
      points
        .map((point) => [
          titled(
            draw_("circle", {cx: x(point.moment), cy: y(point.seconds), r: 4, class: point.late ? "point bad" : "point"}),
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
      draw_("path", {
        class: "line",
        d: values.map((value, number) => `${number ? "L" : "M"}${x(number).toFixed(1)},${y(value).toFixed(1)}`).join(""),
      }),
      draw_("line", {x1: LEFT, x2: WIDTH - 20, y1: top + 32, y2: top + 32, class: "axis"}),
    );
    top += 40;
  }
  shapes.push(
    draw_("rect", {x: LEFT, y: 14, width: x(seen.warm_up) - LEFT, height: top - 20, class: "warm"}),
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
