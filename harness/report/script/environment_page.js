// @ts-check
// What the run ran on.

function environmentPage() {
  return [
    make("h2", {}, "Environment"),
    make(
      "table",
      {},
      make(
        "tbody",
        {},
        Object.entries(data.environment).map(([key, value]) =>
          make("tr", {}, make("th", {scope: "row"}, key), make("td", {class: "mono"}, show(value))),
        ),
      ),
    ),
    make("p", {}, "Command: ", make("code", {}, `server-matrix ${data.command.join(" ")}`)),
    data.leftOut ? make("p", {}, `${data.leftOut}.`) : null,
    make("h3", {}, "Targets"),
    make(
      "div",
      {class: "scroll"},
      make(
        "table",
        {},
        make(
          "thead",
          {},
          make(
            "tr",
            {},
            ["target", "implementation", "version", "build", "found by", "server", "coverage", "state"].map((text) =>
              make("th", {scope: "col"}, text),
            ),
          ),
        ),
        make(
          "tbody",
          {},
          data.targets.map((target) => {
            const python = target.interpreter || {};
            return make(
              "tr",
              {},
              make("th", {scope: "row"}, target.id),
              make("td", {}, python.implementation || "–"),
              make("td", {}, python.version || "–"),
              make("td", {}, python.build || "–"),
              make("td", {}, python.place || "–"),
              make("td", {}, target.subject_version || "–"),
              make("td", {}, target.coverage || "–"),
              make("td", {}, target.reason ? `${target.status}: ${target.reason}` : "ready"),
            );
          }),
        ),
      ),
    ),
  ];
}
