// @ts-check
// The paper's claims, and what the cells saw of each.

/** A verdict: a problem that is reproduced is no success, and does not look like one. */
function claimVerdict(verdict, problem) {
  const [name, shape] = {
    reproduced: problem ? ["problem", "▲"] : ["pass", "✓"],
    "not reproduced": problem ? ["missing", "▽"] : ["known", "✗"],
    "in part": [problem ? "problem" : "known", "◐"],
    "cannot be tried here": ["missing", "–"],
    "not tried in this run": ["missing", "–"],
    "open: its failures are known": ["known", "✗"],
  }[verdict] || ["fail", "!"];
  const told = {reproduced: "problem reproduced", "not reproduced": "problem not reproduced", "in part": "problem in part"};
  return make("span", {class: `word ${name}`}, `${shape} ${(problem && told[verdict]) || verdict}`);
}

/** Servers and Pythons: ["cherrypy and enginebus on 2.7 to 3.13", "tornado on 3.6"]. */
function claimWhere(places) {
  return make("span", {class: "soft"}, places.join("; "));
}

const MOST_ANSWERS = 4; // that are shown of a question: the rest is folded

function claimAnswers(asked) {
  const told = asked.answers.map((answer) => make("dd", {}, make("strong", {}, answer.value), " ", claimWhere(answer.where)));
  if (told.length <= MOST_ANSWERS + 1) return told;
  const rest = make(
    "details",
    {},
    make("summary", {}, `${counted(told.length - MOST_ANSWERS, "more answer")}`),
    make("dl", {class: "found"}, make("dt", {}, asked.question), told.slice(MOST_ANSWERS)),
  );
  return [...told.slice(0, MOST_ANSWERS), make("dd", {}, rest)];
}

function claimFound(claim) {
  return [
    claim.found.length
      ? make(
          "dl",
          {class: "found"},
          claim.found.flatMap((asked) => [
            make("dt", {title: asked.scenario}, asked.question),
            ...claimAnswers(asked),
          ]),
        )
      : null,
    claim.remark ? make("div", {}, claim.remark) : null,
  ];
}

function claimUntried(claim) {
  const lines = claim.notTried.map((left) => make("li", {}, claimWhere(left.where), `: ${left.reason}`));
  if (!lines.length) return null;
  if (!claim.verdicts.length) return make("ul", {class: "untried"}, lines);
  return make("details", {}, make("summary", {}, "Not tried everywhere"), make("ul", {class: "untried"}, lines));
}

/** The scenarios of a claim: those of this run, and those that it did not select. */
function claimScenarios(claim) {
  const fold = (names, words) =>
    names.length ? make("details", {}, make("summary", {}, words), make("div", {class: "soft mono"}, names.join(", "))) : null;
  const left = claim.unselected;
  if (!claim.scenarios.length && !left.length) return make("div", {class: "soft"}, "no scenario");
  return [fold(claim.scenarios, counted(claim.scenarios.length, "scenario")), fold(left, `${counted(left.length, "scenario")} not in this run`)];
}

function claimRow(claim) {
  return make(
    "tr",
    {id: `claim-${claim.id}`},
    make(
      "th",
      {scope: "row"},
      claim.claim,
      claimScenarios(claim),
    ),
    make("td", {}, claim.evidence),
    make(
      "td",
      {},
      claim.verdicts.length
        ? claim.verdicts.map((one) => make("div", {}, claimVerdict(one.verdict, claim.problem), " ", claimWhere(one.where)))
        : claimVerdict(claim.unselected.length ? "not tried in this run" : "cannot be tried here", claim.problem),
      claimUntried(claim),
    ),
    make("td", {}, claimFound(claim)),
  );
}

function claimsPage() {
  return [
    make("h2", {}, "The paper's claims"),
    make(
      "p",
      {},
      "“CherryPy: Common Programmer Issues with Solutions” (Shinde and Patel; Python 2.7.5 on Windows, September 2013), in our words. ",
      "What was found is what the cells of this run saw, on which servers and Pythons.",
    ),
    make(
      "div",
      {class: "scroll tall", tabindex: "0", role: "region", "aria-label": "Claims"},
      make(
        "table",
        {class: "claims paper"},
        make(
          "thead",
          {},
          make(
            "tr",
            {},
            ["claim", "what the paper shows", "verdict", "what was found"].map((text) => make("th", {scope: "col"}, text)),
          ),
        ),
        make("tbody", {}, data.claims.map(claimRow)),
      ),
    ),
  ];
}
