// @ts-check
// The parts of drawings: inline SVG, each with the same numbers as a table beside it.

const SVG = "http://www.w3.org/2000/svg";
const WIDTH = 860;
const LEFT = 160;

function svgNode(name, attributes = {}, ...children) {
  const node = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  for (const child of children.flat()) if (child !== null && child !== undefined) node.append(child);
  return node;
}

function label(x, y, text, attributes = {}) {
  return svgNode("text", {x, y, class: "label", ...attributes}, text);
}

function titled(node, text) {
  node.append(svgNode("title", {}, text));
  return node;
}

function drawing(height, name, ...children) {
  return make(
    "div",
    {class: "scroll", tabindex: "0", role: "region", "aria-label": name},
    svgNode("svg", {viewBox: `0 0 ${WIDTH} ${height}`, width: WIDTH, height, role: "img", "aria-label": name}, ...children),
  );
}

function seconds(value) {
  return value >= 10 ? `${value.toFixed(1)} s` : `${value.toFixed(3)} s`;
}

/** A polyline that holds its value until the next one. */
function stairs(points, x, y, end) {
  const path = [];
  points.forEach(([at, value], index) => {
    path.push(`${index ? "L" : "M"}${x(at).toFixed(1)},${y(value).toFixed(1)}`);
    const next = index + 1 < points.length ? points[index + 1][0] : end;
    path.push(`L${x(next).toFixed(1)},${y(value).toFixed(1)}`);
  });
  return svgNode("path", {d: path.join(""), class: "line"});
}
