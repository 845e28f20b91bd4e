// @ts-check
// The first page: what the run says, in one screen; everything leads to cells.

/** The first cells that changed; how many did is said at the top. */
function changesBlock() {
  if (!data.overview.changed) return make("p", {class: "soft"}, "Not compared with an earlier run: ", make("code", {}, typed("report", ["--baseline", "RUN"])), " does.");
  if (!data.transitions.length) return make("p", {}, "Nothing changed since ", make("a", {href: "#compare"}, `run ${data.baseline}`), ".");
  return [
    make(
      "ul",
      {},
      data.transitions.slice(0, SHOWN_FINDINGS).map((item) =>
        make("li", {}, `${item.kind}: `, cellOf(item.cell) ? make("a", {href: `#cell/${item.cell}`}, item.cell) : item.cell, item.was && item.now ? ` (${item.was} → ${item.now})` : ""),
      ),
    ),
    make("p", {}, make("a", {href: "#compare"}, `All that changed since run ${data.baseline}`)),
  ];
}

function notTriedBlock() {
  const left = data.overview.notTried;
  return make(
    "div",
    {},
    left.missing.length
      ? make("p", {}, `Not on this machine: ${left.missing.join(", ")}. `, make("span", {class: "soft"}, "Their columns are left out here; the matrix can show them."))
      : null,
    left.unsupported
      ? make(
          "details",
          {class: "fold"},
          make("summary", {}, `${counted(left.unsupported, "cell is", "cells are")} for other servers or Pythons (unsupported)`),
          make(
            "ul",
            {},
            left.reasons.map((one) => make("li", {}, `${one.cells} × ${one.reason}`, make("div", {class: "soft"}, one.servers))),
            left.moreReasons ? make("li", {class: "soft"}, `and ${counted(left.moreReasons, "more reason")}`) : null,
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
  const kinds = Object.entries(changed).map(([kind, count]) => `${kind}: ${count}`);
  return make(
    "p",
    {class: "since"},
    make("a", {href: "#compare"}, `Since run ${data.baseline}`),
    kinds.length ? ` – ${kinds.join("; ")}.` : ", nothing changed.",
  );
}

function overviewPage() {
  const overview = data.overview;
  const [style, shape] = overview.look;
  const red = findingsOf("red", "Red", true);
  const told = [whenText(data.environment.started), overview.commit ? `commit ${overview.commit.slice(0, 9)}` : "", data.typed].filter((text) => text);
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
    changesBlock(),
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
