// @ts-check
// Coverage: targets, files and scenarios.

const ONLY = {none: "no scenario", "one-scenario": "one scenario only", "one-python": "one Python only"};

/** The scenarios and the targets that reach one line, as numbers. */
function reachOf(lines, file, number) {
  const [scenarios, targets] = file.lines[number];
  return {scenarios: lines.sets[scenarios], targets: lines.sets[targets]};
}

function kindsOf(lines, reach) {
  if (!reach.scenarios.length) return ["none"];
  const kinds = [];
  if (reach.scenarios.length === 1) kinds.push("one-scenario");
  if (reach.targets.length === 1 && lines.targets.length > 1) kinds.push("one-python");
  return kinds;
}

function measuredTable() {
  return grid(
    "Coverage by target",
    ["target", "coverage", "statements", "missing", "branches", "partial", "cells by state of data", "pages"],
    data.coverage.map((line) =>
      [
        line.name,
        [line.percent === null ? "" : `${line.percent} %`, line.note].filter(Boolean).join("; "),
        line.statements,
        line.missing,
        line.branches,
        line.partial,
        Object.entries(line.states)
          .map(([state, count]) => `${state} ${count}`)
          .join(", "),
        line.page ? fileLink(line.page, "lines and contexts") : "",
      ].map((cell) => (typeof cell === "number" ? String(cell) : cell)),
    ),
  );
}

function fileTable(lines) {
  const counts = (file) => {
    const found = {none: 0, "one-scenario": 0, "one-python": 0};
    for (const number of Object.keys(file.lines))
      for (const kind of kindsOf(lines, reachOf(lines, file, number))) found[kind] += 1;
    return found;
  };
  return grid(
    "Coverage by file",
    ["file", "statements", ...Object.values(ONLY).map((text) => `reached by ${text}`)],
    lines.files.map((file) => {
      const found = counts(file);
      return [
        make("a", {href: `#coverage?file=${file.name}`}, file.name),
        file.note || String(Object.keys(file.lines).length),
        ...Object.keys(ONLY).map((kind) =>
          found[kind]
            ? make(
                "a",
                {
                  href: `#coverage?file=${file.name}&only=${kind}`,
                  "aria-label": `${counted(found[kind], "line")} of ${file.name} reached by ${ONLY[kind]}`,
                },
                String(found[kind]),
              )
            : "0",
        ),
      ];
    }),
  );
}

function scenarioTable(lines) {
  const reached = new Map(lines.scenarios.map((name) => [name, 0]));
  const alone = new Map(reached);
  for (const file of lines.files) {
    for (const number of Object.keys(file.lines)) {
      const {scenarios} = reachOf(lines, file, number);
      for (const scenario of scenarios) reached.set(lines.scenarios[scenario], reached.get(lines.scenarios[scenario]) + 1);
      if (scenarios.length === 1) alone.set(lines.scenarios[scenarios[0]], alone.get(lines.scenarios[scenarios[0]]) + 1);
    }
  }
  const rows = [...reached].filter(([, count]) => count).sort((a, b) => alone.get(b[0]) - alone.get(a[0]) || b[1] - a[1]);
  return grid(
    "Coverage by scenario",
    ["scenario", "lines reached", "reached by no other"],
    rows.map(([name, count]) => [
      make("a", {href: `#coverage?scenario=${name}`}, name),
      String(count),
      String(alone.get(name)),
    ]),
    "tall",
  );
}
