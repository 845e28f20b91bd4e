// @ts-check
// Shows the page that the address names.

// Its title and what draws it, by the page's name. A Map, since an address can be any word: "constructor" is none of its names.
const PAGES = new Map([
  ["overview", {title: "Overview", draws: overviewPage}],
  ["matrix", {title: "Matrix", draws: () => matrixPage(matrixQuery)}],
  ["compare", {title: "Changes", draws: comparePage}],
  ["peers", {title: "Side by side", draws: peersPage}],
  ["claims", {title: "The paper's claims", draws: claimsPage}],
  ["agreement", {title: "Agreement", draws: agreementPage}],
  ["environment", {title: "Environment", draws: environmentPage}],
  ["plots", {title: "Plots", draws: plotsPage}],
  ["words", {title: "Words and keys", draws: wordsPage}],
  ["coverage", {title: "Coverage", draws: () => coveragePage(new URLSearchParams(location.hash.split("?")[1] || ""))}],
]);
const TITLE = document.title; // of the report as a whole

let scrolled = 0;
let wantedScroll = 0;

/** Scroll the matrix to where it was, as soon as it has enough rows. */
function restoreScroll() {
  const region = document.querySelector("[aria-label=Matrix]");
  if (!region || !wantedScroll) return;
  region.scrollTop = wantedScroll;
  if (region.scrollTop + 1 >= wantedScroll) wantedScroll = 0;
}

let cellShown = ""; // the cell whose page is open
let wantedCell = ""; // the cell in the matrix that gets the focus

/** Give the focus back to the cell whose page was open, as soon as the matrix has its row. */
function restoreCell() {
  if (!wantedCell || document.activeElement !== main) return;
  const link = linkInMatrix(wantedCell);
  if (!link) return;
  wantedCell = "";
  link.focus();
}

let matrixQuery = ""; // the last view of the matrix: the way back from a cell leads there

function currentQuery() {
  return location.hash.startsWith("#matrix?") ? location.hash.slice("#matrix?".length) : "";
}

let turn = 0;

/** What follows the # in the address; an invalid escape is taken as it is. */
function place() {
  const text = location.hash.slice(1);
  try {
    return decodeURIComponent(text) || "overview";
  } catch (error) {
    if (error instanceof URIError) return text;
    throw error;
  }
}

/** What an address names: a cell, a finding, or one of the pages; and the page that says so if it names none of them. */
function addressed(hash) {
  const name = hash.split("?")[0];
  const [kind, rest] = [name.slice(0, name.indexOf("/") + 1), name.slice(name.indexOf("/") + 1)];
  if (kind === "cell/" && rest) {
    const id = hash.slice(kind.length).split("~")[0];
    return {name, cell: id, title: `Cell ${id}`, draws: () => cellPage(hash.slice(kind.length))};
  }
  if (kind === "finding/" && rest) {
    const found = data.overview.findings.find((finding) => finding.key === rest);
    return {name, nav: "overview", finding: rest, title: found ? `Finding: ${found.title}` : `Finding ${rest}`, draws: () => findingPage(rest)};
  }
  return {name, ...(PAGES.get(name) || {title: "No such page", draws: () => noPage(name)})};
}

/** What is said where an address names nothing, with the way to what there is. */
function noPage(name) {
  const some = ["overview", "matrix", "environment", "words"];
  return [
    make("h2", {}, "No such page"),
    make("p", {class: "notice", role: "status"}, "This report has no page ", make("code", {}, `#${name}`), "."),
    make("p", {}, "It has these: ", joined(some.map((one) => make("a", {href: `#${one}`}, (PAGES.get(one) || {title: one}).title))), ", and those above."),
  ];
}

/** Say what the page is: in the navigation, and in the title of its tab. */
function announce({name, nav = name, title}) {
  document.title = `${title} – ${TITLE}`;
  for (const link of document.querySelectorAll("nav a")) {
    if (link.getAttribute("href") === `#${nav}`) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
}

async function draw() {
  turn += 1;
  const mine = turn;
  const hash = place();
  const here = addressed(hash);
  const {name} = here;
  if (name === "matrix") matrixQuery = currentQuery();
  const focused = document.activeElement;
  const searching = focused instanceof HTMLInputElement && focused.id === "search" ? focused.selectionStart : null;
  const region = document.querySelector("[aria-label=Matrix]");
  const grid = region ? region.scrollTop : null;
  const page = await here.draws();
  if (mine !== turn) return; // another page was opened meanwhile
  main.replaceChildren(...page.flat(3).filter((node) => node !== null && node !== undefined));
  announce(here);
  if (mine > 1) focusPage();
  if (name === "matrix" && searching !== null) {
    const search = /** @type {HTMLInputElement} */ (byId("search"));
    search.focus();
    search.setSelectionRange(searching, searching);
  }
  wantedScroll = grid === null ? scrolled : grid;
  restoreScroll();
  if (name === "matrix" && cellShown && document.activeElement === main) wantedCell = cellShown;
  cellShown = here.cell || "";
  restoreCell();
  const line = document.querySelector(".log .target");
  if (line) line.scrollIntoView({block: "center"});
  else if (name !== "matrix") window.scrollTo(0, 0);
  if (here.finding) showFinding(here.finding);
  main.dataset.page = hash;
}

document.addEventListener(
  "click",
  () => {
    const region = document.querySelector("[aria-label=Matrix]");
    if (region) scrolled = region.scrollTop;
  },
  true,
);

window.addEventListener("hashchange", draw);
draw();
