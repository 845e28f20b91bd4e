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
  location.hash = `#cell/${worth[next]}`;
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
  if (onMatrix && ARROWS[event.key] && (at.closest(".matrix") || at === document.body)) {
    event.preventDefault();
    move(...ARROWS[event.key]);
  } else if (actions[event.key]) {
    event.preventDefault();
    actions[event.key]();
  }
});
