// @ts-check
// The columns of the matrix. Those of one server (or Python, in the other order) are folded into one, until it is opened.

/** What a group of columns is of, and what each of its columns is: servers and Pythons, in either order. */
const GROUPINGS = {
  subject: {
    group: subjectOf,
    inner: (target) => target.interpreter_id,
    inners: "Pythons",
    explained: "Pythons that agree share one word; a click on a server gives each of them a column.",
  },
  python: {
    group: (target) => target.interpreter_id,
    inner: subjectOf,
    inners: "servers",
    explained: "Servers that agree share one word; a click on a Python gives each of them a column.",
  },
};

/** The groups of some targets, each with its columns: [{name, folded, columns: [[target, …], …]}, …]. */
function groupsOf(view, targets) {
  const {group} = GROUPINGS[view.order];
  const members = new Map();
  for (const target of targets) members.set(group(target), [...(members.get(group(target)) || []), target]);
  return [...members].map(([name, own]) => {
    const folded = own.length > 1 && members.size > 1 && !view.open.includes("*") && !view.open.includes(name);
    return {name, folded, targets: own, columns: folded ? [own] : own.map((target) => [target])};
  });
}

/** Names as ranges of what is next to each other in a list: "2.7, 3.6 to 3.9". */
function ranges(names, all) {
  const found = [];
  let last = -2;
  for (const name of all) {
    if (!names.includes(name)) continue;
    const at = all.indexOf(name);
    if (at === last + 1) found[found.length - 1].push(name);
    else found.push([name]);
    last = at;
  }
  return found.map((run) => (run.length < 3 ? run.join(", ") : `${run[0]} to ${run[run.length - 1]}`)).join(", ");
}

/** Which targets of a column say the same, the worst first; what says nothing is left out if others say something. */
function partsOf(scenario, targets) {
  const parts = new Map();
  for (const target of targets) {
    const told = toldAt(scenario, target);
    if (told) parts.set(told, [...(parts.get(told) || []), target]);
  }
  const all = [...parts].map(([told, own]) => ({told, word: wordAt(scenario, own[0]), level: levelAt(scenario, own[0]), targets: own}));
  const says = all.filter((part) => !NEUTRAL.has(part.word));
  return (says.length ? says : all).sort((one, other) => WORDS.indexOf(one.word) - WORDS.indexOf(other.word));
}

const MOST_NAMES = 3; // servers that a part names; more are counted

/** Where a part holds, in a few characters: nothing if all agree, and "else" for what is left after the others. */
function whereOf(part, parts, column, view) {
  if (parts.length === 1) return "";
  if (part === parts[parts.length - 1]) return "else";
  const {inner, inners} = GROUPINGS[view.order];
  const names = part.targets.map(inner);
  if (view.order === "subject") return ranges(names, column.map(inner));
  return names.length > MOST_NAMES ? `${names.length} ${inners}` : names.join(", ");
}

/** The last of a part, which is the newest Python: the cell that its link opens. */
function lastOf(part) {
  return part.targets[part.targets.length - 1];
}

/** A cell of a folded column: each word once, with where it holds. */
function foldedCell(scenario, column, view) {
  const parts = partsOf(scenario, column);
  if (!parts.length) return make("td", {}, make("span", {class: "soft", title: "not selected in this run"}, "·"));
  const {inner} = GROUPINGS[view.order];
  return make(
    "td",
    {},
    parts.map((part) => {
      const place = whereOf(part, parts, column, view);
      const full = ranges(part.targets.map(inner), column.map(inner));
      const shape = FAINT[part.level] || SHAPES[part.word];
      return make(
        "a",
        {
          href: `#cell/${scenario.id}@${lastOf(part).id}`,
          class: `${part.word} ${part.level}`.trim(),
          title: `${full}: ${reasonAt(scenario, lastOf(part)) || MEANINGS[part.word]}`,
          "aria-label": `${part.told} on ${full}`,
        },
        view.density === "shapes" || (NEUTRAL.has(part.word) && !place) ? shape : `${shape} ${place || (FAINT[part.level] ? part.level : part.word)}`,
      );
    }),
  );
}

/** The versions of the server that the targets of a group have: one, or the first and the last. */
function versionsOf(targets) {
  const versions = unique(targets.map((target) => target.subject_version).filter((version) => version));
  return versions.length > 2 ? `${versions[0]} to ${versions[versions.length - 1]}` : versions.join(", ");
}

function groupHead(group, view) {
  if (group.targets.length < 2) return group.name;
  const {inners} = GROUPINGS[view.order];
  const button = make(
    "button",
    {type: "button", class: "bare", "aria-expanded": String(!group.folded), title: group.folded ? `a column for each of its ${inners}` : "one column"},
    `${group.folded ? "▸" : "▾"}\u00a0${group.name}`,
  );
  const open = view.open.includes("*") ? unique(data.targets.map(GROUPINGS[view.order].group)) : view.open;
  button.addEventListener("click", () => go({...view, open: toggled(open, group.name)}));
  return button;
}

/** The two rows above the table: groups, and what their columns are. */
function columnHeads(groups, view) {
  const {inner, inners} = GROUPINGS[view.order];
  const below = groups.flatMap((group) =>
    group.folded
      ? [
          make(
            "th",
            {scope: "col", class: "folded", title: view.order === "subject" ? versionsOf(group.targets) : null},
            make("div", {class: "soft"}, counted(group.targets.length, inners.slice(0, -1), inners)),
          ),
        ]
      : group.targets.map((target) =>
          make(
            "th",
            {scope: "col", title: target.reason || target.interpreter.version},
            make("div", {}, inner(target)),
            make("div", {class: "soft"}, target.subject_version || ""),
            target.source ? make("div", {class: "soft"}, target.source) : null,
          ),
        ),
  );
  return make(
    "thead",
    {},
    make(
      "tr",
      {},
      make("th", {rowspan: 2, scope: "col", class: "corner"}, "scenario"),
      groups.map((group) => make("th", {colspan: group.columns.length, scope: "colgroup", class: group.folded ? "group narrowed" : "group"}, groupHead(group, view))),
    ),
    make("tr", {}, below),
  );
}
