// The first page: what the run says, in one screen; everything leads to cells.

const SHOWN_FINDINGS = 6;
const STATE_SHAPES = {red: ["fail", "✗"], amber: ["known", "◔"], green: ["pass", "✓"], nothing: ["missing", "–"]};

/** The view of the matrix with these filters, as an address. */
function matrixLink(filters) {
  return writeView({...readView(""), ...filters});
}

/** Neighbours with the same counts are one cell: [[cell, [python, …]], …]. */
function mergedCells(server, pythons) {
  const parts = [];
  server.cells.forEach((cell, at) => {
    const last = parts[parts.length - 1];
    if (last && JSON.stringify(last[0]) === JSON.stringify(cell)) last[1].push(pythons[at]);
    else parts.push([cell, [pythons[at]]]);
  });
  return parts;
}

function pythonRange(pythons) {
  if (pythons.length < 3) return pythons.join(", ");
  return `${pythons[0]} to ${pythons[pythons.length - 1]}`;
}

function overviewCell(name, cell, pythons) {
  const range = make("span", {class: "narrow soft"}, `${pythonRange(pythons)} `);
  if (!cell) return make("td", {colspan: pythons.length, class: "soft"}, range, "·");
  const counts = cell.asked ? `${cell.passed}/${cell.asked}` : cell.word;
  const words = cell.asked
    ? `${cell.passed} of ${cell.asked} passed${cell.known ? `, ${cell.known} known failures` : ""}${cell.red ? `, ${cell.red} red` : ""}`
    : MEANINGS[cell.word];
  const outcome = cell.red ? RED : [];
  return make(
    "td",
    {colspan: pythons.length},
    range,
    make(
      "a",
      {
        class: `word ${cell.word}`,
        href: matrixLink({subject: [name], python: pythons, outcome}),
        title: `${name} on ${pythonRange(pythons)}: ${words}`,
        "aria-label": `${name} on ${pythonRange(pythons)}: ${cell.asked ? `${cell.word}, ${words}` : cell.word}`,
      },
      `${SHAPES[cell.word]} ${counts}`,
    ),
  );
}

function overviewGrid(grid) {
  return make(
    "div",
    {class: "scroll", tabindex: "0", role: "region", "aria-label": "Servers and Pythons"},
    make(
      "table",
      {class: "glance"},
      make(
        "thead",
        {},
        make("tr", {}, make("th", {scope: "col"}, "passed of asked"), grid.pythons.map((python) => make("th", {scope: "col"}, python))),
      ),
      make(
        "tbody",
        {},
        grid.servers.map((server) =>
          make(
            "tr",
            {},
            make("th", {scope: "row"}, make("a", {href: matrixLink({subject: [server.name]})}, server.name)),
            mergedCells(server, grid.pythons).map(([cell, pythons]) => overviewCell(server.name, cell, pythons)),
          ),
        ),
      ),
    ),
  );
}

function outwardLink(text) {
  return text.startsWith("http") ? make("a", {href: text, rel: "noreferrer"}, text.replace(/^https?:\/\//, "")) : issueLink(text);
}

function findingItem(finding) {
  const quiet = finding.kind !== "red";
  return make(
    "li",
    {class: "finding", id: `finding-${finding.scenario}-${finding.word}`},
    make("span", {class: `word ${quiet ? "known" : finding.word}`}, `${SHAPES[finding.word]} ${finding.kind === "amber" ? finding.grade : finding.word}`),
    " ",
    make("a", {href: `#cell/${finding.cell}`}, finding.title),
    " ",
    make("span", {class: "soft"}, finding.where.map(([server, pythons]) => `${server} on ${pythons}`).join("; ")),
    make(
      "div",
      {},
      finding.step
        ? [`${finding.step}: expected `, make("span", {class: "mono"}, finding.expected), ", observed ", make("span", {class: "mono"}, finding.observed), finding.note ? ` (${finding.note})` : ""]
        : finding.reason,
    ),
    finding.word === "known" && finding.step ? make("div", {}, finding.reason) : null,
    make(
      "div",
      {class: "soft"},
      finding.axis ? `What separates them: ${finding.axis}. ` : null,
      joined(finding.links.map(outwardLink)),
      finding.links.length ? ". " : null,
      finding.cells > 1 ? make("a", {href: matrixLink({q: finding.scenario, outcome: [finding.word]})}, `${finding.cells} cells`) : null,
    ),
  );
}

function findingsOf(kind, title, open) {
  const found = data.overview.findings.filter((finding) => finding.kind === kind);
  if (!found.length) return null;
  const list = (items) => make("ul", {class: "findings"}, items.map(findingItem));
  const first = list(found.slice(0, SHOWN_FINDINGS));
  const rest = found.slice(SHOWN_FINDINGS);
  const more = rest.length ? make("details", {}, make("summary", {}, `${rest.length} more`), list(rest)) : null;
  const heading = `${title} (${found.length})`;
  return open
    ? [make("h3", {id: `findings-${kind}`}, heading), first, more]
    : [make("details", {id: `findings-${kind}`, class: "fold"}, make("summary", {}, heading), first, more)];
}

function changesSummary() {
  const changed = data.overview.changed;
  if (!changed) return make("p", {class: "soft"}, "Not compared: there is no earlier run. --baseline RUN names one.");
  const kinds = Object.entries(changed);
  if (!kinds.length) return make("p", {}, "Nothing changed since ", make("a", {href: "#compare"}, data.baseline), ".");
  const worst = data.transitions.slice(0, SHOWN_FINDINGS);
  return make(
    "div",
    {},
    make("p", {}, "Since ", make("a", {href: "#compare"}, data.baseline), `: ${kinds.map(([kind, count]) => `${kind} ${count}`).join(", ")}.`),
    make(
      "ul",
      {},
      worst.map((item) =>
        make("li", {}, `${item.kind}: `, cellOf(item.cell) ? make("a", {href: `#cell/${item.cell}`}, item.cell) : item.cell, item.was && item.now ? ` (${item.was} → ${item.now})` : ""),
      ),
    ),
  );
}

function notTriedBlock() {
  const left = data.overview.notTried;
  return make(
    "div",
    {},
    left.missing.length
      ? make("p", {}, `Not on this machine: ${left.missing.join(", ")}. `, make("span", {class: "soft"}, "Their columns are left out here; the matrix has them."))
      : null,
    left.unsupported
      ? make(
          "details",
          {class: "fold"},
          make("summary", {}, `${left.unsupported.toLocaleString("en")} cells are for other servers or Pythons (unsupported)`),
          make(
            "ul",
            {},
            left.reasons.map((one) => make("li", {}, `${one.cells} × ${one.reason}`, make("div", {class: "soft"}, one.servers))),
            left.moreReasons ? make("li", {class: "soft"}, `and ${left.moreReasons} more reasons`) : null,
          ),
        )
      : null,
    data.leftOut ? make("p", {}, `${data.leftOut}.`) : null,
    left.missing.length || left.unsupported || data.leftOut ? null : make("p", {class: "soft"}, "Everything that was asked for was tried."),
  );
}

function overviewPage() {
  const overview = data.overview;
  const [style, shape] = STATE_SHAPES[overview.state];
  const red = findingsOf("red", "Red", true);
  return [
    make("p", {class: `verdict ${style}`, role: "status"}, make("span", {"aria-hidden": "true"}, `${shape} `), `${overview.sentence}.`),
    make(
      "p",
      {class: "soft"},
      [overview.day, overview.commit ? `commit ${overview.commit.slice(0, 9)}` : "", data.command.join(" ")].filter((text) => text).join(" · "),
      make("small", {}, ` · run ${data.run}`),
    ),
    overviewGrid(overview.grid),
    make("h2", {}, "Findings"),
    red,
    red ? null : make("p", {}, "Nothing is red."),
    findingsOf("amber", "Recommendations that are not met", false),
    findingsOf("known", "Known failures", false),
    make("h2", {}, "What changed"),
    changesSummary(),
    make("h2", {}, "What was not tried"),
    notTriedBlock(),
  ];
}
