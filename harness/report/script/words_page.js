// @ts-check
// What the words mean, and the keys: a page, and a dialog over the page that one reads.

const KEYS = [
  ["arrows", "move from cell to cell in the matrix"],
  ["Enter", "open the cell"],
  ["Escape", "from a cell back to the matrix"],
  ["n, p", "next and previous red cell, or known failure if none is red"],
  ["/", "search"],
  ["?", "these words and keys"],
];

function explained(pairs) {
  return make(
    "dl",
    {class: "pairs"},
    pairs.flatMap(([name, meaning]) => [make("dt", {}, name), make("dd", {}, meaning)]),
  );
}

function wordsPage() {
  return [
    make("h2", {}, "What the words mean"),
    explained(Object.entries(data.words)),
    make("h3", {}, "What a cell can say"),
    explained(data.outcomes.map(({word: name, meaning}) => [word(name), meaning])),
    make("p", {class: "soft"}, `${FAINT.should} is a failed should, and ${FAINT.may} a failed may, or what is recorded: they do not make the run red.`),
    make("h3", {}, "Keys"),
    explained(KEYS.map(([key, what]) => [make("kbd", {}, key), what])),
  ];
}

function wordsDialog() {
  const dialog = make(
    "dialog",
    {"aria-label": "Words and keys"},
    wordsPage(),
    make("form", {method: "dialog"}, make("button", {}, "Close")),
  );
  document.body.append(dialog);
  dialog.addEventListener("close", () => dialog.remove());
  dialog.showModal();
  dialog.scrollTop = 0;
}

byId("ask").addEventListener("click", (event) => {
  event.preventDefault();
  wordsDialog();
});
