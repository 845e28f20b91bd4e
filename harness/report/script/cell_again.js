// @ts-check
// How a cell is seen again: the reproducer, the environment; and how it was in earlier runs.

/** The cell as one Python file, assembled here: the page stores once what many of these files share. */
async function reproducerText(id) {
  const [shared, {reproducers}] = await Promise.all([unpack("*reproducer"), unpack(id.split("@")[0])]);
  const own = reproducers[id];
  const parts = [own.about, own.sections.map((name) => shared.sections[name]).join(""), shared.files[own.subject]];
  return shared.tokens.reduce((text, token, index) => text.split(token).join(parts[index]), shared.skeleton);
}

function reproducerBlock(id) {
  const button = make("button", {type: "button"}, "Download the reproducer");
  button.addEventListener("click", async () => {
    saveText(await reproducerText(id), `reproduce-${id}.py`, "text/x-python");
  });
  return make(
    "p",
    {},
    button,
    " One Python file that needs only the standard library: it starts the server, does these steps, and says whether it sees the same.",
  );
}

function environmentBlock(target) {
  const python = target.interpreter || {};
  const rows = {
    server: `${target.subject} ${target.subject_version || ""}`,
    Python: `${python.implementation || ""} ${python.version || ""}, ${python.build || ""}`,
    "coverage.py": target.coverage || "none",
    system: `${data.environment.system} ${data.environment.release} ${data.environment.machine}`,
    driver: data.environment.driver,
    harness: data.environment.harness,
  };
  return make(
    "dl",
    {class: "pairs"},
    Object.entries(rows).flatMap(([key, value]) => [make("dt", {}, key), make("dd", {class: "mono"}, String(value))]),
  );
}

/** The cell in the stored runs: its word, and how long it took; the last is this run. */
function pastBlock(cell) {
  const all = [...cell.past, {run: data.run, word: cell.word, seconds: cell.seconds || 0}];
  const longest = Math.max(...all.map((item) => item.seconds), 0.1);
  return [
    make("h3", {}, `In ${counted(all.length, "run")}`),
    svgNode(
      "svg",
      {
        viewBox: `0 0 ${all.length * 16} 34`,
        width: all.length * 16,
        height: 34,
        role: "img",
        "aria-label": "Outcomes over the runs",
      },
      all.map((item, index) => {
        const height = 6 + 26 * (item.seconds / longest);
        return titled(
          svgNode("rect", {x: index * 16, y: 33 - height, width: 13, height, class: `spark ${item.word}`}),
          `${item.run}: ${item.word}, ${item.seconds.toFixed(2)} s`,
        );
      }),
    ),
    make(
      "details",
      {},
      make("summary", {}, "The runs as a table"),
      grid(
        "Runs",
        ["run", "outcome", "seconds"],
        all.map((item) => [item.run, word(item.word), item.seconds.toFixed(2)]),
      ),
    ),
  ];
}

/** How often the cell changed its word while scenario, server, Python and harness were the same. */
function flakyLine([changes, comparisons]) {
  return make(
    "p",
    {},
    changes ? make("strong", {}, `Flaky: changed ${counted(changes, "time")}`) : "Did not change",
    ` in ${counted(comparisons, "comparison")} of runs of the same code.`,
  );
}
