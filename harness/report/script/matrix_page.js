// @ts-check
// The matrix.

const MANY = 8; // columns: with more of them, the names of rows and columns take less room

function matrixPage(query) {
  const view = readView(query);
  const {scenarios, targets, leftColumns, leftRows} = shown(view);
  const groups = groupsOf(view, targets);
  const columns = groups.reduce((count, group) => count + group.columns.length, 0);
  const observer = filler(groups, view);
  const body = make("tbody");
  const perFamily = new Map();
  for (const scenario of scenarios) perFamily.set(scenario.family, (perFamily.get(scenario.family) || 0) + 1);
  let family = null;
  const rows = [];
  for (const scenario of scenarios) {
    const closed = view.closed.includes(scenario.family);
    if (scenario.family !== family) {
      family = scenario.family;
      const button = make(
        "button",
        {type: "button", "aria-expanded": String(!closed)},
        `${closed ? "▸" : "▾"} ${family} (${perFamily.get(family)})`,
      );
      button.addEventListener("click", () => go({...view, closed: toggled(view.closed, scenario.family)}));
      rows.push(make("tr", {class: "family"}, make("th", {scope: "rowgroup", colspan: columns + 1}, button)));
    }
    if (closed) continue;
    rows.push(
      make(
        "tr",
        {"data-scenario": scenario.id},
        make("th", {scope: "row"}, scenario.title, make("div", {class: "soft mono id", title: scenario.id}, scenario.id)),
        targets.length ? make("td", {class: "later", colspan: columns}) : null,
      ),
    );
  }
  addRows(body, rows, observer, FIRST_ROWS);
  return [
    make("h2", {}, "Scenarios on every Python"),
    make(
      "p",
      {class: "soft"},
      `${whenText(data.environment.started)}. Each row is a scenario. ${GROUPINGS[view.order].explained} `,
      "Open a cell to see what was done, expected and observed.",
    ),
    data.leftOut ? make("p", {}, `${data.leftOut}.`) : null,
    matrixTools(view, scenarios, targets),
    leftOutLine(view, leftColumns, leftRows),
    scenarios.length && targets.length
      ? make(
          "div",
          {class: "scroll tall", tabindex: "0", role: "region", "aria-label": "Matrix"},
          make("table", {class: `matrix${view.density === "shapes" ? " shapes" : ""}${columns > MANY ? " many" : ""}`}, columnHeads(groups, view), body),
        )
      : make("p", {}, "No matching cells. ", make("a", {href: "#matrix"}, "Show all")),
  ];
}

// In print all rows are there and have their cells, even those that were never near the screen, or are still to be added.
window.addEventListener("beforeprint", () => {
  if (!document.querySelector(".matrix")) return;
  addTheRest();
  const rows = [...document.querySelectorAll(".matrix tr[data-scenario]")];
  if (rows.length) {
    const view = readView(matrixQuery);
    const groups = groupsOf(view, shown(view).targets);
    for (const row of rows) fillRow(row, groups, view);
  }
});
