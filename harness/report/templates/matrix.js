// The matrix: the view is in the URL (#matrix?q=…&outcome=fail&subject=…), so that a link opens it again.

const LISTS = ["outcome", "subject", "python", "family", "closed"]; // several values, separated by commas
const ORDERS = {subject: "by server", python: "by Python"};
const DENSITIES = {"": "words and shapes", shapes: "shapes only (compact)"};
const DIFFERS = {
  "": "any row",
  pythons: "differs across Pythons",
  subjects: "differs across servers",
  baseline: "changed since the baseline",
  flaky: "flaky between runs",
};
const GRADES = {"": "any level", must: "must", should: "should", may: "may", record: "recorded"};
const NEUTRAL = new Set(["missing", "unsupported", undefined]); // says nothing about how servers or Pythons differ
const FILL_AHEAD = "600px";
const FIRST_ROWS = 60; // are added at once; the others follow in slices, so that the page never freezes
const SLICE = 120;

const subjectOf = (target) => target.id.split("@")[0];
const changedScenarios = new Set(data.transitions.map((item) => item.cell.split("@")[0]));
const flakyScenarios = new Set(data.flakyScenarios);
const unique = (items) => [...new Set(items)];

function readView(query) {
  const given = new URLSearchParams(query || "");
  const view = {
    q: given.get("q") || "",
    order: given.get("order") || "subject",
    differs: given.get("differs") || "",
    grade: given.get("grade") || "",
    density: given.get("density") || "",
  };
  for (const name of LISTS) view[name] = (given.get(name) || "").split(",").filter((item) => item);
  return view;
}

function writeView(view) {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(view)) {
    const text = Array.isArray(value) ? value.join(",") : value;
    if (text && !(name === "order" && text === "subject")) query.set(name, text);
  }
  const text = query.toString();
  return `#matrix${text ? `?${text}` : ""}`;
}

function shownTargets(view) {
  const wanted = data.targets.filter(
    (target) =>
      (!view.subject.length || view.subject.includes(subjectOf(target))) &&
      (!view.python.length || view.python.includes(target.interpreter_id)),
  );
  if (view.order !== "python") return wanted;
  const pythons = unique(data.targets.map((target) => target.interpreter_id));
  return wanted.slice().sort((a, b) => pythons.indexOf(a.interpreter_id) - pythons.indexOf(b.interpreter_id));
}

/** Whether the cells of one group (all Pythons of a server, or all servers on a Python) have different words. */
function differsWithin(scenario, targets, groupOf) {
  const words = new Map();
  for (const target of targets) {
    const word = wordAt(scenario, target);
    if (NEUTRAL.has(word)) continue;
    const group = groupOf(target);
    if (words.has(group) && words.get(group) !== word) return true;
    words.set(group, word);
  }
  return false;
}

function shownScenarios(view, targets) {
  const words = view.q
    .toLowerCase()
    .split(/\s+/)
    .filter((item) => item);
  return data.scenarios.filter((scenario) => {
    const text = `${scenario.id} ${scenario.title} ${scenario.issues.join(" ")} ${scenario.paper.join(" ")}`.toLowerCase();
    if (!words.every((item) => text.includes(item))) return false;
    if (view.family.length && !view.family.includes(scenario.family)) return false;
    if (view.grade && scenario.grade !== view.grade) return false;
    if (view.outcome.length && !targets.some((target) => view.outcome.includes(wordAt(scenario, target)))) return false;
    if (view.differs === "pythons") return differsWithin(scenario, targets, subjectOf);
    if (view.differs === "baseline") return changedScenarios.has(scenario.id);
    if (view.differs === "flaky") return flakyScenarios.has(scenario.id);
    if (view.differs === "subjects") return differsWithin(scenario, targets, (target) => target.interpreter_id);
    return true;
  });
}

/** The rows and columns of a view; only columns that have a selected outcome. */
function shown(view) {
  const chosen = shownTargets(view);
  const scenarios = shownScenarios(view, chosen);
  const targets = view.outcome.length
    ? chosen.filter((target) => scenarios.some((scenario) => view.outcome.includes(wordAt(scenario, target))))
    : chosen;
  return {scenarios, targets};
}

function go(view) {
  location.hash = writeView(view);
}

function toggled(list, item) {
  return list.includes(item) ? list.filter((other) => other !== item) : [...list, item];
}

function choice(view, name, options, title) {
  const select = make(
    "select",
    {"aria-label": title},
    Object.entries(options).map(([value, text]) => {
      const option = make("option", {value}, text);
      option.selected = view[name] === value;
      return option;
    }),
  );
  select.addEventListener("change", () => go({...view, [name]: select.value}));
  return select;
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

function toolbar(view, scenarios, targets) {
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
        `${SHAPES[name]} ${name} ${counts[name]}`,
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
  const narrowed = writeView({...view, closed: [], order: "subject", density: ""}) !== "#matrix";
  const all = make("a", {href: "#matrix"}, "show all");
  const columns = make(
    "details",
    view.subject.length || view.python.length || view.family.length ? {open: ""} : {},
    make("summary", {}, "Servers, Pythons, families"),
    boxes(view, "subject", unique(data.targets.map(subjectOf)), "Servers"),
    boxes(view, "python", unique(data.targets.map((target) => target.interpreter_id)), "Pythons"),
    boxes(view, "family", unique(data.scenarios.map((scenario) => scenario.family)), "Families"),
  );
  return [
    make("ul", {class: "legend", "aria-label": "Outcomes"}, chips),
    make(
      "div",
      {class: "tools"},
      search,
      choice(view, "differs", DIFFERS, "Rows that differ"),
      choice(view, "grade", GRADES, "Grade"),
      choice(view, "order", ORDERS, "Order of the columns"),
      choice(view, "density", DENSITIES, "What a cell shows"),
    ),
    columns,
    make(
      "p",
      {class: "soft", "aria-live": "polite"},
      `${scenarios.length} of ${data.scenarios.length} scenarios, ${targets.length} of ${data.targets.length} columns. `,
      narrowed ? all : null,
      narrowed ? ". " : null,
      "Press ? for keyboard shortcuts.",
    ),
  ];
}

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

function matrixPage(query) {
  const view = readView(query);
  const {scenarios, targets} = shown(view);
  const observer = filler(targets);
  const body = make("tbody");
  const perFamily = {};
  for (const scenario of scenarios) perFamily[scenario.family] = (perFamily[scenario.family] || 0) + 1;
  let family = null;
  const rows = [];
  for (const scenario of scenarios) {
    const closed = view.closed.includes(scenario.family);
    if (scenario.family !== family) {
      family = scenario.family;
      const button = make(
        "button",
        {type: "button", "aria-expanded": String(!closed)},
        `${closed ? "▸" : "▾"} ${family} (${perFamily[family]})`,
      );
      button.addEventListener("click", () => go({...view, closed: toggled(view.closed, scenario.family)}));
      rows.push(make("tr", {class: "family"}, make("th", {scope: "rowgroup", colspan: targets.length + 1}, button)));
    }
    if (closed) continue;
    rows.push(
      make(
        "tr",
        {"data-scenario": scenario.id},
        make("th", {scope: "row"}, scenario.title, make("div", {class: "soft mono"}, scenario.id)),
        targets.length ? make("td", {class: "later", colspan: targets.length}) : null,
      ),
    );
  }
  addRows(body, rows, observer, FIRST_ROWS);
  return [
    make("h2", {}, "Scenarios on every Python"),
    make(
      "p",
      {class: "soft"},
      `Run ${data.run}, ${data.environment.started}. Each row is a scenario, each column a server on a Python.`,
      " Open a cell to see what was done, expected and observed.",
    ),
    data.leftOut ? make("p", {}, `${data.leftOut}.`) : null,
    toolbar(view, scenarios, targets),
    scenarios.length && targets.length
      ? make(
          "div",
          {class: "scroll tall", tabindex: "0", role: "region", "aria-label": "Matrix"},
          make("table", {class: view.density === "shapes" ? "matrix shapes" : "matrix"}, columnHeads(targets, view), body),
        )
      : make("p", {}, "No matching cells. ", make("a", {href: "#matrix"}, "Show all")),
  ];
}

// -- keys

const RED = data.outcomes.filter(({red}) => red).map(({word}) => word);
const KEYS = [
  ["arrows", "move from cell to cell"],
  ["Enter", "open the cell"],
  ["Escape", "from a cell back to the matrix"],
  ["n, p", "next and previous red cell, or known failure if none is red"],
  ["/", "search"],
  ["?", "this help"],
];

/** Whether a cell makes the run red: a failure does only if the source demands it. */
function isRed(scenario, target) {
  return RED.includes(wordAt(scenario, target)) && ["", "must"].includes(levelAt(scenario, target));
}

/** Red and known cells, and other failures, in the order of the current view; only the red ones if there are any. */
function worthALook(query) {
  const view = readView(query);
  const {scenarios, targets} = shown(view);
  const found = scenarios.flatMap((scenario) =>
    targets
      .filter((target) => [...RED, "known"].includes(wordAt(scenario, target)))
      .map((target) => [`${scenario.id}@${target.id}`, isRed(scenario, target)]),
  );
  const red = found.filter(([, isIt]) => isIt);
  return (red.length ? red : found).map(([id]) => id);
}

function step(by) {
  const worth = worthALook(matrixQuery);
  if (!worth.length) return;
  const at = place();
  const here = at.startsWith("cell/") ? worth.indexOf(at.slice("cell/".length).split("~")[0]) : -1;
  const next = here < 0 ? (by > 0 ? 0 : worth.length - 1) : (here + by + worth.length) % worth.length;
  location.hash = `#cell/${worth[next]}`;
}

/** Move the focus in the grid; rows are filled when they are reached. */
function move(down, right) {
  const rows = [...document.querySelectorAll(".matrix tbody tr[data-scenario]")];
  if (!rows.length) return;
  const at = document.activeElement.closest ? document.activeElement.closest(".matrix td") : null;
  const row = at ? rows.indexOf(at.parentElement) : -1;
  const column = at ? [...at.parentElement.children].indexOf(at) : 1;
  const target = rows[at ? Math.min(rows.length - 1, Math.max(0, row + down)) : 0];
  const view = readView(matrixQuery);
  fillRow(target, shown(view).targets);
  const cells = target.children;
  const cell = cells[at ? Math.min(cells.length - 1, Math.max(1, column + right)) : 1];
  const link = cell.querySelector("a") || cell;
  if (link === cell) cell.setAttribute("tabindex", "-1");
  link.focus();
}

function help() {
  const dialog = make(
    "dialog",
    {"aria-label": "Keyboard shortcuts"},
    make("h2", {}, "Keyboard shortcuts"),
    make(
      "dl",
      {},
      KEYS.flatMap(([key, what]) => [make("dt", {}, key), make("dd", {}, what)]),
    ),
    make("form", {method: "dialog"}, make("button", {}, "Close")),
  );
  document.body.append(dialog);
  dialog.addEventListener("close", () => dialog.remove());
  dialog.showModal();
}

const ARROWS = {ArrowDown: [1, 0], ArrowUp: [-1, 0], ArrowRight: [0, 1], ArrowLeft: [0, -1]};

// In print all rows have their cells, even those that were never near the screen.
window.addEventListener("beforeprint", () => {
  const rows = [...document.querySelectorAll(".matrix tr[data-scenario]")];
  if (rows.length) {
    const {targets} = shown(readView(matrixQuery));
    for (const row of rows) fillRow(row, targets);
  }
});

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
  if (/^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName)) return;
  const onMatrix = document.querySelector(".matrix") !== null;
  const actions = {
    n: () => step(1),
    p: () => step(-1),
    "?": help,
    "/": () => {
      if (!onMatrix) location.hash = `#matrix${matrixQuery ? `?${matrixQuery}` : ""}`;
      setTimeout(() => document.getElementById("search").focus());
    },
    Escape: () => {
      if (!onMatrix) location.hash = `#matrix${matrixQuery ? `?${matrixQuery}` : ""}`;
    },
  };
  if (onMatrix && ARROWS[event.key] && (event.target.closest(".matrix") || event.target === document.body)) {
    event.preventDefault();
    move(...ARROWS[event.key]);
  } else if (actions[event.key]) {
    event.preventDefault();
    actions[event.key]();
  }
});
