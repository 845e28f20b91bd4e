// @ts-check
// What the run ran on.

function environmentPage() {
  return [
    make("h2", {}, "Environment"),
    make(
      "table",
      {class: "environment"},
      make(
        "tbody",
        {},
        Object.entries(data.environment).map(([key, value]) =>
          make("tr", {}, make("th", {scope: "row"}, key), make("td", {class: "mono"}, key === "started" ? whenText(value) : show(value))),
        ),
      ),
    ),
    make("p", {}, "Command: ", make("code", {}, data.typed)),
    data.leftOut ? make("p", {}, `${data.leftOut}.`) : null,
    make("h3", {}, "Targets"),
    grid(
      "Targets",
      ["target", "implementation", "version", "build", "found by", "server", "coverage", "state"],
      data.targets.map((target) => {
        const {implementation, version, build, place} = target.interpreter || {};
        const state = target.reason ? `${target.status}: ${target.reason}` : "ready";
        return [target.id, ...[implementation, version, build, place, target.subject_version, target.coverage].map((text) => text || "–"), state];
      }),
    ),
  ];
}
