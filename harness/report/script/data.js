// @ts-check
"use strict";
// The data of the page, and what it says of a cell.

/** An element that the page has. */
function byId(id) {
  const found = document.getElementById(id);
  if (!found) throw new Error(`the page lacks its element ${id}`);
  return found;
}

const data = JSON.parse(byId("data").textContent || "");
const main = byId("main");

// Outcomes come from the table of harness/model/outcomes.py.
const SHAPES = Object.fromEntries(data.outcomes.map(({word, shape}) => [word, shape]));

const MEANINGS = Object.fromEntries(data.outcomes.map(({word, meaning}) => [word, meaning]));
const WORDS = data.outcomes.map(({word}) => word);
const FAILING = ["fail", "timeout"];
const FAINT = {should: "△", may: "▿", record: "▿"}; // shapes of failures that do not make the run red

const RED = data.outcomes.filter(({red}) => red).map(({word}) => word);

/** What a table has under a word; undefined for one that only every object has, such as "constructor". */
function under(table, key) {
  return Object.hasOwn(table, key) ? table[key] : undefined;
}

const FIRST_LETTER = "a".charCodeAt(0);
const scenarioById = new Map(data.scenarios.map((scenario) => [scenario.id, scenario]));
const targetById = new Map(data.targets.map((target, column) => [target.id, Object.assign(target, {column})]));
const subjectOf = (target) => target.id.split("@")[0];
const unique = (items) => [...new Set(items)];

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

/** Whether a cell makes the run red: a failure does only if the source demands it. */
function isRed(scenario, target) {
  return RED.includes(wordAt(scenario, target)) && ["", "must"].includes(levelAt(scenario, target));
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
    const pack = byId(`pack-${name}`);
    const bytes = Uint8Array.from(atob((pack.textContent || "").trim()), (character) => character.charCodeAt(0));
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
    unpacked.set(name, new Response(stream).json());
  }
  return unpacked.get(name);
}
