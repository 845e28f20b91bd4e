// @ts-check
// Each distinct failure, once.

const SHOWN_FINDINGS = 6;

function outwardLink(text) {
  return text.startsWith("http") ? make("a", {href: text, rel: "noreferrer"}, text.replace(/^https?:\/\//, "")) : issueLink(text);
}

function findingItem(finding) {
  const quiet = finding.kind !== "red";
  return make(
    "li",
    {class: "finding", id: `finding-${finding.scenario}-${finding.word}`},
    make("span", {class: `word ${quiet ? "known" : finding.word}`}, `${SHAPES[finding.word]} ${finding.kind === "amber" ? finding.grade : finding.word}`),
    " ",
    make("a", {href: `#cell/${finding.cell}`}, finding.title),
    " ",
    make("span", {class: "soft"}, finding.where.map(([server, pythons]) => `${server} on ${pythons}`).join("; ")),
    make(
      "div",
      {},
      finding.step
        ? [`${finding.step}: expected `, make("span", {class: "mono"}, finding.expected), ", observed ", make("span", {class: "mono"}, finding.observed), finding.note ? ` (${finding.note})` : ""]
        : finding.reason,
    ),
    finding.word === "known" && finding.step ? make("div", {}, finding.reason) : null,
    make(
      "div",
      {class: "soft"},
      finding.axis ? `What separates them: ${finding.axis}. ` : null,
      joined(finding.links.map(outwardLink)),
      finding.links.length ? ". " : null,
      finding.cells > 1 ? make("a", {href: matrixLink({q: finding.scenario, outcome: [finding.word]})}, `${finding.cells} cells`) : null,
    ),
  );
}

function findingsOf(kind, title, open) {
  const found = data.overview.findings.filter((finding) => finding.kind === kind);
  if (!found.length) return null;
  const list = (items) => make("ul", {class: "findings"}, items.map(findingItem));
  const first = list(found.slice(0, SHOWN_FINDINGS));
  const rest = found.slice(SHOWN_FINDINGS);
  const more = rest.length ? make("details", {}, make("summary", {}, `${rest.length} more`), list(rest)) : null;
  const heading = `${title} (${found.length})`;
  return open
    ? [make("h3", {id: `findings-${kind}`}, heading), first, more]
    : [make("details", {id: `findings-${kind}`, class: "fold"}, make("summary", {}, heading), first, more)];
}
