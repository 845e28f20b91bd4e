// @ts-check
// Servers and Pythons at a glance.

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

function overviewCell(name, cell, pythons, all) {
  const told = ranges(pythons, all);
  const range = make("span", {class: "narrow soft"}, `${told} `);
  if (!cell) return make("td", {colspan: pythons.length, class: "soft"}, range, "·");
  const each = pythons.length > 1 ? " each" : ""; // neighbours with the same counts: these are not added up
  const counts = cell.asked ? `${cell.passed}/${cell.asked}${each}` : cell.word;
  const words = cell.asked
    ? `${cell.passed} of ${cell.asked} passed${cell.known ? `, ${cell.known} known` : ""}${cell.red ? `, ${cell.red} red` : ""}${each && " on each"}`
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
        title: `${name} on ${told}: ${words}`,
        "aria-label": `${name} on ${told}: ${cell.asked ? `${cell.word}, ${words}` : cell.word}`,
      },
      `${SHAPES[cell.word]} ${counts}`,
    ),
  );
}

function overviewGrid(grid) {
  return make(
    "div",
    {class: "scroll fit", tabindex: "0", role: "region", "aria-label": "Servers and Pythons"},
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
            mergedCells(server, grid.pythons).map(([cell, pythons]) => overviewCell(server.name, cell, pythons, grid.pythons)),
          ),
        ),
      ),
    ),
  );
}
