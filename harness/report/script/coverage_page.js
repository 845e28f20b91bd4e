// @ts-check
// Coverage. #coverage: targets and files; ?file=NAME: its lines; ?scenario=ID: the lines that one scenario reaches.

/** A file's source; next to each line is what reaches it, with details when opened. */
function sourceTable(lines, file, only, scenario) {
  const wanted = scenario === null ? -1 : lines.scenarios.indexOf(scenario);
  const rows = file.source
    .map((text, index) => {
      const number = String(index + 1);
      if (!Object.hasOwn(file.lines, number))
        return only
          ? null
          : make(
              "tr",
              {},
              make("th", {scope: "row"}, number),
              make("td", {}),
              make("td", {}),
              make("td", {class: "mono"}, text),
            );
      const reach = reachOf(lines, file, number);
      if (only && !kindsOf(lines, reach).includes(only)) return null;
      const names = reach.scenarios.map((item) => lines.scenarios[item]);
      const pythons = reach.targets.map((item) => lines.targets[item].split("@")[1]);
      const hit = wanted >= 0 ? reach.scenarios.includes(wanted) : names.length > 0;
      const told = make(
        "details",
        {},
        make(
          "summary",
          {"aria-label": `line ${number}: ${counted(names.length, "scenario")}`},
          names.length === 1 ? names[0] : String(names.length),
        ),
      );
      told.addEventListener("toggle", () => {
        if (told.childElementCount === 1)
          told.append(
            make(
              "div",
              {},
              `on ${pythons.join(", ")}: `,
              joined(names.map((name) => make("a", {href: `#coverage?scenario=${name}`}, name))),
            ),
          );
      });
      return make(
        "tr",
        {class: hit ? "reached" : "unreached"},
        make("th", {scope: "row"}, number),
        make("td", {}, names.length ? told : "none"),
        make(
          "td",
          {},
          pythons.length === lines.targets.length
            ? "all"
            : pythons.length > 3
              ? `${pythons.length} of ${lines.targets.length}`
              : pythons.join(", ") || "none",
        ),
        make("td", {class: "mono"}, `${hit ? "✓" : "✗"} ${text}`),
      );
    })
    .filter((row) => row);
  return make(
    "div",
    {class: "scroll tall", tabindex: "0", role: "region", "aria-label": file.name},
    make(
      "table",
      {class: "source headed"},
      make(
        "thead",
        {},
        make(
          "tr",
          {},
          ["line", "scenarios", "Pythons", "source"].map((text) => make("th", {scope: "col"}, text)),
        ),
      ),
      make("tbody", {}, rows),
    ),
  );
}

async function coveragePage(query) {
  if (!data.coverage.length) return [make("h2", {}, "Coverage"), make("p", {}, "Not measured in this run.")];
  const lines = data.hasLines ? await unpack("*lines") : null;
  const file = lines && lines.files.find((item) => item.name === query.get("file"));
  const back = make("p", {}, make("a", {href: "#coverage"}, "← coverage"));
  if (file) {
    const only = Object.hasOwn(ONLY, query.get("only") || "") ? query.get("only") : null;
    return [
      back,
      make("h2", {}, file.name),
      make(
        "p",
        {},
        only
          ? [`Lines reached by ${ONLY[only]}. `, make("a", {href: `#coverage?file=${file.name}`}, "All lines")]
          : "Each statement with the scenarios and the Pythons that reach it, in all data that were not lost.",
      ),
      sourceTable(lines, file, only, null),
    ];
  }
  const scenario = query.get("scenario");
  if (lines && lines.scenarios.includes(scenario)) {
    const number = lines.scenarios.indexOf(scenario);
    const hits = (item) =>
      Object.keys(item.lines).filter((line) => reachOf(lines, item, line).scenarios.includes(number)).length;
    return [
      back,
      make("h2", {}, "Lines that ", make("code", {}, scenario), " reaches"),
      lines.files
        .filter(hits)
        .map((item) =>
          make(
            "details",
            {},
            make("summary", {}, `${item.name}: ${hits(item)} of ${Object.keys(item.lines).length}`),
            sourceTable(lines, item, null, scenario),
          ),
        ),
    ];
  }
  return [
    make("h2", {}, "Coverage of the bundled server"),
    make(
      "p",
      {},
      "Branches are included; the context of each line is the scenario's cell. What a server reached before it was killed, or replaced by exec, ",
      "without saving its data is not known: it counts as lost, not as 0 %. On their own, data from 2.7, 3.6 and 3.7 show decorated functions as missed, because ",
      "their line events differ from those of the Python that reads them; combined, they are right.",
    ),
    measuredTable(),
    data.lost.length
      ? make(
          "details",
          {},
          make("summary", {}, `${counted(data.lost.length, "cell")} whose data were lost, entirely or in part`),
          make(
            "ul",
            {},
            data.lost.map((id) => make("li", {}, make("a", {href: `#cell/${id}`}, id))),
          ),
        )
      : null,
    lines ? [make("h3", {}, "Files"), fileTable(lines), make("h3", {}, "Scenarios"), scenarioTable(lines)] : null,
  ];
}
