// @ts-check
// What the keys do.

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
  main.focus({preventScroll: true}); // and not on a link that the reader has left: Enter would follow it
  location.hash = `#cell/${worth[next]}`;
}

/** Where keys go on from after another page was drawn, if what had the focus is gone. */
function focusPage() {
  if (!document.activeElement || document.activeElement === document.body) main.focus({preventScroll: true});
}

/** The link in the matrix that leads to a cell, or to those that are folded with it; null if its row is not there, or not yet. */
function linkInMatrix(id) {
  const {scenario, target} = cellOf(id) || {};
  const row = scenario && document.querySelector(`.matrix tr[data-scenario="${CSS.escape(scenario.id)}"]`);
  if (!row) return null;
  const view = readView(matrixQuery);
  const groups = groupsOf(view, shown(view).targets);
  fillRow(row, groups, view);
  const column = groups.flatMap((group) => group.columns).findIndex((targets) => targets.includes(target));
  const cell = column < 0 ? null : row.children[column + 1];
  return cell && /** @type {HTMLElement | null} */ (cell.querySelector(`a[href="#cell/${CSS.escape(id)}"]`) || cell.querySelector("a"));
}

/** Move the focus in the grid; rows are filled when they are reached. */
function move(down, right) {
  const rows = [...document.querySelectorAll(".matrix tbody tr[data-scenario]")];
  if (!rows.length) return;
  const at = document.activeElement ? document.activeElement.closest(".matrix td") : null;
  const row = at ? rows.indexOf(/** @type {Element} */ (at.parentElement)) : -1;
  const column = at ? [...rows[row].children].indexOf(at) : 1;
  const target = rows[at ? Math.min(rows.length - 1, Math.max(0, row + down)) : 0];
  const view = readView(matrixQuery);
  fillRow(target, groupsOf(view, shown(view).targets), view);
  const cells = target.children;
  const cell = cells[at ? Math.min(cells.length - 1, Math.max(1, column + right)) : 1];
  const link = /** @type {HTMLElement} */ (cell.querySelector("a") || cell);
  if (link === cell) cell.setAttribute("tabindex", "-1");
  link.focus();
}

const ARROWS = {ArrowDown: [1, 0], ArrowUp: [-1, 0], ArrowRight: [0, 1], ArrowLeft: [0, -1]};

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
  const at = /** @type {HTMLElement} */ (event.target);
  if (/^(INPUT|SELECT|TEXTAREA)$/.test(at.tagName)) return;
  const onMatrix = document.querySelector(".matrix") !== null;
  const actions = {
    n: () => step(1),
    p: () => step(-1),
    "?": wordsDialog,
    "/": () => {
      if (!onMatrix) location.hash = `#matrix${matrixQuery ? `?${matrixQuery}` : ""}`;
      setTimeout(() => byId("search").focus());
    },
    Escape: () => {
      if (!onMatrix) location.hash = `#matrix${matrixQuery ? `?${matrixQuery}` : ""}`;
    },
  };
  if (onMatrix && ARROWS[event.key] && (at.closest(".matrix") || [document.body, main].includes(at))) {
    event.preventDefault();
    move(...ARROWS[event.key]);
  } else if (actions[event.key]) {
    event.preventDefault();
    actions[event.key]();
  }
});
