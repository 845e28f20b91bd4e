// @ts-check
// A server compared with its oracle, request by request.

/** One difference between two servers: the part of the answer, and both values. */
function differenceBlock(answer, difference) {
  const [ours, theirs] = marked(difference.ours, difference.theirs);
  return make(
    "div",
    {class: "difference"},
    make("strong", {}, difference.part),
    make("div", {}, `${answer.subject}: `, make("span", {class: "mono"}, ours)),
    make("div", {}, `${answer.oracle}: `, make("span", {class: "mono"}, theirs)),
  );
}

function agreementCell(answer) {
  if (!answer) return make("td", {class: "soft"}, "–");
  if (answer.agree) return make("td", {}, make("span", {class: "word pass"}, `✓ ${answer.ours}`));
  if (answer.agree === null) {
    return make(
      "td",
      {},
      make("span", {class: "word missing"}, "– not compared"),
      make("div", {}, `${answer.subject}: ${answer.ours}`),
      make("div", {}, `${answer.oracle}: ${answer.theirs}`),
    );
  }
  return make(
    "td",
    {},
    make("span", {class: "word known"}, "≠"),
    answer.differences.map((difference) => differenceBlock(answer, difference)),
  );
}

function agreementPage() {
  if (!data.agreement.length) {
    return [make("h2", {}, "Agreement"), make("p", {}, "No subject in this run ran together with its oracle.")];
  }
  const all = data.agreement.flatMap((line) => line.answers);
  const columns = unique(all.map((answer) => answer.interpreter));
  const agreed = all.filter((answer) => answer.agree).length;
  const open = all.filter((answer) => answer.agree === null).length;
  const differ = data.agreement.filter((line) => line.answers.some((answer) => !answer.agree));
  return [
    make("h2", {}, "Agreement with the oracle"),
    make(
      "p",
      {},
      "Each request of the dispatch, parameter and http scenarios, answered by both: the status, the headers, and the whole body. ",
      `${agreed} of ${counted(all.length, "answer agrees", "answers agree")}${open ? `, ${open} could not be compared` : ""}; requests that differ come first.`,
    ),
    make(
      "details",
      {},
      make("summary", {}, "What may differ, and why"),
      make(
        "dl",
        {class: "pairs"},
        data.agreementRules.flatMap(([what, why]) => [make("dt", {}, what), make("dd", {}, why)]),
      ),
    ),
    make(
      "div",
      {class: "scroll tall", tabindex: "0", role: "region", "aria-label": "Agreement"},
      make(
        "table",
        {class: "claims agreement"},
        make(
          "thead",
          {},
          make(
            "tr",
            {},
            ["request", "reason for the difference", ...columns].map((text) => make("th", {scope: "col"}, text)),
          ),
        ),
        make(
          "tbody",
          {},
          [...differ, ...data.agreement.filter((line) => !differ.includes(line))].map((line) =>
            make(
              "tr",
              {},
              make(
                "th",
                {scope: "row"},
                line.request,
                make("div", {class: "soft mono"}, `${line.scenario}, step ${line.step}`),
              ),
              make("td", {}, differ.includes(line) ? line.reason || "✗ no reason given" : ""),
              columns.map((column) => agreementCell(line.answers.find((item) => item.interpreter === column))),
            ),
          ),
        ),
      ),
    ),
  ];
}
