// The page of one cell: #cell/SCENARIO@SERVER@PYTHON, followed by ~NAME-LINE for a line of a server's log.

/** Two values with their differences marked: the middle of texts, or the items that the other list does not have. */
function marked(expected, observed) {
  if (Array.isArray(expected) && Array.isArray(observed)) {
    const items = (mine, others) =>
      mine.length
        ? joined(
            mine.map((item) =>
              others.some((other) => show(other) === show(item)) ? show(item) : make("mark", {}, show(item)),
            ),
          )
        : ["(none)"];
    return [items(expected, observed), items(observed, expected)];
  }
  const [one, two] = [show(expected), observed === undefined ? "nothing" : show(observed)];
  if (/^\/.*\/$/s.test(one) || typeof expected === "object") return [[one], [two]];
  const shorter = Math.min(one.length, two.length);
  let start = 0;
  while (start < shorter && one[start] === two[start]) start += 1;
  let end = 0;
  while (end < shorter - start && one[one.length - 1 - end] === two[two.length - 1 - end]) end += 1;
  return [one, two].map((text) => {
    const middle = text.slice(start, text.length - end);
    return [text.slice(0, start), middle ? make("mark", {}, middle) : null, end ? text.slice(text.length - end) : ""];
  });
}

const NOT_JUDGED = "not judged: the step did not finish";
const MOST_SHOWN = 600;

function expectations(step, observation, failures) {
  const judged = observation && !observation.timeout && !observation.unable;
  const rows = Object.entries(step.expect).map(([key, value]) => {
    const failure = failures.find((item) => item.key === key);
    const inLog = key === "log" || key === "log_absent";
    let [expected, observed] = [[show(value)], [observation ? NOT_JUDGED : "not done"]];
    if (judged && failure) [expected, observed] = marked(value, inLog ? "see the log" : cutShort(observation.seen[key]));
    else if (judged) observed = [inLog ? "as expected, see the log" : String(show(observation.seen[key])).slice(0, MOST_SHOWN)];
    return make(
      "tr",
      {class: failure ? "differs" : null},
      make("td", {}, key),
      make("td", {class: "mono"}, expected),
      make("td", {class: "mono"}, observed, noted(failure)),
      make("td", {}, failure ? "✗ differs" : judged ? "✓" : "–"),
    );
  });
  return rows.length
    ? make(
        "table",
        {},
        make(
          "thead",
          {},
          make(
            "tr",
            {},
            ["what", "expected", "observed", "holds"].map((text) => make("th", {scope: "col"}, text)),
          ),
        ),
        make("tbody", {}, rows),
      )
    : null;
}

function noted(failure) {
  return failure && failure.note ? make("span", {class: "soft"}, ` (${failure.note})`) : null;
}

function cutShort(value) {
  return typeof value === "string" && value.length > MOST_SHOWN ? `${value.slice(0, MOST_SHOWN)}…` : value;
}

function transcript(wire, open) {
  return make(
    "details",
    open ? {open: ""} : {},
    make("summary", {}, `Transcript, ${wire.length} entries`),
    wire.map((entry, index) =>
      make(
        "div",
        {},
        make(
          "div",
          {class: "soft"},
          `${index + 1}. ${entry.at.toFixed(4)} s, ${entry.direction}, ${entry.bytes} bytes`,
          entry.cut ? `, ${entry.cut} not shown` : "",
        ),
        make("pre", {class: entry.direction, tabindex: "0"}, entry.text),
      ),
    ),
  );
}

function stepBlock(cell, step) {
  const observation = (cell.observations || []).find((item) => item.step === step.number);
  const failures = ((cell.behaviour || {}).failures || []).filter((failure) => failure.step === step.number);
  const extra = failures.filter((failure) => !(failure.key in step.expect));
  const block = make(
    "section",
    {class: failures.length ? "step bad" : "step"},
    make(
      "h3",
      {},
      `${step.number}. ${step.act}`,
      step.server !== "main" ? ` (server ${step.server})` : "",
      observation
        ? make("span", {class: "soft"}, `  at ${observation.at.toFixed(3)} s, took ${observation.seconds.toFixed(3)} s`)
        : make("span", {class: "soft"}, "  not done"),
    ),
    step.note ? make("p", {class: "soft"}, step.note) : null,
    Object.keys(step.args).length
      ? make(
          "dl",
          {},
          Object.entries(step.args).flatMap(([key, value]) => [make("dt", {}, key), make("dd", {class: "mono"}, show(value))]),
        )
      : null,
    expectations(step, observation, failures),
    step.either
      ? [
          make("p", {}, "One of these holds whole:"),
          make(
            "ul",
            {},
            step.either.map(({as, ...expect}) => make("li", {class: "mono"}, as ? `${as}: ` : "", show(expect))),
          ),
        ]
      : null,
    extra.map((failure) =>
      make(
        "p",
        {class: "differs"},
        `${failure.key}: expected ${failure.expected}, observed ${failure.observed}`,
        noted(failure),
      ),
    ),
  );
  if (!observation) return block;
  for (const [question, value] of Object.entries(observation.observed)) {
    block.append(make("p", {}, `observed, ${question}: `, make("code", {}, show(value))));
  }
  if (observation.seen.table)
    block.append(tableOf(observation.seen.table, step.act === "processes" ? "Process table" : "Socket table"));
  if (DRAWINGS[step.act] && (observation.seen.points || observation.seen.series))
    block.append(...DRAWINGS[step.act](observation.seen));
  if (observation.wire.length) block.append(transcript(observation.wire, failures.length));
  return block;
}

function verdictLine(name, verdict) {
  if (!verdict) return null;
  return make("p", {}, `${name}: `, word(verdict.outcome), verdict.reason ? ` ${verdict.reason}` : "");
}

/** A server's log with a link for each line. */
function logBlock(id, name, log, line) {
  if (!log) return make("p", {class: "soft"}, "(empty)");
  const lines = log.replace(/\n$/, "").split("\n");
  return make(
    "ol",
    {class: "log mono", tabindex: "0"},
    lines.map((text, index) => {
      const here = `${name}-${index + 1}`;
      return make(
        "li",
        {id: `log-${here}`, class: here === line ? "target" : null},
        make("a", {href: `#cell/${id}~${here}`, "aria-label": `line ${index + 1} of the log of ${name}`}, String(index + 1)),
        text,
      );
    }),
  );
}

/** The cell in the stored runs: its word, and how long it took; the last is this run. */
function pastBlock(cell) {
  const all = [...cell.past, {run: data.run, word: cell.word, seconds: cell.seconds || 0}];
  const longest = Math.max(...all.map((item) => item.seconds), 0.1);
  return [
    make("h3", {}, `In ${all.length} runs`),
    draw_(
      "svg",
      {
        viewBox: `0 0 ${all.length * 16} 34`,
        width: all.length * 16,
        height: 34,
        role: "img",
        "aria-label": "Outcomes over the runs",
      },
      all.map((item, index) => {
        const height = 6 + 26 * (item.seconds / longest);
        return titled(
          draw_("rect", {x: index * 16, y: 33 - height, width: 13, height, class: `spark ${item.word}`}),
          `${item.run}: ${item.word}, ${item.seconds.toFixed(2)} s`,
        );
      }),
    ),
    make(
      "details",
      {},
      make("summary", {}, "The runs as a table"),
      grid(
        "Runs",
        ["run", "outcome", "seconds"],
        all.map((item) => [item.run, word(item.word), item.seconds.toFixed(2)]),
      ),
    ),
  ];
}

/** How often the cell changed its word while scenario, server, Python and harness were the same. */
function flakyLine([changes, comparisons]) {
  const times = (count) => `${count} time${count === 1 ? "" : "s"}`;
  return make(
    "p",
    {},
    changes ? make("strong", {}, `Flaky: changed ${times(changes)}`) : "Did not change",
    ` in ${comparisons} comparison${comparisons === 1 ? "" : "s"} of runs of the same code.`,
  );
}

/** The cell as one Python file, assembled here: the page stores once what many of these files share. */
async function reproducerText(id) {
  const [shared, {reproducers}] = await Promise.all([unpack("*reproducer"), unpack(id.split("@")[0])]);
  const own = reproducers[id];
  const parts = [own.about, own.sections.map((name) => shared.sections[name]).join(""), shared.files[own.subject]];
  return shared.tokens.reduce((text, token, index) => text.split(token).join(parts[index]), shared.skeleton);
}

function reproducerBlock(id) {
  const button = make("button", {type: "button"}, "Download the reproducer");
  button.addEventListener("click", async () => {
    const url = URL.createObjectURL(new Blob([await reproducerText(id)], {type: "text/x-python"}));
    make("a", {href: url, download: `reproduce-${id}.py`}).click();
    setTimeout(() => URL.revokeObjectURL(url), 1000);
  });
  return make(
    "p",
    {},
    button,
    " One Python file that needs only the standard library: it starts the server, does these steps, and says whether it sees the same.",
  );
}

/** That a cell's server had answered other cells before it, and what became of the cell when it ran alone. */
function sharedLine(cell) {
  const {launch, after, alone, there} = cell.shared;
  const files = ` Its log and coverage are in launches/${launch} of the run's folder.`;
  if (alone && RED.includes(alone))
    return make("p", {class: "soft"}, `It was ${there} on a launch shared with other cells, and ran again alone: this is what was seen then.`);
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

function environmentBlock(target) {
  const python = target.interpreter || {};
  const rows = {
    server: `${target.subject} ${target.subject_version || ""}`,
    Python: `${python.implementation || ""} ${python.version || ""}, ${python.build || ""}`,
    "coverage.py": target.coverage || "none",
    system: `${data.environment.system} ${data.environment.release} ${data.environment.machine}`,
    driver: data.environment.driver,
    harness: data.environment.harness,
  };
  return make(
    "dl",
    {class: "pairs"},
    Object.entries(rows).flatMap(([key, value]) => [make("dt", {}, key), make("dd", {class: "mono"}, String(value))]),
  );
}

/** The command that runs one cell as this run did, with its scenarios and edition if these are not the default. */
function commandFor(id, scenario, target) {
  const scenarios = data.command.flatMap((word, index) =>
    word === "--scenarios"
      ? [word, quoted(data.command[index + 1] || "")]
      : word.startsWith("--scenarios=")
        ? [quoted(word)]
        : [],
  );
  const words =
    data.command[0] === "bugs"
      ? ["bugs", "--", ...scenarios, "--scenario", scenario.id, "--subject", target.subject, "--python", target.interpreter_id]
      : ["matrix", "--", ...(target.source ? ["--subject", `${target.subject}=PATH`] : []), ...scenarios, "--cell", quoted(id)];
  return ["nox", "-s", ...words].join(" ");
}

function quoted(text) {
  return /^[\w./=-]+$/.test(text) ? text : `'${text.replace(/'/g, "'\\''")}'`;
}

/** Of a check: its level, and where all servers' answers are side by side. */
function checkLine(scenario, target) {
  const page = (folder, name) => `${folder}/${encodeURIComponent(name.replace(/[^A-Za-z0-9._+-]/g, "_"))}.html`;
  const column = subjectOf(target);
  return make(
    "p",
    {},
    `A check of level ${scenario.grade}: `,
    make("a", {href: `${page("checks", scenario.table)}#${scenario.id.slice(scenario.table.length + 1)}`}, "all servers' answers"),
    ", ",
    make("a", {href: page("servers", column)}, `what ${column} does otherwise than its peers`),
    ".",
  );
}

async function cellPage(place) {
  const [id, line] = place.split("~");
  const known = cellOf(id);
  if (!known) return [make("h2", {}, "No such cell"), make("p", {}, `This run has no cell ${id}.`)];
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

function cleanupBlock(cell) {
  const after = cell.after || {};
  const failures = (cell.cleanup_verdict || {}).failures || [];
  const list = (title, items) =>
    make("p", {}, `${title}: `, items && items.length ? make("code", {}, items.map(show).join("; ")) : "none");
  return make(
    "section",
    {class: failures.length ? "step bad" : "step"},
    failures.map((failure) =>
      make("p", {class: "differs"}, `${failure.key}: expected ${failure.expected}, observed ${failure.observed}`),
    ),
    tableOf(after.sockets_before || [], "Sockets before the cleanup"),
    list(
      "Servers stopped with SIGTERM at the end",
      (after.stopped || []).map(
        (stop) => `${stop.server}: exit ${stop.exit} after ${stop.seconds} s${stop.forced ? ", by SIGKILL" : ""}`,
      ),
    ),
    list(
      "Tracebacks in the logs",
      (after.tracebacks || []).map(
        (one) => `${one.server}, line ${one.line}, ${one.step ? `after step ${one.step}` : "at the end"}: ${one.said}`,
      ),
    ),
    list(
      "How each launch ended",
      (after.ends || [])
        .slice(0, 50)
        .map(
          (end) =>
            `${end.server}, pid ${end.pid}: exit ${end.exit}${end.step ? `, seen after step ${end.step}` : ""}${end.signals.length ? `, sent ${end.signals.map((name) => `SIG${name}`).join(", ")}` : ""}`,
        ),
    ),
    list("Processes left", after.processes),
    list("Left on purpose, and removed", after.removed),
    tableOf(after.sockets || [], "Sockets left"),
    list(
      "Ports after the cleanup",
      Object.entries(after.bind || {}).map(([port, state]) => `${port} ${state}`),
    ),
    list(
      "The same without SO_REUSEADDR",
      Object.entries(after.bind_without_reuse || {}).map(([port, state]) => `${port} ${state}`),
    ),
  );
}
