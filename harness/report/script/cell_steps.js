// @ts-check
// The steps of a cell: what was done, expected and observed, with the transcript.

/** Two values with their differences marked: the middle of texts, or the items that the other list does not have. */
function marked(expected, observed) {
  if (Array.isArray(expected) && Array.isArray(observed)) {
    const items = (mine, others) =>
      mine.length
        ? joined(
            mine.map((item) =>
              others.some((other) => show(other) === show(item)) ? show(item) : make("mark", {}, show(item)),
            ),
          )
        : ["(none)"];
    return [items(expected, observed), items(observed, expected)];
  }
  const [one, two] = [show(expected), observed === undefined ? "nothing" : show(observed)];
  if (/^\/.*\/$/s.test(one) || typeof expected === "object") return [[one], [two]];
  const shorter = Math.min(one.length, two.length);
  let start = 0;
  while (start < shorter && one[start] === two[start]) start += 1;
  let end = 0;
  while (end < shorter - start && one[one.length - 1 - end] === two[two.length - 1 - end]) end += 1;
  return [one, two].map((text) => {
    const middle = text.slice(start, text.length - end);
    return [text.slice(0, start), middle ? make("mark", {}, middle) : null, end ? text.slice(text.length - end) : ""];
  });
}

const NOT_JUDGED = "not judged: the step did not finish";
const MOST_SHOWN = 600;

function expectations(step, observation, failures) {
  const judged = observation && !observation.timeout && !observation.unable;
  const rows = Object.entries(step.expect).map(([key, value]) => {
    const failure = failures.find((item) => item.key === key);
    const inLog = key === "log" || key === "log_absent";
    let [expected, observed] = [[show(value)], [observation ? NOT_JUDGED : "not done"]];
    if (judged && failure) [expected, observed] = marked(value, inLog ? "see the log" : cutShort(observation.seen[key]));
    else if (judged) observed = [inLog ? "as expected, see the log" : String(show(observation.seen[key])).slice(0, MOST_SHOWN)];
    return make(
      "tr",
      {class: failure ? "differs" : null},
      make("td", {}, key),
      make("td", {class: "mono"}, expected),
      make("td", {class: "mono"}, observed, noted(failure)),
      make("td", {}, failure ? "✗ differs" : judged ? "✓" : "–"),
    );
  });
  return rows.length
    ? make(
        "table",
        {class: "expected"},
        make(
          "thead",
          {},
          make(
            "tr",
            {},
            ["what", "expected", "observed", "holds"].map((text) => make("th", {scope: "col"}, text)),
          ),
        ),
        make("tbody", {}, rows),
      )
    : null;
}

function noted(failure) {
  return failure && failure.note ? make("span", {class: "soft"}, ` (${failure.note})`) : null;
}

function cutShort(value) {
  return typeof value === "string" && value.length > MOST_SHOWN ? `${value.slice(0, MOST_SHOWN)}…` : value;
}

function transcript(wire, open) {
  return make(
    "details",
    open ? {open: ""} : {},
    make("summary", {}, `Transcript, ${counted(wire.length, "entry", "entries")}`),
    wire.map((entry, index) =>
      make(
        "div",
        {},
        make(
          "div",
          {class: "soft"},
          `${index + 1}. ${entry.at.toFixed(4)} s, ${entry.direction}, ${counted(entry.bytes, "byte")}`,
          entry.cut ? `, ${entry.cut} not shown` : "",
        ),
        make("pre", {class: entry.direction, tabindex: "0"}, entry.text),
      ),
    ),
  );
}

function stepBlock(cell, step) {
  const observation = (cell.observations || []).find((item) => item.step === step.number);
  const failures = ((cell.behaviour || {}).failures || []).filter((failure) => failure.step === step.number);
  const extra = failures.filter((failure) => !Object.hasOwn(step.expect, failure.key));
  const block = make(
    "section",
    {class: failures.length ? "step bad" : "step"},
    make(
      "h3",
      {},
      `${step.number}. ${step.act}`,
      step.server !== "main" ? ` (server ${step.server})` : "",
      observation
        ? make("span", {class: "soft"}, `  at ${observation.at.toFixed(3)} s, took ${observation.seconds.toFixed(3)} s`)
        : make("span", {class: "soft"}, "  not done"),
    ),
    step.note ? make("p", {class: "soft"}, step.note) : null,
    Object.keys(step.args).length
      ? make(
          "dl",
          {},
          Object.entries(step.args).flatMap(([key, value]) => [make("dt", {}, key), make("dd", {class: "mono"}, show(value))]),
        )
      : null,
    expectations(step, observation, failures),
    step.either
      ? [
          make("p", {}, "One of these holds whole:"),
          make(
            "ul",
            {},
            step.either.map(({as, ...expect}) => make("li", {class: "mono"}, as ? `${as}: ` : "", show(expect))),
          ),
        ]
      : null,
    extra.map((failure) =>
      make(
        "p",
        {class: "differs"},
        `${failure.key}: expected ${failure.expected}, observed ${failure.observed}`,
        noted(failure),
      ),
    ),
  );
  if (!observation) return block;
  for (const [question, value] of Object.entries(observation.observed)) {
    block.append(make("p", {}, `observed, ${question}: `, make("code", {}, show(value))));
  }
  if (observation.seen.table)
    block.append(tableOf(observation.seen.table, step.act === "processes" ? "Process table" : "Socket table"));
  if (DRAWINGS[step.act] && (observation.seen.points || observation.seen.series))
    block.append(...DRAWINGS[step.act](observation.seen));
  if (observation.wire.length) block.append(transcript(observation.wire, failures.length));
  return block;
}
