// @ts-check
// What a cell left behind, and the logs of its servers.

/** A server's log with a link for each line. */
function logBlock(id, name, log, line) {
  if (!log) return make("p", {class: "soft"}, "(empty)");
  const lines = log.replace(/\n$/, "").split("\n");
  return make(
    "ol",
    {class: "log mono", tabindex: "0"},
    lines.map((text, index) => {
      const here = `${name}-${index + 1}`;
      return make(
        "li",
        {id: `log-${here}`, class: here === line ? "target" : null},
        make("a", {href: `#cell/${id}~${here}`, "aria-label": `line ${index + 1} of the log of ${name}`}, String(index + 1)),
        text,
      );
    }),
  );
}

function cleanupBlock(cell) {
  const after = cell.after || {};
  const failures = (cell.cleanup_verdict || {}).failures || [];
  const list = (title, items) =>
    make("p", {}, `${title}: `, items && items.length ? make("code", {}, items.map(show).join("; ")) : "none");
  return make(
    "section",
    {class: failures.length ? "step bad" : "step"},
    failures.map((failure) =>
      make("p", {class: "differs"}, `${failure.key}: expected ${failure.expected}, observed ${failure.observed}`),
    ),
    tableOf(after.sockets_before || [], "Sockets before the cleanup"),
    list(
      "Servers stopped with SIGTERM at the end",
      (after.stopped || []).map(
        (stop) => `${stop.server}: exit ${stop.exit} after ${stop.seconds} s${stop.forced ? ", by SIGKILL" : ""}`,
      ),
    ),
    list(
      "Tracebacks in the logs",
      (after.tracebacks || []).map(
        (one) => `${one.server}, line ${one.line}, ${one.step ? `after step ${one.step}` : "at the end"}: ${one.said}`,
      ),
    ),
    list(
      "How each launch ended",
      (after.ends || [])
        .slice(0, 50)
        .map(
          (end) =>
            `${end.server}, pid ${end.pid}: exit ${end.exit}${end.step ? `, seen after step ${end.step}` : ""}${end.signals.length ? `, sent ${end.signals.map((name) => `SIG${name}`).join(", ")}` : ""}`,
        ),
    ),
    list("Processes left", after.processes),
    list("Left on purpose, and removed", after.removed),
    tableOf(after.sockets || [], "Sockets left"),
    list(
      "Ports after the cleanup",
      Object.entries(after.bind || {}).map(([port, state]) => `${port} ${state}`),
    ),
    list(
      "The same without SO_REUSEADDR",
      Object.entries(after.bind_without_reuse || {}).map(([port, state]) => `${port} ${state}`),
    ),
  );
}
