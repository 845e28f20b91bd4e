// @ts-check
// The first page: what the run says, in one screen; everything leads to cells.

const STATE_SHAPES = {red: ["fail", "✗"], amber: ["known", "◔"], green: ["pass", "✓"], nothing: ["missing", "–"]};

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

/** What changed, in a few words above everything else; the section below has the cells. */
function changesLine() {
  const changed = data.overview.changed;
  if (!changed) return null;
  const kinds = Object.entries(changed).map(([kind, count]) => `${kind} ${count}`);
  return make(
    "p",
    {class: "since"},
    make("a", {href: "#compare"}, `Since run ${data.baseline}`),
    kinds.length ? `: ${kinds.join(", ")}.` : ": nothing changed.",
  );
}

function overviewPage() {
  const overview = data.overview;
  const [style, shape] = STATE_SHAPES[overview.state];
  const red = findingsOf("red", "Red", true);
  const told = [whenText(data.environment.started), overview.commit ? `commit ${overview.commit.slice(0, 9)}` : "", data.command.join(" ")].filter((text) => text);
  return [
    make("p", {class: `verdict ${style}`, role: "status"}, make("span", {"aria-hidden": "true"}, `${shape} `), `${overview.sentence}.`),
    make("p", {class: "soft told", title: `${told.join(" · ")} · run ${data.run}`}, told.join(" · "), make("small", {}, ` · run ${data.run}`)),
    changesLine(),
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
    oneFileBlock(),
  ];
}

// In print everything that is folded is open: the overview with all findings is what one prints.
const opened = [];

window.addEventListener("beforeprint", () => {
  if (!document.querySelector(".verdict")) return;
  for (const folded of document.querySelectorAll("main details:not([open])")) {
    folded.setAttribute("open", "");
    opened.push(folded);
  }
});

window.addEventListener("afterprint", () => {
  for (const folded of opened.splice(0)) folded.removeAttribute("open");
});
