// Draws the report from the data in the page. Everything that a server said goes through textContent.

const data = JSON.parse(document.getElementById("data").textContent);
const main = document.getElementById("main");
const SHAPES = {
  pass: "✓", fail: "✗", timeout: "◔", error: "!", "not-run": "○", fixed: "★", known: "≈", missing: "–", unsupported: "∅",
};
const MEANINGS = {
  pass: "every expectation held", fail: "an expectation did not hold", timeout: "a step passed its deadline",
  error: "the harness itself broke", "not-run": "planned, and never ran", fixed: "a known failure that is gone: remove its entry",
  known: "failed exactly as its known failure says", missing: "no such interpreter here, or the server does not install on it",
  unsupported: "the server declares that it lacks what the scenario needs",
};

function make(name, attributes = {}, ...children) {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value !== null && value !== undefined) node.setAttribute(key, value);
  }
  for (const child of children.flat()) {
    if (child !== null && child !== undefined) node.append(child);
  }
  return node;
}

function word(name) {
  return make("span", {class: `word ${name}`}, `${SHAPES[name]} ${name}`);
}

function show(value) {
  return typeof value === "string" ? value : JSON.stringify(value);
}

function issueLink(issue) {
  const match = /^([\w.-]+\/[\w.-]+)#(\d+)$/.exec(issue);
  return match
    ? make("a", {href: `https://github.com/${match[1]}/issues/${match[2]}`, rel: "noreferrer"}, issue)
    : issue;
}

function joined(nodes) {
  return nodes.flatMap((node, index) => (index ? [", ", node] : [node]));
}

// -- pages

function stepBlock(cell, step) {
  const observation = (cell.observations || []).find((item) => item.step === step.number);
  const failures = ((cell.behaviour || {}).failures || []).filter((failure) => failure.step === step.number);
  const judged = observation && !observation.timeout && !observation.unable;
  const rows = [];
  for (const [key, value] of Object.entries(step.expect)) {
    const failure = failures.find((item) => item.key === key);
    const seen = observation ? observation.seen[key === "log_absent" ? "log" : key] : undefined;
    const brief = key === "log" || key === "log_absent" ? (failure ? "see the log" : "as expected, see the log") : show(seen);
    rows.push(make("tr", {class: failure ? "differs" : null}, make("td", {}, key), make("td", {class: "mono"}, show(value)),
      make("td", {class: "mono"}, judged ? String(brief).slice(0, 600) : observation ? "not judged: the step did not come to its end" : "not done"),
      make("td", {}, failure ? "✗ differs" : judged ? "✓" : "–")));
  }
  const extra = failures.filter((failure) => !(failure.key in step.expect));
  const block = make("section", {class: failures.length ? "step bad" : "step"},
    make("h3", {}, `${step.number}. ${step.act}`, step.server !== "main" ? ` (server ${step.server})` : "",
      observation ? make("span", {class: "soft"}, `  at ${observation.at.toFixed(3)} s, took ${observation.seconds.toFixed(3)} s`)
        : make("span", {class: "soft"}, "  not done")),
    step.note ? make("p", {class: "soft"}, step.note) : null,
    Object.keys(step.args).length ? make("dl", {}, Object.entries(step.args).flatMap(([key, value]) =>
      [make("dt", {}, key), make("dd", {class: "mono"}, show(value))])) : null,
    rows.length ? make("table", {}, make("thead", {}, make("tr", {}, ["what", "expected", "observed", "holds"].map((text) =>
      make("th", {}, text)))), make("tbody", {}, rows)) : null,
    extra.map((failure) => make("p", {class: "differs"}, `${failure.key}: expected ${failure.expected}, observed ${failure.observed}`)));
  if (!observation) return block;
  for (const [question, value] of Object.entries(observation.observed)) {
    block.append(make("p", {}, `observed, ${question}: `, make("code", {}, show(value))));
  }
  if (observation.seen.table) block.append(tableOf(observation.seen.table, step.act === "processes" ? "Process table" : "Socket table"));
  if (DRAWINGS[step.act] && (observation.seen.points || observation.seen.series)) block.append(...DRAWINGS[step.act](observation.seen));
  if (observation.wire.length) {
    block.append(make("details", failures.length ? {open: ""} : {}, make("summary", {}, "Transcript"),
      observation.wire.map((entry, index) => make("div", {},
        make("div", {class: "soft"}, `${index + 1}. ${entry.at.toFixed(4)} s, ${entry.direction}, ${entry.bytes} bytes`,
          entry.cut ? `, ${entry.cut} not shown` : ""),
        make("pre", {class: entry.direction, tabindex: "0"}, entry.text)))));
  }
  return block;
}

function tableOf(rows, caption) {
  if (!rows.length) return make("p", {class: "soft"}, `${caption}: nothing.`);
  const keys = Object.keys(rows[0]);
  return make("div", {class: "scroll"}, make("table", {}, make("caption", {class: "soft"}, caption),
    make("thead", {}, make("tr", {}, keys.map((key) => make("th", {}, key)))),
    make("tbody", {}, rows.map((row) => make("tr", {}, keys.map((key) =>
      make("td", {class: "mono"}, Array.isArray(row[key]) ? row[key].join(", ") : show(row[key]))))))));
}

function verdictLine(name, verdict) {
  if (!verdict) return null;
  return make("p", {}, `${name}: `, word(verdict.outcome), verdict.reason ? ` ${verdict.reason}` : "");
}

const unpacked = new Map();

/** The cells of a scenario in full: unpacked when the first of them is opened. */
function unpack(scenario) {
  if (!unpacked.has(scenario)) {
    const pack = [...document.querySelectorAll("script[data-pack]")].find((node) => node.dataset.pack === scenario);
    const bytes = Uint8Array.from(atob(pack.textContent.trim()), (character) => character.charCodeAt(0));
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
    unpacked.set(scenario, new Response(stream).json());
  }
  return unpacked.get(scenario);
}

async function cellPage(id) {
  const cell = data.cells[id] && (await unpack(id.split("@")[0]))[id];
  if (!cell) return [make("h2", {}, "No such cell"), make("p", {}, `This run has no cell ${id}.`)];
  const [scenarioId, subject, interpreter] = id.split("@");
  const scenario = data.scenarios.find((item) => item.id === scenarioId);
  const target = data.targets.find((item) => item.id === `${subject}@${interpreter}`);
  const about = [];
  if (scenario.paper.length) about.push(make("p", {}, "Claim of the paper: ", joined(scenario.paper.map((claim) =>
    make("a", {href: "#claims"}, claim)))));
  if (scenario.issues.length) about.push(make("p", {}, "Reports of the field: ", joined(scenario.issues.map(issueLink))));
  if (scenario.sources.length) about.push(make("p", {}, `Source: ${scenario.sources.join("; ")}`));
  const nodes = [
    make("p", {}, make("a", {href: `#matrix${matrixQuery ? `?${matrixQuery}` : ""}`}, "← matrix")),
    make("h2", {}, scenario.title),
    make("p", {class: "soft mono"}, `${id} · ${scenario.file} · ${scenario.hash}`),
    scenario.why ? make("p", {}, scenario.why) : null,
    about,
    make("p", {}, word(cell.word), ` ${MEANINGS[cell.word]}`, cell.seconds ? `, in ${cell.seconds.toFixed(2)} s` : ""),
    cell.behaviour ? null : make("p", {}, cell.reason || ""),
    scenario.axis && ["fail", "timeout", "known"].includes(cell.word)
      ? make("p", {}, "What separates the cells of this scenario that fail from those that pass: ", make("strong", {}, scenario.axis), ".") : null,
    verdictLine("Behaviour", cell.behaviour), verdictLine("Cleanup", cell.cleanup_verdict),
    make("h3", {}, "Run just this cell"), make("pre", {tabindex: "0"},
      `nox -s matrix -- ${target && target.source ? `--subject ${target.subject}=PATH ` : ""}--cell '${id}'`),
  ];
  if (target && target.detail) nodes.push(make("h3", {}, "Installer"), make("pre", {tabindex: "0"}, target.detail));
  if (cell.error) nodes.push(make("h3", {}, "The harness's error"), make("pre", {tabindex: "0"}, cell.error));
  if (!cell.steps) return nodes;
  if ((cell.ledger || []).length) nodes.push(make("h3", {}, "Time line"), timeLine(cell));
  nodes.push(make("h3", {}, "What was done, on ", make("code", {}, `${cell.host}:${cell.port}`)),
    cell.steps.map((step) => stepBlock(cell, step)));
  nodes.push(make("h3", {}, "Cleanup"), cleanupBlock(cell));
  for (const [name, log] of Object.entries(cell.logs || {})) {
    nodes.push(make("h3", {}, `Log of server ${name}`), make("pre", {tabindex: "0"}, log || "(empty)"));
  }
  nodes.push(make("h3", {}, "Coverage"), make("p", {}, {
    data: "Data were collected.", lost: `No coverage data: ${cell.coverage_note}`, off: "Not measured.",
    broken: `Broken: ${cell.coverage_note}`,
  }[cell.coverage] || cell.coverage));
  return nodes;
}

function cleanupBlock(cell) {
  const after = cell.after || {};
  const list = (title, items) => make("p", {}, `${title}: `, items && items.length ? make("code", {}, items.map(show).join("; ")) : "none");
  return make("section", {class: "step"},
    tableOf(after.sockets_before || [], "Sockets before the cleanup"),
    list("Servers stopped with SIGTERM at the end", (after.stopped || []).map((stop) =>
      `${stop.server}: exit ${stop.exit} after ${stop.seconds} s${stop.forced ? ", by SIGKILL" : ""}`)),
    list("Processes left", after.processes), list("Left on purpose, and removed", after.removed),
    tableOf(after.sockets || [], "Sockets left"),
    list("Port can be bound again", Object.entries(after.bind || {}).map(([port, state]) => `${port} ${state}`)),
    list("The same without SO_REUSEADDR", Object.entries(after.bind_without_reuse || {}).map(([port, state]) => `${port} ${state}`)));
}

function claimVerdict(verdict) {
  const [name, shape] = {
    reproduced: ["pass", "✓"], "not reproduced": ["known", "✗"], "in part": ["known", "◐"], "cannot be tried here": ["missing", "–"],
  }[verdict] || ["fail", "!"];
  return make("span", {class: `word ${name}`}, `${shape} ${verdict}`);
}

function claimsPage() {
  return [
    make("h2", {}, "The paper's claims"),
    make("p", {}, "“CherryPy: Common Programmer Issues with Solutions” (Shinde and Patel; Python 2.7.5 on Windows, September 2013), in our words. ",
      "Per Python: what the scenarios that name the claim saw."),
    make("div", {class: "scroll tall", tabindex: "0", role: "region", "aria-label": "Claims"}, make("table", {class: "claims"},
      make("thead", {}, make("tr", {}, make("th", {scope: "col"}, "claim"), make("th", {scope: "col"}, "what was found"),
        data.targets.map((target) => make("th", {scope: "col"}, target.interpreter_id)))),
      make("tbody", {}, data.claims.map((claim) => make("tr", {id: `claim-${claim.id}`},
        make("th", {scope: "row"}, claim.claim, make("div", {class: "soft mono"}, claim.id)),
        make("td", {}, claim.found, make("div", {class: "soft mono"}, claim.scenarios.join(", ") || "no scenario")),
        data.targets.map((target) => make("td", {}, claimVerdict(claim.verdicts[target.id])))))))),
  ];
}

function agreementPage() {
  if (!data.agreement.length) {
    return [make("h2", {}, "Agreement"), make("p", {}, "No subject of this run ran beside the oracle that it is compared with.")];
  }
  const columns = [...new Set(data.agreement.flatMap((line) => line.answers.map((answer) => answer.interpreter)))];
  const differ = data.agreement.filter((line) => line.answers.some((answer) => !answer.agree));
  const total = data.agreement.reduce((sum, line) => sum + line.answers.length, 0);
  const agreed = data.agreement.reduce((sum, line) => sum + line.answers.filter((answer) => answer.agree).length, 0);
  return [
    make("h2", {}, "Agreement with the oracle"),
    make("p", {}, "Each request of the dispatch, parameter and http scenarios, answered by both: the status, and the message that a person sees. ",
      `${agreed} of ${total} answers agree; requests that differ stand first.`),
    make("div", {class: "scroll tall", tabindex: "0", role: "region", "aria-label": "Agreement"}, make("table", {class: "claims"},
      make("thead", {}, make("tr", {}, ["request", "reason, where they differ", ...columns].map((text) => make("th", {scope: "col"}, text)))),
      make("tbody", {}, [...differ, ...data.agreement.filter((line) => !differ.includes(line))].map((line) => make("tr", {},
        make("th", {scope: "row"}, line.request, make("div", {class: "soft mono"}, `${line.scenario}, step ${line.step}`)),
        make("td", {}, differ.includes(line) ? line.reason || "✗ no reason is given" : ""),
        columns.map((column) => {
          const answer = line.answers.find((item) => item.interpreter === column);
          if (!answer) return make("td", {class: "soft"}, "–");
          if (answer.agree) return make("td", {}, make("span", {class: "word pass"}, `✓ ${answer.ours}`));
          return make("td", {}, make("span", {class: "word known"}, "≠"), make("div", {}, `${answer.subject}: ${answer.ours}`),
            make("div", {}, `${answer.oracle}: ${answer.theirs}`));
        })))))),
  ];
}

function coveragePage() {
  if (!data.coverage.length) return [make("h2", {}, "Coverage"), make("p", {}, "Not measured in this run.")];
  return [
    make("h2", {}, "Coverage of the bundled server"),
    make("p", {}, "Branches included; the scenario's cell is the context of each line. A cell whose server was killed has no data: ",
      "that is counted as lost, and not as 0 %. Read alone, data of 2.7, 3.6 and 3.7 mark decorated functions as missed, because ",
      "their line events differ from those of the Python that reads them; together they are right."),
    make("div", {class: "scroll"}, make("table", {},
      make("thead", {}, make("tr", {}, ["target", "coverage", "statements", "missing", "branches", "partial", "cells by state of their data", "pages"]
        .map((text) => make("th", {scope: "col"}, text)))),
      make("tbody", {}, data.coverage.map((line) => make("tr", {},
        make("th", {scope: "row"}, line.name),
        make("td", {}, line.percent === null ? line.note : `${line.percent} %`),
        make("td", {}, line.statements), make("td", {}, line.missing), make("td", {}, line.branches), make("td", {}, line.partial),
        make("td", {}, Object.entries(line.states).map(([state, count]) => `${state} ${count}`).join(", ")),
        make("td", {}, line.page ? make("a", {href: line.page}, "lines and contexts") : "")))))),
  ];
}

function environmentPage() {
  return [
    make("h2", {}, "Environment"),
    make("table", {}, make("tbody", {}, Object.entries(data.environment).map(([key, value]) =>
      make("tr", {}, make("th", {scope: "row"}, key), make("td", {class: "mono"}, show(value)))))),
    make("p", {}, "Command: ", make("code", {}, `python -m harness ${data.command.join(" ")}`)),
    make("h3", {}, "Targets"),
    make("div", {class: "scroll"}, make("table", {},
      make("thead", {}, make("tr", {}, ["target", "implementation", "version", "build", "found by", "server", "coverage", "state"]
        .map((text) => make("th", {scope: "col"}, text)))),
      make("tbody", {}, data.targets.map((target) => {
        const python = target.interpreter || {};
        return make("tr", {}, make("th", {scope: "row"}, target.id), make("td", {}, python.implementation || "–"),
          make("td", {}, python.version || "–"), make("td", {}, python.build || "–"), make("td", {}, python.place || "–"),
          make("td", {}, target.subject_version || "–"), make("td", {}, target.coverage || "–"),
          make("td", {}, target.reason ? `missing: ${target.reason}` : "ready"));
      })))),
  ];
}

function peersPage() {
  const columns = [...new Set(data.targets.map((target) => target.id.split("@")[0]))];
  const all = (column) => data.targets.filter((target) => target.id.split("@")[0] === column).length;
  const answers = (row, column) => (row.answers[column] || []).map((answer) => make("div", {class: "answer"}, answer.value,
    answer.interpreters.length < all(column) ? make("span", {class: "soft"}, ` on ${answer.interpreters.join(", ")}`) : null));
  const differ = data.peers.filter((row) => row.differ).length;
  const cells = (row) => columns.map((column) => make("td", {}, answers(row, column).length ? answers(row, column)
    : make("span", {class: "soft", title: "no scenario that asks this ran on it"}, "–")));
  const heads = (first) => make("thead", {}, make("tr", {}, make("th", {scope: "col"}, first),
    columns.map((column) => make("th", {scope: "col"}, column))));
  return [
    make("h2", {}, "Servers side by side"),
    data.holders.length ? [
      make("h3", {}, "Somebody else has the port"),
      make("div", {class: "scroll tall", tabindex: "0", role: "region", "aria-label": "Somebody else has the port"},
        make("table", {class: "peers"}, heads("the port is held by"), make("tbody", {}, data.holders.map((row) => make("tr", {},
          make("th", {scope: "row"}, row.holder, make("div", {class: "soft mono"}, row.scenario)), cells(row)))))),
      make("h3", {}, "All questions"),
    ] : null,
    make("p", {}, "What has no single right answer is observed, and not judged: what each server did. ",
      `${differ} of ${data.peers.length} questions have answers that differ, and stand first; times differ where one is `
      + "more than twice another, and more than half a second longer."),
    make("div", {class: "scroll tall", tabindex: "0", role: "region", "aria-label": "Servers side by side"},
      make("table", {class: "peers"},
        heads("question"),
        make("tbody", {}, data.peers.map((row) => make("tr", {},
          make("th", {scope: "row"}, row.question, make("div", {class: "soft mono"}, row.scenarios.join(", "))), cells(row)))))),
  ];
}

function comparePage() {
  if (!data.baseline) {
    return [make("h2", {}, "Compare"), make("p", {}, "This report was made without a baseline. ", make("code", {}, "nox -s report -- --baseline RUN"),
      " makes one that says what changed since an earlier run; ", make("code", {}, "python -m harness history"), " lists them.")];
  }
  const kinds = unique(data.transitions.map((transition) => transition.kind));
  const change = (text) => (text ? word(text) : make("span", {class: "soft"}, "not there"));
  return [
    make("h2", {}, "Compared with run ", data.baseline),
    make("p", {}, data.transitions.length ? kinds.map((kind) => `${kind}: ${data.transitions.filter((item) => item.kind === kind).length}`).join("; ")
      : "Nothing is other than it was."),
    kinds.map((kind) => [make("h3", {}, kind), make("div", {class: "scroll", tabindex: "0", role: "region", "aria-label": kind}, make("table", {},
      make("thead", {}, make("tr", {}, ["cell", "was", "is", "reason"].map((text) => make("th", {scope: "col"}, text)))),
      make("tbody", {}, data.transitions.filter((item) => item.kind === kind).map((item) => make("tr", {},
        make("th", {scope: "row"}, item.now ? make("a", {href: `#cell/${item.cell}`}, item.cell) : item.cell),
        make("td", {}, change(item.was)), make("td", {}, change(item.now)), make("td", {}, item.reason.slice(0, 300)))))))]),
  ];
}

const PAGES = {compare: comparePage, matrix: matrixPage, peers: peersPage, claims: claimsPage, agreement: agreementPage, coverage: coveragePage, environment: environmentPage};
let scrolled = 0;
let matrixQuery = "";  // how the matrix was last narrowed: the way back from a cell leads there

function currentQuery() {
  return location.hash.startsWith("#matrix?") ? location.hash.slice("#matrix?".length) : "";
}

let turn = 0;

async function draw() {
  turn += 1;
  const mine = turn;
  const hash = decodeURIComponent(location.hash.slice(1)) || "matrix";
  const name = hash.split("?")[0];
  if (name === "matrix") matrixQuery = currentQuery();
  const searching = document.activeElement && document.activeElement.id === "search" ? document.activeElement.selectionStart : null;
  const grid = document.querySelector(".matrix") ? document.querySelector("[aria-label=Matrix]").scrollTop : null;
  const page = name.startsWith("cell/") ? await cellPage(hash.slice(5)) : (PAGES[name] || matrixPage)(matrixQuery);
  if (mine !== turn) return;  // another page was asked for meanwhile
  main.replaceChildren(...page.flat(3).filter((node) => node !== null && node !== undefined));
  for (const link of document.querySelectorAll("nav a")) {
    if (link.getAttribute("href") === `#${name}`) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  if (name === "matrix" && searching !== null) {
    const search = document.getElementById("search");
    search.focus();
    search.setSelectionRange(searching, searching);
  }
  const region = document.querySelector("[aria-label=Matrix]");
  if (region) region.scrollTop = grid === null ? scrolled : grid;
  if (name !== "matrix") window.scrollTo(0, 0);
  main.dataset.page = hash;
}

document.addEventListener("click", () => {
  const region = document.querySelector("[aria-label=Matrix]");
  if (region) scrolled = region.scrollTop;
}, true);
window.addEventListener("hashchange", draw);
draw();
