// @ts-check
// The view of the matrix is in the URL (#matrix?q=…&outcome=fail&subject=…), so that a link opens it again.

const LISTS = ["outcome", "subject", "python", "family", "closed", "open"]; // several values, separated by commas
const NEUTRAL = new Set(["missing", "unsupported", undefined]); // says nothing about how servers or Pythons differ
const changedScenarios = new Set(data.transitions.map((item) => item.cell.split("@")[0]));
const flakyScenarios = new Set(data.flakyScenarios);

function readView(query) {
  const given = new URLSearchParams(query || "");
  const view = {
    q: given.get("q") || "",
    order: given.get("order") === "python" ? "python" : "subject",
    differs: given.get("differs") || "",
    grade: given.get("grade") || "",
    density: given.get("density") || "",
    quiet: given.get("quiet") || "",
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

/** Whether a column has cells that were tried: not on a Python that this machine lacks, nor if nothing was asked there. */
const tried = new Set(data.targets.filter((target) => data.scenarios.some((scenario) => !NEUTRAL.has(wordAt(scenario, target)))));

/** The rows and columns of a view, and those that are folded behind a count because they say nothing.
 *
 *  Only columns that have a selected outcome are shown. Columns in which nothing was tried, and rows that were tried on none of
 *  the columns, are left out unless the view wants them or asks for such an outcome. */
function shown(view) {
  const chosen = shownTargets(view);
  const scenarios = shownScenarios(view, chosen);
  if (view.outcome.length) {
    const has = (target) => scenarios.some((scenario) => view.outcome.includes(wordAt(scenario, target)));
    return {scenarios, targets: chosen.filter(has), leftColumns: [], leftRows: 0};
  }
  if (view.quiet === "shown") return {scenarios, targets: chosen, leftColumns: [], leftRows: 0};
  const targets = chosen.filter((target) => tried.has(target));
  const says = (scenario) => targets.some((target) => !NEUTRAL.has(wordAt(scenario, target)));
  const rows = scenarios.filter(says);
  return {scenarios: rows, targets, leftColumns: chosen.filter((target) => !tried.has(target)), leftRows: scenarios.length - rows.length};
}

function go(view) {
  location.hash = writeView(view);
}

function toggled(list, item) {
  return list.includes(item) ? list.filter((other) => other !== item) : [...list, item];
}
