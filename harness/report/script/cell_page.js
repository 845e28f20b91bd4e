// @ts-check
// The page of one cell: #cell/SCENARIO@SERVER@PYTHON, followed by ~NAME-LINE for a line of a server's log.

function verdictLine(name, verdict) {
  if (!verdict) return null;
  return make("p", {}, `${name}: `, word(verdict.outcome), verdict.reason ? ` ${verdict.reason}` : "");
}

/** That a cell's server had answered other cells before it, and what became of the cell when it ran alone. */
function sharedLine(cell) {
  const {launch, after, alone, there} = cell.shared;
  const files = ` Its ${cell.coverage === "data" ? "log and coverage are" : "log is"} in launches/${launch} of the run's folder.`;
  if (alone && RED.includes(alone))
    return make("p", {class: "soft"}, `On a launch shared with other cells it was “${there}”, so it ran again alone: this is what was seen then.`);
  return make(
    "p",
    {class: "soft"},
    after.length
      ? ["It asked a server that had answered other cells before: ", joined(after.map((id) => make("a", {href: `#cell/${id}`}, id))), "."]
      : "It was the first cell on a launch that other cells shared.",
    files,
    alone ? ` Alone it is ${alone}: alone.json, beside its history.json, is what was seen then.` : "",
  );
}

/** Of a check: its level, and where all servers' answers are side by side. */
function checkLine(scenario, target) {
  const page = (folder, name) => `${folder}/${encodeURIComponent(name.replace(/[^A-Za-z0-9._+-]/g, "_"))}.html`;
  const column = subjectOf(target);
  return make(
    "p",
    {},
    `A check of level ${scenario.grade}: `,
    fileLink(`${page("checks", scenario.table)}#${scenario.id.slice(scenario.table.length + 1)}`, "all servers' answers"),
    ", ",
    fileLink(page("servers", column), `what ${column} does otherwise than its peers`),
    ".",
  );
}

/** The same scenario on the other Pythons of this server, and what other servers made of it: the worst of each. */
function siblingsBlock(scenario, target) {
  const own = data.targets.filter((other) => subjectOf(other) === subjectOf(target) && tried.has(other) && wordAt(scenario, other));
  const others = unique(data.targets.map(subjectOf))
    .filter((name) => name !== subjectOf(target))
    .map((name) => [name, partsOf(scenario, data.targets.filter((other) => subjectOf(other) === name))[0]])
    .filter(([, worst]) => worst && !NEUTRAL.has(worst.word));
  const chip = (to, words) =>
    make(
      "a",
      {
        class: `word ${wordAt(scenario, to)} ${levelAt(scenario, to)}`.trim(),
        href: `#cell/${scenario.id}@${to.id}`,
        "aria-current": to === target ? "page" : null,
        "aria-label": `${words}: ${toldAt(scenario, to)}`,
      },
      `${FAINT[levelAt(scenario, to)] || SHAPES[wordAt(scenario, to)]} ${words}`,
    );
  if (own.length < 2 && !others.length) return null;
  return make(
    "p",
    {class: "siblings", "aria-label": "The same scenario elsewhere"},
    own.length > 1 ? ["On other Pythons: ", own.flatMap((to) => [chip(to, to.interpreter_id), " "])] : null,
    others.length ? ["Other servers: ", others.flatMap(([name, worst]) => [chip(lastOf(worst), name), " "])] : null,
  );
}

async function cellPage(place) {
  const [id, line] = place.split("~");
  const known = cellOf(id);
  if (!known) return [make("h2", {}, "No such cell"), make("p", {}, `This run has no cell ${id}.`), make("p", {}, make("a", {href: "#matrix"}, "The matrix"), " has those that there are.")];
  const {scenario, target} = known;
  const pack = await unpack(scenario.id);
  const cell = {...pack.cells[id], word: known.word};
  const about = [];
  if (scenario.paper.length)
    about.push(
      make("p", {}, "Claim in the paper: ", joined(scenario.paper.map((claim) => make("a", {href: "#claims"}, claim)))),
    );
  if (scenario.issues.length) about.push(make("p", {}, "Related issues: ", joined(scenario.issues.map(issueLink))));
  if (scenario.sources.length) about.push(make("p", {}, `Source: ${scenario.sources.join("; ")}`));
  const nodes = [
    make("p", {}, make("a", {href: `#matrix${matrixQuery ? `?${matrixQuery}` : ""}`}, "← matrix")),
    make("h2", {}, scenario.title),
    make("p", {class: "soft mono"}, make("a", {href: `#cell/${id}`}, id), ` · ${scenario.file} · ${scenario.hash}`),
    scenario.why ? make("p", {}, scenario.why) : null,
    about,
    scenario.table ? checkLine(scenario, target) : null,
    make("p", {}, word(cell.word, levelAt(scenario, target)), ` ${MEANINGS[cell.word]}`, cell.seconds ? `, in ${cell.seconds.toFixed(2)} s` : ""),
    siblingsBlock(scenario, target),
    cell.behaviour ? null : make("p", {}, cell.reason || ""),
    scenario.axis && ["fail", "timeout", "known"].includes(cell.word)
      ? make(
          "p",
          {},
          "What separates the failing cells of this scenario from the passing ones: ",
          make("strong", {}, scenario.axis),
          ".",
        )
      : null,
    verdictLine("Behaviour", cell.behaviour),
    verdictLine("Cleanup", cell.cleanup_verdict),
    cell.shared ? sharedLine(cell) : null,
    ["missing", "unsupported"].includes(cell.word)
      ? null
      : [make("h3", {}, "Run just this cell"), make("pre", {tabindex: "0"}, commandFor(id, scenario, target))],
    pack.reproducers[id] ? reproducerBlock(id) : null,
    cell.past ? pastBlock(cell) : null,
    cell.flaky ? flakyLine(cell.flaky) : null,
  ];
  if (target.detail) nodes.push(make("h3", {}, "Installer"), make("pre", {tabindex: "0"}, target.detail));
  if (cell.error) nodes.push(make("h3", {}, "Harness error"), make("pre", {tabindex: "0"}, cell.error));
  if (!cell.steps) return nodes;
  if ((cell.ledger || []).length) nodes.push(make("h3", {}, "Timeline"), timeLine(cell));
  nodes.push(
    make("h3", {}, "What was done, on ", make("code", {}, `${cell.host}:${cell.port}`)),
    cell.steps.map((step) => stepBlock(cell, step)),
  );
  nodes.push(make("h3", {}, "Cleanup"), cleanupBlock(cell));
  for (const [name, log] of Object.entries(cell.logs || {})) {
    nodes.push(make("h3", {}, `Log of server ${name}`), logBlock(id, name, log, line));
  }
  nodes.push(
    make("h3", {}, "Environment"),
    environmentBlock(target),
    make("h3", {}, "Coverage"),
    make(
      "p",
      {},
      {
        data: "Data were collected.",
        lost: `Coverage data were lost: ${cell.coverage_note}.`,
        off: cell.coverage_note ? `${cell.coverage_note[0].toUpperCase()}${cell.coverage_note.slice(1)}.` : "Not measured.",
        broken: `Broken: ${cell.coverage_note}.`,
      }[cell.coverage] || cell.coverage,
      cell.coverage === "data" && data.hasLines
        ? [" ", make("a", {href: `#coverage?scenario=${scenario.id}`}, "Lines that this scenario reaches")]
        : null,
    ),
  );
  return nodes;
}
