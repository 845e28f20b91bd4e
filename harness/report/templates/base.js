"use strict";
// Shared by all pages of the report: data, elements, words. Everything that a server sent goes through textContent.

const data = JSON.parse(document.getElementById("data").textContent);
const main = document.getElementById("main");
// Outcomes come from the table of harness/model/outcomes.py.
const SHAPES = Object.fromEntries(data.outcomes.map(({word, shape}) => [word, shape]));
const MEANINGS = Object.fromEntries(data.outcomes.map(({word, meaning}) => [word, meaning]));
const WORDS = data.outcomes.map(({word}) => word);
const FAILING = ["fail", "timeout"];
const FAINT = {should: "△", may: "▿", record: "▿"}; // shapes of failures that do not make the run red

const FIRST_LETTER = "a".charCodeAt(0);
const scenarioById = new Map(data.scenarios.map((scenario) => [scenario.id, scenario]));
const targetById = new Map(data.targets.map((target, column) => [target.id, Object.assign(target, {column})]));

/** The word of a cell; undefined if it was not selected in this run. */
function wordAt(scenario, target) {
  return WORDS[scenario.row.charCodeAt(target.column) - FIRST_LETTER];
}

/** What the source makes of what failed in a cell; "" of a cell that did not fail: only a failure has a level to show. */
function levelAt(scenario, target) {
  if (!FAILING.includes(wordAt(scenario, target))) return "";
  return (scenario.levels || {})[target.column] || scenario.grade;
}

/** A failure that does not make the run red says so: "fail, should". */
function toldAt(scenario, target) {
  const level = levelAt(scenario, target);
  return level && level !== "must" ? `${wordAt(scenario, target)}, ${level}` : wordAt(scenario, target);
}

function reasonAt(scenario, target) {
  const number = scenario.reasons[target.column];
  return number === undefined ? "" : data.reasonTexts[number];
}

/** Scenario, target and word of a cell, by its id; null if this run does not have it. */
function cellOf(id) {
  const at = id.indexOf("@");
  const scenario = scenarioById.get(id.slice(0, at));
  const target = targetById.get(id.slice(at + 1));
  return scenario && target && wordAt(scenario, target) ? {scenario, target, word: wordAt(scenario, target)} : null;
}

const unpacked = new Map();

/** Packed data of the page, by name: unpacked when first needed. */
function unpack(name) {
  if (!unpacked.has(name)) {
    const pack = document.getElementById(`pack-${name}`);
    const bytes = Uint8Array.from(atob(pack.textContent.trim()), (character) => character.charCodeAt(0));
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
    unpacked.set(name, new Response(stream).json());
  }
  return unpacked.get(name);
}

function make(name, attributes = {}, ...children) {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value !== null && value !== undefined) node.setAttribute(key, value);
  }
  for (const child of children.flat()) {
    if (child !== null && child !== undefined) node.append(child);
  }
  return node;
}

function word(name, level = "") {
  const told = level && level !== "must" ? `${name}, ${level}` : name;
  return make("span", {class: `word ${name} ${level}`.trim()}, `${SHAPES[name]} ${told}`);
}

function show(value) {
  return typeof value === "string" ? value : JSON.stringify(value);
}

function issueLink(issue) {
  const match = /^([\w.-]+\/[\w.-]+)#(\d+)$/.exec(issue);
  return match ? make("a", {href: `https://github.com/${match[1]}/issues/${match[2]}`, rel: "noreferrer"}, issue) : issue;
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

function joined(nodes) {
  return nodes.flatMap((node, index) => (index ? [", ", node] : [node]));
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
