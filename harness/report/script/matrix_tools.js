// @ts-check
// The tools above the matrix: outcomes, search, filters.

const ORDERS = {subject: "by server", python: "by Python"};
const FOLDS = {"": "Pythons folded", "*": "every server on every Python"};
const DENSITIES = {"": "words and shapes", shapes: "shapes only (compact)"};

const DIFFERS = {
  "": "any row",
  pythons: "differs across Pythons",
  subjects: "differs across servers",
  baseline: "changed since the baseline",
  flaky: "flaky between runs",
};

const GRADES = {"": "any level", must: "must", should: "should", may: "may", record: "recorded"};

/** A list to choose one value of the view from; ``stored`` makes of it what the view holds. */
function choice(view, name, options, title, stored = (value) => value) {
  const select = make(
    "select",
    {"aria-label": title},
    Object.entries(options).map(([value, text]) => {
      const option = make("option", {value}, text);
      option.selected = view[name] === value;
      return option;
    }),
  );
  select.addEventListener("change", () => go({...view, [name]: stored(select.value)}));
  return select;
}

/** What is folded behind a count: columns in which nothing was tried, rows that are for other servers. */
function leftOutLine(view, columns, rows) {
  if (view.quiet === "shown") {
    return make("p", {class: "soft"}, make("a", {href: writeView({...view, quiet: ""})}, "Fold the rows and columns in which nothing was tried"), ".");
  }
  if (!columns.length && !rows) return null;
  const pythons = unique(columns.map((target) => target.interpreter_id));
  return make(
    "p",
    {class: "soft"},
    "Folded: ",
    [
      columns.length ? `${counted(columns.length, "column")} in which nothing was tried (${pythons.join(", ")})` : "",
      rows ? `${counted(rows, "row")} that ${rows === 1 ? "applies" : "apply"} to none of these servers` : "",
    ]
      .filter((text) => text)
      .join(", "),
    ". ",
    make("a", {href: writeView({...view, quiet: "shown"})}, "Show them"),
    ".",
  );
}

function boxes(view, name, items, title) {
  return make(
    "fieldset",
    {},
    make("legend", {}, title),
    items.map((item) => {
      const box = make("input", {type: "checkbox"});
      box.checked = view[name].includes(item);
      box.addEventListener("change", () => go({...view, [name]: toggled(view[name], item)}));
      return make("label", {}, box, ` ${item}`);
    }),
  );
}

function matrixTools(view, scenarios, targets) {
  const counts = {};
  for (const scenario of data.scenarios) {
    for (const target of data.targets) {
      const name = wordAt(scenario, target);
      counts[name] = (counts[name] || 0) + 1;
    }
  }
  const chips = WORDS
    .slice()
    .reverse()
    .filter((name) => counts[name])
    .map((name) => {
      const chip = make(
        "button",
        {type: "button", class: `word ${name}`, "aria-pressed": String(view.outcome.includes(name)), title: MEANINGS[name]},
        `${SHAPES[name]} ${name} ${counts[name].toLocaleString("en")}`,
      );
      chip.addEventListener("click", () => go({...view, outcome: toggled(view.outcome, name)}));
      return make("li", {}, chip);
    });
  const search = make("input", {
    type: "search",
    id: "search",
    placeholder: "scenario, words, issue (/)",
    "aria-label": "Find scenarios",
    value: view.q,
  });
  let timer = 0;
  search.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(() => go({...readView(currentQuery()), q: search.value}), 150);
  });
  const narrowed = writeView({...view, closed: [], open: [], order: "subject", density: "", quiet: ""}) !== "#matrix";
  const all = make("a", {href: "#matrix"}, "show all");
  const more = make(
    "details",
    view.subject.length || view.python.length || view.family.length || view.grade || view.differs ? {class: "filters", open: ""} : {class: "filters"},
    make("summary", {}, "More filters, and how the table looks"),
    make(
      "div",
      {class: "tools"},
      choice(view, "differs", DIFFERS, "Rows that differ"),
      choice(view, "grade", GRADES, "Grade"),
      choice(view, "order", ORDERS, "Order of the columns"),
      choice(view, "density", DENSITIES, "What a cell shows"),
      choice({...view, open: view.open.includes("*") ? "*" : ""}, "open", FOLDS, "Columns", (value) => (value ? [value] : [])),
    ),
    boxes(view, "subject", unique(data.targets.map(subjectOf)), "Servers"),
    boxes(view, "python", unique(data.targets.map((target) => target.interpreter_id)), "Pythons"),
    boxes(view, "family", unique(data.scenarios.map((scenario) => scenario.family)), "Families"),
  );
  return [
    make("div", {class: "tools"}, search, make("ul", {class: "legend", "aria-label": "Outcomes"}, chips)),
    more,
    make(
      "p",
      {class: "soft", "aria-live": "polite"},
      `${scenarios.length} of ${counted(data.scenarios.length, "scenario")}, ${targets.length} of ${counted(data.targets.length, "column")}. `,
      narrowed ? all : null,
      narrowed ? ". " : null,
    ),
  ];
}
