// @ts-check
// Each distinct failure, once.

const SHOWN_FINDINGS = 6;

function outwardLink(text) {
  return text.startsWith("http") ? make("a", {href: text, rel: "noreferrer"}, text.replace(/^https?:\/\//, "")) : issueLink(text);
}

/** Servers that fail on the same Pythons stand together: "cheroot, tornado on 3.6 to 3.13; gevent on 2.7". */
function whereText(where) {
  const servers = new Map();
  for (const [server, pythons] of where) servers.set(pythons, [...(servers.get(pythons) || []), server]);
  return [...servers].map(([pythons, names]) => `${names.join(", ")} on ${pythons}`).join("; ");
}

function findingItem(finding) {
  const quiet = finding.kind !== "red";
  return make(
    "li",
    {class: "finding", id: `finding-${finding.key}`, tabindex: "-1"},
    make("span", {class: `word ${quiet ? "known" : finding.word}`}, `${SHAPES[finding.word]} ${finding.kind === "amber" ? finding.grade : finding.word}`),
    " ",
    make("a", {href: `#cell/${finding.cell}`}, finding.title),
    " ",
    make("a", {href: `#finding/${finding.key}`, class: "lasting", "aria-label": `Link to this finding: ${finding.title}`, title: "A link to this finding, the same in every run"}, "¶"),
    " ",
    make("span", {class: "soft"}, whereText(finding.where)),
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
      finding.axis ? `What these cells have in common, and no passing one has: ${finding.axis}. ` : null,
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
  const cells = found.reduce((sum, finding) => sum + finding.cells, 0);
  const heading = `${title} (${counted(found.length, "finding")}, ${counted(cells, "cell")})`;
  return open
    ? [make("h3", {id: `findings-${kind}`}, heading), first, more]
    : [make("details", {id: `findings-${kind}`, class: "fold"}, make("summary", {}, heading), first, more)];
}

/** What is said where an address names a finding that the page does not show; null if it does. */
function findingNotice(key) {
  if (data.overview.findings.some((finding) => finding.key === key)) return null;
  const cut = data.overview.allFindings - data.overview.findings.length;
  return make(
    "p",
    {class: "notice", role: "status"},
    cut
      ? `The finding ${key} is not among the ${data.overview.findings.length} that this page shows; the run has ${cut} more.`
      : `This run does not have the finding ${key}. It may be fixed, or it was not looked for: the cells that would show it may not have run.`,
  );
}

/** The overview with one finding open and marked. */
function findingPage(key) {
  return [findingNotice(key), ...overviewPage()];
}

/** Open what hides a finding, mark it, and bring it into view. */
function showFinding(key) {
  const item = document.getElementById(`finding-${key}`);
  if (!item) return;
  for (let node = item.closest("details"); node; node = node.parentElement && node.parentElement.closest("details")) node.open = true;
  item.classList.add("target");
  item.scrollIntoView({block: "center"});
  item.focus({preventScroll: true});
}
