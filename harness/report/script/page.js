// @ts-check
// Shows the page that the address names.

const PAGES = {
  overview: overviewPage,
  compare: comparePage,
  peers: peersPage,
  claims: claimsPage,
  agreement: agreementPage,
  environment: environmentPage,
  plots: plotsPage,
  words: wordsPage,
  coverage: () => coveragePage(new URLSearchParams(location.hash.split("?")[1] || "")),
};

let scrolled = 0;
let wantedScroll = 0;

/** Scroll the matrix to where it was, as soon as it has enough rows. */
function restoreScroll() {
  const region = document.querySelector("[aria-label=Matrix]");
  if (!region || !wantedScroll) return;
  region.scrollTop = wantedScroll;
  if (region.scrollTop + 1 >= wantedScroll) wantedScroll = 0;
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

async function draw() {
  turn += 1;
  const mine = turn;
  const hash = place();
  const name = hash.split("?")[0];
  if (name === "matrix") matrixQuery = currentQuery();
  const focused = document.activeElement;
  const searching = focused instanceof HTMLInputElement && focused.id === "search" ? focused.selectionStart : null;
  const region = document.querySelector("[aria-label=Matrix]");
  const grid = region ? region.scrollTop : null;
  const finding = name.startsWith("finding/") ? name.slice("finding/".length) : "";
  const page = finding ? findingPage(finding) : name.startsWith("cell/") ? await cellPage(hash.slice(5)) : await (PAGES[name] || matrixPage)(matrixQuery);
  if (mine !== turn) return; // another page was opened meanwhile
  main.replaceChildren(...page.flat(3).filter((node) => node !== null && node !== undefined));
  for (const link of document.querySelectorAll("nav a")) {
    if (link.getAttribute("href") === `#${finding ? "overview" : name}`) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  if (name === "matrix" && searching !== null) {
    const search = /** @type {HTMLInputElement} */ (byId("search"));
    search.focus();
    search.setSelectionRange(searching, searching);
  }
  wantedScroll = grid === null ? scrolled : grid;
  restoreScroll();
  const line = document.querySelector(".log .target");
  if (line) line.scrollIntoView({block: "center"});
  else if (name !== "matrix") window.scrollTo(0, 0);
  if (finding) showFinding(finding);
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
