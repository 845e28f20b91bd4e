// @ts-check
// The parts of drawings: inline SVG as wide as its box, with round numbers on its axes, each with the same numbers as a table.

const SVG = "http://www.w3.org/2000/svg";
const WIDEST = 1100; // pixels of a drawing: in a wider one, a row is hard to follow with the eye
const NARROW = 560; // below this, what is beside a drawing elsewhere is above it, or only in its table

function svgNode(name, attributes = {}, ...children) {
  const node = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  for (const child of children.flat()) if (child !== null && child !== undefined) node.append(child);
  return node;
}

function label(x, y, text, attributes = {}) {
  return svgNode("text", {x, y, class: "label", ...attributes}, text);
}

const measure = document.createElement("canvas").getContext("2d");

/** How many pixels wide a label is. */
function wideOf(text, size = 12) {
  if (!measure) return text.length * size * 0.6;
  measure.font = `${size}px system-ui, sans-serif`; // as style.css has it
  return measure.measureText(text).width;
}

function titled(node, text) {
  node.append(svgNode("title", {}, text));
  return node;
}

/** A drawing that fills its box: ``draw`` gets the width, and returns the height and what is drawn; it is drawn again if that changes. */
function drawing(name, draw) {
  const svg = svgNode("svg", {role: "img", "aria-label": name});
  const box = make("div", {class: "drawing"}, svg);
  let drawn = 0;
  const redraw = (width) => {
    if (width === drawn) return;
    drawn = width;
    const {height, shapes} = draw(width);
    svg.setAttribute("viewBox", `0 0 ${width} ${Math.ceil(height)}`);
    svg.replaceChildren(...shapes.flat(3).filter((node) => node !== null && node !== undefined));
  };
  const fitting = (space) => Math.round(Math.max(240, Math.min(WIDEST, space)));
  redraw(fitting(main.clientWidth - 48));
  const resized = () => {
    if (box.clientWidth) redraw(fitting(box.clientWidth));
  };
  new ResizeObserver(() => requestAnimationFrame(resized)).observe(box); // a redraw changes the height, which is observed too
  return box;
}

function seconds(value) {
  return value >= 10 ? `${value.toFixed(1)} s` : `${value.toFixed(3)} s`;
}

/** A number of at most three digits that matter, as people write it: 3.05, 97, -7.3, 1200. */
function shortNumber(value) {
  const digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2;
  return String(Number(value.toFixed(digits)));
}

/** The distance of ticks: 1, 2 or 5 times a power of ten, so that about so many of them are on a span. */
function roundStep(span, wanted = 5) {
  const rough = span / Math.max(1, wanted);
  const power = 10 ** Math.floor(Math.log10(rough));
  return power * ([1, 2, 5].find((part) => part * power >= rough * (1 - 1e-9)) || 10);
}

/** The round numbers from low to high; without a span, the one number that there is. */
function ticksBetween(low, high, wanted = 5) {
  if (!(high > low) || !Number.isFinite(high - low)) return Number.isFinite(low) ? [low] : [];
  return multiples(low, high, roundStep(high - low, wanted));
}

function multiples(low, high, step) {
  const [first, last] = [Math.ceil(low / step - 1e-9), Math.floor(high / step + 1e-9)];
  const digits = Math.min(20, Math.max(0, -Math.floor(Math.log10(step) + 1e-9)));
  return Array.from({length: last - first + 1}, (_, index) => Number(((first + index) * step).toFixed(digits)) || 0);
}

/** A scale that begins and ends at round numbers, with all values from low to high on it. */
function scaleOf(low, high, wanted = 5) {
  const [from, to] = high > low ? [low, high] : [Math.min(0, low), Math.max(1, low)];
  const step = roundStep(to - from, wanted);
  const ticks = multiples(Math.floor(from / step + 1e-9) * step, Math.ceil(to / step - 1e-9) * step, step);
  return {low: ticks[0], high: ticks[ticks.length - 1], ticks, place: (value) => value};
}

/** A scale whose ticks are powers of ten: from milliseconds to minutes in one drawing. What is below low is at its beginning. */
function logScaleOf(low, high) {
  const first = Math.floor(Math.log10(low) + 1e-9);
  const last = Math.max(first + 1, Math.ceil(Math.log10(Math.max(low, high)) - 1e-9));
  const ticks = Array.from({length: last - first + 1}, (_, index) => Number((10 ** (first + index)).toPrecision(1)));
  return {low: ticks[0], high: ticks[ticks.length - 1], ticks, place: (value) => Math.log10(Math.max(low, value))};
}

/** Where a value of a scale is between two places of a drawing: never outside. */
function along(scale, from, to) {
  const [low, high] = [scale.place(scale.low), scale.place(scale.high)];
  return (value) => from + (to - from) * Math.min(1, Math.max(0, (scale.place(value) - low) / (high - low)));
}

/** A time on an axis, in one unit for all of it: milliseconds if it ends before a second. */
function timeOn(high) {
  const [times, unit] = high < 1 ? [1000, "ms"] : [1, "s"];
  return (value) => `${Number((value * times).toPrecision(6))} ${unit}`;
}

/** A time in its own unit: "20 ms", "3 s". */
function shortTime(value) {
  return timeOn(value || 1)(value);
}

/** Tells whether a text has room beside those that it has been told of before, and remembers it if so. */
function rooms(width) {
  const taken = [];
  return (x, y, text, anchor = "start", size = 12) => {
    const wide = wideOf(text, size);
    const left = anchor === "end" ? x - wide : anchor === "middle" ? x - wide / 2 : x;
    const box = [left, y - size, left + wide, y];
    if (left < 0 || box[2] > width) return false;
    if (taken.some((other) => box[0] < other[2] + 3 && other[0] < box[2] + 3 && box[1] < other[3] && other[1] < box[3])) return false;
    taken.push(box);
    return true;
  };
}

/** The ticks of a horizontal axis: a line through the drawing at each, and its text below where there is room. */
function ticksAcross(scale, x, top, bottom, text, width) {
  const room = rooms(width);
  return scale.ticks.map((tick) => [
    svgNode("line", {x1: x(tick), x2: x(tick), y1: top, y2: bottom + 4, class: "axis"}),
    room(x(tick), bottom + 16, text(tick), "middle") ? label(x(tick), bottom + 16, text(tick), {"text-anchor": "middle"}) : null,
  ]);
}

/** The ticks of a vertical axis, whose texts are left of it. */
function ticksUp(scale, y, left, right, text) {
  return scale.ticks.map((tick) => [
    svgNode("line", {x1: left - 4, x2: right, y1: y(tick), y2: y(tick), class: "axis"}),
    label(left - 7, y(tick) + 4, text(tick), {"text-anchor": "end"}),
  ]);
}

/** A text cut to so many pixels; of a target, its Python stays. */
function cutTo(pixels, text) {
  if (wideOf(text) <= pixels) return text;
  const python = text.includes("@") ? text.slice(text.lastIndexOf("@")) : "";
  let most = text.length - python.length;
  while (most > 1 && wideOf(`${text.slice(0, most)}…${python}`) > pixels) most -= 1;
  return `${text.slice(0, most)}…${python}`;
}

/** A line that holds its value until the next one. */
function stairs(points, x, y, end) {
  const path = [];
  points.forEach(([at, value], index) => {
    path.push(`${index ? "L" : "M"}${x(at).toFixed(1)},${y(value).toFixed(1)}`);
    const next = index + 1 < points.length ? points[index + 1][0] : end;
    path.push(`L${x(next).toFixed(1)},${y(value).toFixed(1)}`);
  });
  return svgNode("path", {d: path.join(""), class: "line"});
}
