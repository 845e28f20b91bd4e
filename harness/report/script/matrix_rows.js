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

/** Neighbours with the same name, and their number: [[name, count], …]. */
function grouped(targets, nameOf) {
  const groups = [];
  for (const target of targets) {
    const last = groups[groups.length - 1];
    if (last && last[0] === nameOf(target)) last[1] += 1;
    else groups.push([nameOf(target), 1]);
  }
  return groups;
}

function columnHeads(targets, view) {
  const groups = grouped(targets, view.order === "python" ? (target) => target.interpreter_id : subjectOf);
  const inner = view.order === "python" ? subjectOf : (target) => target.interpreter_id;
  return make(
    "thead",
    {},
    make(
      "tr",
      {},
      make("th", {rowspan: 2, scope: "col", class: "corner"}, "scenario"),
      groups.map(([name, count]) => make("th", {colspan: count, scope: "colgroup", class: "group"}, name)),
    ),
    make(
      "tr",
      {},
      targets.map((target) =>
        make(
          "th",
          {scope: "col", title: target.reason || target.interpreter.version},
          make("div", {}, inner(target)),
          make("div", {class: "soft"}, target.subject_version || ""),
          target.source ? make("div", {class: "soft"}, target.source) : null,
        ),
      ),
    ),
  );
}

/** Rows are filled with their cells when they come near the screen: a large matrix opens at once. */
function filler(targets) {
  const observer = new IntersectionObserver(
    (entries) => {
      for (const entry of entries) {
        if (!entry.isIntersecting) continue;
        observer.unobserve(entry.target);
        fillRow(entry.target, targets);
      }
    },
    {rootMargin: FILL_AHEAD},
  );
  return observer;
}

/** Add rows to the table in slices, until all are there or another page is shown. */
function addRows(body, rows, observer, count) {
  const now = rows.splice(0, count);
  body.append(...now);
  for (const row of now) if (row.dataset.scenario) observer.observe(row);
  restoreScroll();
  if (rows.length)
    setTimeout(() => {
      if (body.isConnected) addRows(body, rows, observer, SLICE);
    });
}

function fillRow(row, targets) {
  if (!row.querySelector("td.later")) return;
  const scenario = scenarioById.get(row.dataset.scenario);
  row
    .querySelector("td.later")
    .replaceWith(...targets.map((target) => cellLink(scenario, target, row.closest(".shapes") !== null)));
}
