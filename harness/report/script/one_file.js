// @ts-check
// The report as one file, to mail or to keep: it has every cell, and links to no file beside it, since none goes along.

const ALONE = document.documentElement.hasAttribute("data-alone");

/** A link to a file beside the report; its words alone in a report that was saved as one file. */
function fileLink(href, words) {
  return ALONE ? words : make("a", {href}, words);
}

/** This page as it was written, but for the links that lead out of it. */
function pageAlone() {
  const copy = /** @type {HTMLElement} */ (document.documentElement.cloneNode(true));
  copy.setAttribute("data-alone", "");
  for (const title of copy.querySelectorAll("title")) title.textContent = TITLE;
  for (const link of copy.querySelectorAll("nav a:not([href^='#'])")) link.remove();
  for (const drawn of copy.querySelectorAll("main > *, dialog")) drawn.remove();
  return `<!DOCTYPE html>\n${copy.outerHTML}\n`;
}

/** Hand a text to the reader as a file. */
function saveText(text, name, type) {
  const url = URL.createObjectURL(new Blob([text], {type}));
  make("a", {href: url, download: name}).click();
  setTimeout(() => URL.revokeObjectURL(url), 1000);
}

function oneFileBlock() {
  if (ALONE) return make("p", {class: "soft"}, "This report was saved as one file: pages that were beside it are not linked.");
  const button = make("button", {type: "button"}, "Save as one file");
  button.addEventListener("click", () => saveText(pageAlone(), `matrix-${data.run}.html`, "text/html"));
  return make(
    "p",
    {class: "soft keep"},
    button,
    " To mail or to keep: it has every cell and its evidence, and leaves out what lies in files beside it.",
  );
}
