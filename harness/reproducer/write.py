"""Assemble a reproducer: the cell's data on top, then the sections of code that its steps need."""

from __future__ import annotations

import base64
import functools
import json
import re
import textwrap
from collections.abc import Callable
from pathlib import Path

from ..model.values import CellResult, History, Json

HERE = Path(__file__).parent
DRIVER = HERE.parent
CELL, CODE, FILES = "@@CELL@@", "@@CODE@@", "@@FILES@@"

#: section -> (its source, the verbs that need it; none: all do)
SECTIONS: dict[str, tuple[Path, tuple[str, ...]]] = {
    "deadlines": (DRIVER / "machine" / "deadlines.py", ()),
    "at_work": (DRIVER / "machine" / "at_work.py", ()),
    "connecting": (DRIVER / "machine" / "connecting.py", ()),
    "port_probes": (DRIVER / "machine" / "port_probes.py", ()),
    "text_matching": (DRIVER / "language" / "text_matching.py", ()),
    "endings": (DRIVER / "verdict" / "endings.py", ()),
    "first_process": (DRIVER / "machine" / "first_process.py", ()),
    "process_limits": (DRIVER / "machine" / "process_limits.py", ()),
    "server_log": (DRIVER / "machine" / "server_log.py", ()),
    "tracebacks": (DRIVER / "verdict" / "tracebacks.py", ()),
    "unasked": (DRIVER / "verdict" / "unasked.py", ()),
    "http_framing": (DRIVER / "cell" / "http_framing.py", ()),
    "http_answers": (DRIVER / "cell" / "http_answers.py", ()),
    "http_content": (DRIVER / "cell" / "http_content.py", ()),
    "json_matching": (DRIVER / "language" / "json_matching.py", ()),
    "request_pieces": (DRIVER / "language" / "request_pieces.py", ()),
    "request_bytes": (DRIVER / "language" / "request_bytes.py", ()),
    "http_client": (DRIVER / "cell" / "http_client.py", ()),
    "channel_kinds": (DRIVER / "cell" / "channel_kinds.py", ()),
    "notifications": (DRIVER / "cell" / "notifications.py", ()),
    "look": (HERE / "parts" / "look.py", ()),
    "server": (HERE / "parts" / "server.py", ()),
    "free_ports": (HERE / "parts" / "free_ports.py", ()),
    "cell": (HERE / "parts" / "cell.py", ()),
    "speak": (HERE / "parts" / "speak.py", ()),
    "servers": (HERE / "parts" / "servers.py", ()),
    "observe": (HERE / "parts" / "observe.py", ()),
    "volley": (DRIVER / "cell" / "volley.py", ("volley",)),
    "volleys": (HERE / "parts" / "volleys.py", ("volley",)),
    "files": (DRIVER / "cell" / "files.py", ("file",)),
    "file": (HERE / "parts" / "file.py", ("file",)),
    "port_holders": (DRIVER / "cell" / "port_holders.py", ("hold", "release")),
    "hold": (HERE / "parts" / "hold.py", ("hold", "release")),
    "measure": (HERE / "parts" / "measure.py", ("sample", "growth", "sweep")),
    "judge": (HERE / "parts" / "judge.py", ()),
    "run": (HERE / "parts" / "run.py", ()),
}
_OWN_IMPORT = re.compile(r"^from \.[\w.]* import (?:\([^)]*\)|[^\n]*)\n", re.MULTILINE)
_FUTURE = "from __future__ import annotations\n"
_DOCSTRING = re.compile(r'\A"""(.*?)"""\n', re.DOTALL)
_RULE = "# " + "-" * 98

SKELETON = f'''#!/usr/bin/env python3
{CELL}
{CODE}

# The applications, the server's own script and the bundled packages: a zip archive in Base64.
FILES = """
{FILES}
"""

if __name__ == "__main__":
    sys.exit(main(CELL, RUN, FILES))
'''


def section(name: str) -> str:
    """The code of one section as it appears in the file: without imports of its neighbours, its docstring as a comment."""
    text = SECTIONS[name][0].read_text("utf-8")
    words = _DOCSTRING.match(text)
    if words is None:
        raise ValueError(f"{SECTIONS[name][0]} has no docstring")
    text = _OWN_IMPORT.sub("", text[words.end() :].replace(_FUTURE, ""))
    head = "\n".join(f"# {line}".rstrip() for line in words[1].strip().splitlines())
    return f"\n\n{_RULE}\n{head}\n{_RULE}\n\n{text.strip()}\n"


def needed(steps: tuple[Json, ...]) -> list[str]:
    """The sections that these steps need, in order."""
    acts = {step["act"] for step in steps}
    return [name for name, (_, verbs) in SECTIONS.items() if not verbs or acts & set(verbs)]


def about(
    result: CellResult,
    history: History,
    scenario: Json,
    recipe: Json,
    clean: Callable[[str], str] = str,
) -> str:
    """The top of the file: what it is, the cell's data, and what the run saw, encoded because it contains server output.

    ``clean`` makes a server's output publishable.
    """
    data = {
        "cell": result.cell,
        "title": scenario["title"],
        **{key: scenario[key] for key in ("app", "channel", "tls", "reload", "leaves")},
        "asks": "silent" in history.cleanup,
        "server": recipe,
        "steps": [_step(step) for step in history.steps],
    }
    words = _needs(f"{recipe['implementation']} {recipe['version']}", " ".join(recipe["requires"]))
    return "\n".join(
        [
            f'"""Reproduces {_plain(result.cell)}: {_plain(scenario["title"])}.',
            "",
            "It starts the server, does the steps in CELL below, prints what it sees, and says whether the run saw the same.",
            _plain(words),
            '"""',
            "",
            _FUTURE.strip(),
            "",
            f"CELL = {literal(data)}",
            "",
            "# What the run saw; Base64, because it contains server output.",
            f'RUN = "{_seen(result, clean)}"',
        ]
    )


@functools.cache  # a target has many cells
def _needs(python: str, requires: str) -> str:
    return textwrap.fill(
        f"It needs Linux or another POSIX system, Python 3.10 or newer for itself, and the server: the run used {python} "
        f"with {requires or 'only the standard library'}. --python chooses another Python for the server, and --install lets "
        "its pip install the server; see --help. All traffic stays on 127.0.0.1.",
        98,
        break_long_words=False,
        break_on_hyphens=False,
    )


def literal(data: Json) -> str:
    """The cell's data as Python: one line for each item, step and server setting."""
    rows = []
    for key, value in data.items():
        if key == "server":
            value = "{\n" + "".join(f"        {name!r}: {item!r},\n" for name, item in value.items()) + "    }"
        elif key == "steps":
            value = "[\n" + "".join(f"        {step!r},\n" for step in value) + "    ]"
        else:
            value = repr(value)
        rows.append(f"    {key!r}: {value},\n")
    return "{\n" + "".join(rows) + "}"


def _plain(text: str) -> str:
    """Text inside a docstring."""
    return text.replace("\\", "/").replace('"""', "'''")


def _step(step: Json) -> Json:
    """A step as data; the fields that are left out mean nothing here."""
    kept: Json = {key: step[key] for key in ("number", "act", "server", "within", "args", "expect", "save", "observe")}
    kept.update({key: step[key] for key in ("id", "note", "traceback", "either", "level") if step.get(key)})
    return kept


def _seen(result: CellResult, clean: Callable[[str], str]) -> str:
    verdicts = [verdict for verdict in (result.behaviour, result.cleanup) if verdict]
    failures = [(f.step, f.key, clean(f.observed)) for verdict in verdicts for f in verdict.failures]
    text = json.dumps({"word": result.word, "failures": failures}, ensure_ascii=True)
    return base64.b64encode(text.encode("ascii")).decode("ascii")


def text(result: CellResult, history: History, scenario: Json, recipe: Json, archive: str) -> str:
    """The whole file."""
    return (
        SKELETON.replace(CELL, about(result, history, scenario, recipe))
        .replace(CODE, "".join(section(name) for name in needed(history.steps)))
        .replace(FILES, lines(archive))
    )


def lines(archive: str) -> str:
    """Base64 in lines that are short enough for an editor."""
    return "\n".join(archive[at : at + 100] for at in range(0, len(archive), 100))
