// @ts-check
// What changed since the baseline, and which cells are flaky.

const MOST_TRANSITIONS = 500; // of a kind: nobody reads more rows than that, and the page would freeze

/** The cells that changed their word between runs of the same code, and the runs that could not be read. */
function flakesBlock() {
  const more = data.flakyCells - data.flakes.length;
  const none = data.lookedAt > 1 ? "No cell changed its outcome between runs of the same code." : "There is no older run.";
  return [
    make("h2", {}, "Flaky cells"),
    make(
      "p",
      {},
      "A cell is flaky if its outcome changed between stored runs although its scenario, its server, its Python and the harness did not. ",
      `${counted(data.lookedAt, "run was", "runs were")} compared. `,
      data.flakes.length ? "The worst come first." : none,
    ),
    data.unreadable.map(([run, problem]) =>
      make("p", {}, make("span", {class: "word error"}, `${SHAPES.error} not compared`), ` run ${run}: ${problem}`),
    ),
    data.flakes.length
      ? grid(
          "Flaky cells",
          ["cell", "changed", "comparisons", "outcomes, oldest first"],
          data.flakes.map((flake) => [
            make("a", {href: `#cell/${flake.cell}`}, flake.cell),
            String(flake.changes),
            String(flake.comparisons),
            make(
              "span",
              {},
              flake.words.flatMap((name) => [word(name), " "]),
            ),
          ]),
        )
      : null,
    more > 0
      ? make(
          "p",
          {class: "soft"},
          `… and ${more} more: `,
          make("code", {}, typed("results", ["--flaky"])),
          " lists them all.",
        )
      : null,
  ];
}

function comparePage() {
  return [...baselineBlock(), ...flakesBlock()];
}

function baselineBlock() {
  if (!data.baseline) {
    return [
      make("h2", {}, "Changes"),
      make(
        "p",
        {},
        "This report was made without a baseline. ",
        make("code", {}, typed("report", ["--baseline", "RUN"])),
        " makes one that shows what changed since an earlier run; ",
        make("code", {}, typed("history", [])),
        " lists the runs.",
      ),
    ];
  }
  const kinds = unique(data.transitions.map((transition) => transition.kind));
  const count = (kind) => data.transitions.filter((item) => item.kind === kind).length;
  const change = (text) => (text ? word(text) : make("span", {class: "soft"}, "absent"));
  return [
    make("h2", {}, "Compared with run ", data.baseline),
    make("p", {}, data.transitions.length ? kinds.map((kind) => `${kind}: ${count(kind)}`).join("; ") : "No changes."),
    make(
      "p",
      {},
      `${counted(data.compared.cells, "cell of that run is", "cells of that run are")} compared.`,
      data.compared.unasked ? ` ${counted(data.compared.unasked, "more is", "more are")} not, because this run did not select them.` : "",
      data.compared.ran ? "" : " None of the compared cells ran then, so none can have become worse.",
    ),
    kinds.map((kind) => [
      make("h3", {}, kind),
      grid(
        kind,
        ["cell", "was", "is", "reason"],
        data.transitions
          .filter((item) => item.kind === kind)
          .slice(0, MOST_TRANSITIONS)
          .map((item) => [
            item.now ? make("a", {href: `#cell/${item.cell}`}, item.cell) : item.cell,
            change(item.was),
            change(item.now),
            item.reason.slice(0, 300),
          ]),
      ),
      count(kind) > MOST_TRANSITIONS
        ? make(
            "p",
            {class: "soft"},
            `… and ${count(kind) - MOST_TRANSITIONS} more: `,
            make("code", {}, typed("results", ["--diff", data.baseline])),
            " lists them all.",
          )
        : null,
    ]),
  ];
}
