// @ts-check
// What all pages are built of. Everything that a server sent goes through textContent.

function make(name, attributes = {}, ...children) {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value !== null && value !== undefined) node.setAttribute(key, value);
  }
  for (const child of children.flat(2)) {
    if (child !== null && child !== undefined) node.append(child);
  }
  return node;
}

function word(name, level = "") {
  const told = level && level !== "must" ? `${name}, ${level}` : name;
  return make("span", {class: `word ${name} ${level}`.trim()}, `${SHAPES[name]} ${told}`);
}

/** "1 cell", "2,000 cells"; as harness/model/counting.py does for the pages that Python writes. */
function counted(number, one, many = `${one}s`) {
  return `${number.toLocaleString("en")} ${number === 1 ? one : many}`;
}

function show(value) {
  return typeof value === "string" ? value : JSON.stringify(value);
}

const MONTHS = "January February March April May June July August September October November December".split(" ");

/** A time as people write it: "29 November 2026, 15:41 (+0000)"; what is no time is left as it is. */
function whenText(stamp) {
  const found = /^(\d{4})-(\d\d)-(\d\d)T(\d\d:\d\d):\d\d(.*)$/.exec(stamp || "");
  if (!found) return stamp || "";
  const [, year, month, day, time, zone] = found;
  const place = /^(Z|[+-]00:?00)$/.test(zone) ? " UTC" : zone ? ` (UTC${zone})` : "";
  return `${Number(day)} ${MONTHS[Number(month) - 1]} ${year}, ${time}${place}`;
}

function issueLink(issue) {
  const match = /^([\w.-]+\/[\w.-]+)#(\d+)$/.exec(issue);
  return match ? make("a", {href: `https://github.com/${match[1]}/issues/${match[2]}`, rel: "noreferrer"}, issue) : issue;
}

function joined(nodes) {
  return nodes.flatMap((node, index) => (index ? [", ", node] : [node]));
}

/** A table; each row is a list of cells, the first of which is its header. */
function grid(name, heads, rows, kind = "") {
  return make(
    "div",
    {class: `scroll ${kind}`, tabindex: "0", role: "region", "aria-label": name},
    make(
      "table",
      {class: kind.includes("tall") ? "headed" : null},
      make(
        "thead",
        {},
        make(
          "tr",
          {},
          heads.map((text) => make("th", {scope: "col"}, text)),
        ),
      ),
      make(
        "tbody",
        {},
        rows.map((cells) =>
          make(
            "tr",
            {},
            cells.map((cell, index) => make(index ? "td" : "th", index ? {} : {scope: "row"}, cell)),
          ),
        ),
      ),
    ),
  );
}

function tableOf(rows, caption) {
  if (!rows.length) return make("p", {class: "soft"}, `${caption}: none.`);
  const keys = Object.keys(rows[0]);
  return make(
    "div",
    {class: "scroll"},
    make(
      "table",
      {},
      make("caption", {class: "soft"}, caption),
      make(
        "thead",
        {},
        make(
          "tr",
          {},
          keys.map((key) => make("th", {}, key)),
        ),
      ),
      make(
        "tbody",
        {},
        rows.map((row) =>
          make(
            "tr",
            {},
            keys.map((key) => make("td", {class: "mono"}, Array.isArray(row[key]) ? row[key].join(", ") : show(row[key]))),
          ),
        ),
      ),
    ),
  );
}
