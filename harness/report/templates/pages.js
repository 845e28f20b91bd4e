// The pages that are tables: claims, agreement, side by side, compare, environment.

function claimVerdict(verdict) {
  const [name, shape] = {
    reproduced: ["pass", "✓"],
    "not reproduced": ["known", "✗"],
    "in part": ["known", "◐"],
    "cannot be tried here": ["missing", "–"],
  }[verdict] || ["fail", "!"];
  return make("span", {class: `word ${name}`}, `${shape} ${verdict}`);
}

function claimsPage() {
  const tried = data.targets.filter((target) =>
    data.claims.some((claim) => claim.verdicts[target.id] !== "cannot be tried here"),
  );
  const left = data.targets.length - tried.length;
  return [
    make("h2", {}, "The paper's claims"),
    make(
      "p",
      {},
      "“CherryPy: Common Programmer Issues with Solutions” (Shinde and Patel; Python 2.7.5 on Windows, September 2013), in our words. ",
      "For each Python: what the scenarios for the claim saw.",
    ),
    make(
      "div",
      {class: "scroll tall", tabindex: "0", role: "region", "aria-label": "Claims"},
      make(
        "table",
        {class: "claims"},
        make(
          "thead",
          {},
          make(
            "tr",
            {},
            ["claim", "what the paper shows", "what was found"].map((text) => make("th", {scope: "col", rowspan: 2}, text)),
            grouped(tried, subjectOf).map(([name, count]) => make("th", {scope: "colgroup", colspan: count}, name)),
          ),
          make(
            "tr",
            {},
            tried.map((target) => make("th", {scope: "col"}, target.interpreter_id)),
          ),
        ),
        make(
          "tbody",
          {},
          data.claims.map((claim) =>
            make(
              "tr",
              {id: `claim-${claim.id}`},
              make("th", {scope: "row"}, claim.claim, make("div", {class: "soft mono"}, claim.id)),
              make("td", {}, claim.evidence),
              make("td", {}, claim.found, make("div", {class: "soft mono"}, claim.scenarios.join(", ") || "no scenario")),
              tried.map((target) => make("td", {}, claimVerdict(claim.verdicts[target.id]))),
            ),
          ),
        ),
      ),
    ),
    left
      ? make("p", {class: "soft"}, `${left} of ${data.targets.length} columns are left out: no claim could be tried on them.`)
      : null,
  ];
}

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
      `${agreed} of ${all.length} answers agree${open ? `, ${open} could not be compared` : ""}; requests that differ come first.`,
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

function environmentPage() {
  return [
    make("h2", {}, "Environment"),
    make(
      "table",
      {},
      make(
        "tbody",
        {},
        Object.entries(data.environment).map(([key, value]) =>
          make("tr", {}, make("th", {scope: "row"}, key), make("td", {class: "mono"}, show(value))),
        ),
      ),
    ),
    make("p", {}, "Command: ", make("code", {}, `server-matrix ${data.command.join(" ")}`)),
    data.leftOut ? make("p", {}, `${data.leftOut}.`) : null,
    make("h3", {}, "Targets"),
    make(
      "div",
      {class: "scroll"},
      make(
        "table",
        {},
        make(
          "thead",
          {},
          make(
            "tr",
            {},
            ["target", "implementation", "version", "build", "found by", "server", "coverage", "state"].map((text) =>
              make("th", {scope: "col"}, text),
            ),
          ),
        ),
        make(
          "tbody",
          {},
          data.targets.map((target) => {
            const python = target.interpreter || {};
            return make(
              "tr",
              {},
              make("th", {scope: "row"}, target.id),
              make("td", {}, python.implementation || "–"),
              make("td", {}, python.version || "–"),
              make("td", {}, python.build || "–"),
              make("td", {}, python.place || "–"),
              make("td", {}, target.subject_version || "–"),
              make("td", {}, target.coverage || "–"),
              make("td", {}, target.reason ? `${target.status}: ${target.reason}` : "ready"),
            );
          }),
        ),
      ),
    ),
  ];
}

function peersPage() {
  const columns = [...new Set(data.targets.map((target) => target.id.split("@")[0]))];
  const all = (column) => data.targets.filter((target) => target.id.split("@")[0] === column).length;
  const answers = (row, column) =>
    (row.answers[column] || []).map((answer) =>
      make(
        "div",
        {class: "answer"},
        answer.value,
        answer.interpreters.length < all(column)
          ? make("span", {class: "soft"}, ` on ${answer.interpreters.join(", ")}`)
          : null,
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
      `${differ} of ${data.peers.length} questions have answers that differ, and come first; times differ if one is ` +
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

const MOST_TRANSITIONS = 500; // of a kind: nobody reads more rows than that, and the page would freeze

/** The cells that changed their word between runs of the same code, and the runs that could not be read. */
function flakesBlock() {
  const more = data.flakyCells - data.flakes.length;
  const none = data.lookedAt > 1 ? "No cell changed its outcome between runs of the same code." : "There is no older run.";
  return [
    make("h2", {}, "Flaky cells"),
    make(
      "p",
      {},
      "A cell is flaky if its outcome changed between stored runs although its scenario, its server, its Python and the harness did not. ",
      `${data.lookedAt} run${data.lookedAt === 1 ? " was" : "s were"} compared. `,
      data.flakes.length ? "The worst come first." : none,
    ),
    data.unreadable.map(([run, problem]) =>
      make("p", {}, make("span", {class: "word error"}, `${SHAPES.error} not compared`), ` run ${run}: ${problem}`),
    ),
    data.flakes.length
      ? grid(
          "Flaky cells",
          ["cell", "changed", "comparisons", "outcomes, oldest first"],
          data.flakes.map((flake) => [
            make("a", {href: `#cell/${flake.cell}`}, flake.cell),
            String(flake.changes),
            String(flake.comparisons),
            make(
              "span",
              {},
              flake.words.flatMap((name) => [word(name), " "]),
            ),
          ]),
        )
      : null,
    more > 0
      ? make(
          "p",
          {class: "soft"},
          `… and ${more} more: `,
          make("code", {}, "server-matrix results --flaky"),
          " lists them all.",
        )
      : null,
  ];
}

function comparePage() {
  return [...baselineBlock(), ...flakesBlock()];
}

function baselineBlock() {
  if (!data.baseline) {
    return [
      make("h2", {}, "Compare"),
      make(
        "p",
        {},
        "This report was made without a baseline. ",
        make("code", {}, "nox -s report -- --baseline RUN"),
        " makes one that shows what changed since an earlier run; ",
        make("code", {}, "server-matrix history"),
        " lists the runs.",
      ),
    ];
  }
  const kinds = unique(data.transitions.map((transition) => transition.kind));
  const count = (kind) => data.transitions.filter((item) => item.kind === kind).length;
  const change = (text) => (text ? word(text) : make("span", {class: "soft"}, "absent"));
  return [
    make("h2", {}, "Compared with run ", data.baseline),
    make("p", {}, data.transitions.length ? kinds.map((kind) => `${kind}: ${count(kind)}`).join("; ") : "No changes."),
    make(
      "p",
      {},
      `${data.compared.cells} cells of that run are compared.`,
      data.compared.unasked ? ` ${data.compared.unasked} more are not, because this run did not select them.` : "",
      data.compared.ran ? "" : " None of the compared cells ran then, so none can have become worse.",
    ),
    kinds.map((kind) => [
      make("h3", {}, kind),
      make(
        "div",
        {class: "scroll", tabindex: "0", role: "region", "aria-label": kind},
        make(
          "table",
          {},
          make(
            "thead",
            {},
            make(
              "tr",
              {},
              ["cell", "was", "is", "reason"].map((text) => make("th", {scope: "col"}, text)),
            ),
          ),
          make(
            "tbody",
            {},
            data.transitions
              .filter((item) => item.kind === kind)
              .slice(0, MOST_TRANSITIONS)
              .map((item) =>
                make(
                  "tr",
                  {},
                  make("th", {scope: "row"}, item.now ? make("a", {href: `#cell/${item.cell}`}, item.cell) : item.cell),
                  make("td", {}, change(item.was)),
                  make("td", {}, change(item.now)),
                  make("td", {}, item.reason.slice(0, 300)),
                ),
              ),
          ),
        ),
      ),
      count(kind) > MOST_TRANSITIONS
        ? make(
            "p",
            {class: "soft"},
            `… and ${count(kind) - MOST_TRANSITIONS} more: `,
            make("code", {}, `server-matrix results --diff ${data.baseline}`),
            " lists them all.",
          )
        : null,
    ]),
  ];
}
