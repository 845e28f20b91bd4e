// @ts-check
// The table of the matrix. Rows are filled with their cells when they come near the screen: a large one opens at once.

const FILL_AHEAD = "600px";
const FIRST_ROWS = 60; // are added at once; the others follow in slices, so that the page never freezes
const SLICE = 120;

function cellLink(scenario, target, shapesOnly) {
  const id = `${scenario.id}@${target.id}`;
  const name = wordAt(scenario, target);
  if (!name) return make("td", {}, make("span", {class: "soft", title: "not selected in this run"}, "·"));
  return make(
    "td",
    {},
    make(
      "a",
      {
        href: `#cell/${id}`,
        class: `${name} ${levelAt(scenario, target)}`.trim(),
        title: reasonAt(scenario, target) || MEANINGS[name],
        "aria-label": shapesOnly ? toldAt(scenario, target) : null,
      },
      shapesOnly ? FAINT[levelAt(scenario, target)] || SHAPES[name] : `${SHAPES[name]} ${toldAt(scenario, target)}`,
    ),
  );
}

/** Rows are filled with their cells when they come near the screen: a large matrix opens at once. */
function filler(groups, view) {
  const observer = new IntersectionObserver(
    (entries) => {
      for (const entry of entries) {
        if (!entry.isIntersecting) continue;
        observer.unobserve(entry.target);
        fillRow(entry.target, groups, view);
      }
    },
    {rootMargin: FILL_AHEAD},
  );
  return observer;
}

/** Adds the rows that the table still lacks; what prints it cannot wait for slices. */
let addTheRest = () => {};

/** Add rows to the table in slices, until all are there or another page is shown. */
function addRows(body, rows, observer, count) {
  addTheRest = () => addRows(body, rows, observer, rows.length);
  const now = rows.splice(0, count);
  body.append(...now);
  for (const row of now) if (row.dataset.scenario) observer.observe(row);
  restoreScroll();
  restoreCell();
  if (rows.length)
    setTimeout(() => {
      if (body.isConnected && rows.length) addRows(body, rows, observer, SLICE);
    });
}

function fillRow(row, groups, view) {
  const later = row.querySelector("td.later");
  if (!later) return;
  const scenario = scenarioById.get(row.dataset.scenario);
  const columns = groups.flatMap((group) => group.columns);
  later.replaceWith(
    ...columns.map((column) =>
      column.length > 1 ? foldedCell(scenario, column, view) : cellLink(scenario, column[0], view.density === "shapes"),
    ),
  );
}
