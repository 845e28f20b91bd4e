// @ts-check
// The paper's claims, and what the cells say of them.

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
