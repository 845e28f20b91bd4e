// @ts-check
// Commands as one types them where the run was made; each can be pasted into a shell.

// What decides what a cell is: a command that runs one cell again has these options of the run's own command.
const CARRIED = ["--scenarios", "--subjects", "--known"];
const CARRIED_FLAGS = ["--no-bundled", "--no-bundled-scenarios", "--no-bundled-subjects"];
const BY_NOX = ["matrix", "report", "bugs", "merge"]; // the commands that are tasks of this repository's noxfile.py

/** A word of a command as a shell takes it, as Python's shlex.quote does. */
function quoted(text) {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replace(/'/g, "'\"'\"'")}'`;
}

/** A command: with nox in this repository (a run of an older version does not say), and elsewhere as it is installed. */
function typed(command, words) {
  const nox = data.environment.commands !== "server-matrix";
  const before = !nox ? ["server-matrix"] : BY_NOX.includes(command) ? ["nox", "-s"] : [".nox/matrix/bin/server-matrix"];
  const own = nox || command !== "matrix" ? [command] : []; // which is what server-matrix does if nothing is named
  const between = nox && BY_NOX.includes(command) && words.length ? ["--"] : [];
  return [...before, ...own, ...between, ...words].map(quoted).join(" ");
}

/** Some options of the command that made this run, with their values. */
function optionsOfRun(names, wanted = (_value) => true) {
  return data.command.flatMap((word, index) => {
    const [name, value] = word.startsWith("--") && word.includes("=") ? [word.slice(0, word.indexOf("=")), word.slice(word.indexOf("=") + 1)] : [word, data.command[index + 1] || ""];
    return names.includes(name) && wanted(value) ? [name, value] : [];
  });
}

/** The command that runs one cell as this run did, with its folders, and with the checkout or the wheel that it was given. */
function commandFor(id, scenario, target) {
  const folders = [...optionsOfRun(CARRIED), ...data.command.filter((word) => CARRIED_FLAGS.includes(word))];
  if (data.command[0] === "bugs") {
    return typed("bugs", [...folders, "--scenario", scenario.id, "--subject", target.subject, "--python", target.interpreter_id]);
  }
  const isPath = (value) => value.startsWith(`${target.subject}=`) && !value.startsWith(`${target.subject}==`);
  return typed("matrix", [...optionsOfRun(["--subject"], isPath), ...folders, "--cell", id]);
}
