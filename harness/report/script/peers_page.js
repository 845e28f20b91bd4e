// @ts-check
// Servers side by side: questions that have no single right answer.

function peersPage() {
  const columns = unique(data.targets.map(subjectOf));
  const answers = (row, column) =>
    (under(row.answers, column) || []).map((answer) =>
      make(
        "div",
        {class: "answer"},
        answer.value,
        answer.on ? make("span", {class: "soft"}, ` on ${answer.on}`) : null,
      ),
    );
  const differ = data.peers.filter((row) => row.differ).length;
  const cells = (row) =>
    columns.map((column) =>
      make(
        "td",
        {},
        answers(row, column).length
          ? answers(row, column)
          : make("span", {class: "soft", title: "no scenario that asks this ran on it"}, "–"),
      ),
    );
  const heads = (first) =>
    make(
      "thead",
      {},
      make(
        "tr",
        {},
        make("th", {scope: "col"}, first),
        columns.map((column) => make("th", {scope: "col"}, column)),
      ),
    );
  return [
    make("h2", {}, "Servers side by side"),
    data.holders.length
      ? [
          make("h3", {}, "Port already in use"),
          make(
            "div",
            {class: "scroll tall", tabindex: "0", role: "region", "aria-label": "Port already in use"},
            make(
              "table",
              {class: "peers"},
              heads("the port is held by"),
              make(
                "tbody",
                {},
                data.holders.map((row) =>
                  make(
                    "tr",
                    {},
                    make("th", {scope: "row"}, row.holder, make("div", {class: "soft mono"}, row.scenario)),
                    cells(row),
                  ),
                ),
              ),
            ),
          ),
          make("h3", {}, "All questions"),
        ]
      : null,
    make(
      "p",
      {},
      "Questions that have no single right answer: what each server did is shown, and not judged. ",
      `${differ} of ${counted(data.peers.length, "question has", "questions have")} answers that differ, and come first; times differ if one is ` +
        "more than twice another, and more than half a second longer.",
    ),
    make(
      "div",
      {class: "scroll tall", tabindex: "0", role: "region", "aria-label": "Servers side by side"},
      make(
        "table",
        {class: "peers"},
        heads("question"),
        make(
          "tbody",
          {},
          data.peers.map((row) =>
            make(
              "tr",
              {},
              make("th", {scope: "row"}, row.question, make("div", {class: "soft mono"}, row.scenarios.join(", "))),
              cells(row),
            ),
          ),
        ),
      ),
    ),
  ];
}
