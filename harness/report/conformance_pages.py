"""The pages about checks: how servers do, each server's own page, and a page for each file of checks. They need no script."""

from __future__ import annotations

import functools
import re
from collections.abc import Collection
from pathlib import Path
from typing import Any
from urllib.parse import quote

import jinja2

from ..language.scenario import LEVELS
from ..machine import atomic_files
from ..model.outcomes import BY_WORD
from ..model.values import Json
from . import templating
from .conformance import PASSED, Checks, own_name, worst
from .conformance_answers import JUDGED, RIGHT, WORDS, groups, right_answers, sent
from .conformance_peers import Majorities, alone, failures, heading
from .links import parts
from .templating import CONFORMANCE
from .view import RunView

#: Folders with the pages of servers, and of files of checks.
SERVERS, TABLES = "servers", "checks"
#: Stands in each page, so that those of an earlier run are known and can be removed.
MARK = '<meta name="generator" content="server-matrix, conformance">'
_MARKED_WITHIN = 2000  # bytes


def write_pages(view: RunView, sections: Collection[str] = templating.ALWAYS) -> None:
    """Write the pages of a run, of which there are none if no checks ran, and remove those of earlier runs.

    ``sections`` are the pages of the report that have something to say: the navigation leads to them.
    """
    checks = view.checks
    clean = functools.lru_cache(65536)(view.redactor.text)
    written: set[Path] = set()
    environment = _environment()

    def write(name: str, template: str, **values: Any) -> None:
        up = "../" * name.count("/")
        pages = templating.navigation(view.reports, sections, up, CONFORMANCE)
        text = environment.get_template(template).render(run=view.plan.run, up=up, pages=pages, checks=checks, **values)
        atomic_files.write_text(view.reports / name, text)
        written.add(view.reports / name)

    if checks.checks:
        majorities = Majorities(checks, clean)
        write(CONFORMANCE, "conformance.html", families=_families(checks), tables=_tables(checks))
        for server in checks.servers:
            write(
                f"{SERVERS}/{file_name(server)}",
                "server.html",
                server=server,
                heading=heading(checks, server),
                failing=failures(checks, server, clean),
                alone=alone(checks, server),
                differing=majorities.differing(server),
            )
        for table, own in checks.tables.items():
            shown = [_check(checks, check, clean) for check in own]
            write(f"{TABLES}/{file_name(table)}", "checks.html", table=table, shown=shown)
    _remove_others(view.reports, written)


def file_name(name: str) -> str:
    """The file of a server's page, or of that of a table; nothing in a stored run can lead out of the folder."""
    return re.sub(r"[^A-Za-z0-9._+-]", "_", name) + ".html"


def _families(checks: Checks) -> dict[str, dict[str, int]]:
    """How many checks of each level a family has."""
    return {family: _levels(own) for family, own in checks.families.items()}


def _levels(own: list[Json]) -> dict[str, int]:
    return {level: count for level in LEVELS if (count := sum(check["grade"] == level for check in own))}


def _tables(checks: Checks) -> list[Json]:
    """The files of checks, with how many servers pass everything that is a must."""
    found = []
    for table, own in checks.tables.items():
        tallies = [tally for server in checks.servers if (tally := checks.tally(own, server))]
        musts = [tally["must"] for tally in tallies if "must" in tally]
        found.append(
            {
                "table": table,
                "levels": _levels(own),
                "all_must": sum(count.passed == count.asked for count in musts),
                "asked": len(musts),
            }
        )
    return found


def _check(checks: Checks, check: Json, clean: Any) -> Json:
    answered = [worst(cells).state for cells in checks.cells[check["id"]].values()]
    return {
        "check": check,
        "name": own_name(check),
        "sent": sent(check),
        "right": right_answers(check),
        "groups": groups(checks, check, clean),
        "passed": answered.count(PASSED),
        "asked": sum(JUDGED[state] in (RIGHT, "wrong") for state in answered),
    }


def _remove_others(reports: Path, written: set[Path]) -> None:
    """Remove pages of earlier runs: of servers and checks that this one does not have."""
    for file in (reports / CONFORMANCE, *(reports / SERVERS).glob("*.html"), *(reports / TABLES).glob("*.html")):
        if file in written or not file.is_file():
            continue
        with file.open("rb") as stored:
            ours = MARK.encode("ascii") in stored.read(_MARKED_WITHIN)
        if ours:
            file.unlink()


def _environment() -> jinja2.Environment:
    environment = templating.environment()
    style = templating.style("style.css", "conformance.css")
    environment.globals.update(
        mark=MARK,
        style=style,
        style_hash=templating.hash_of(style),
        script_hash="",
        outcomes=BY_WORD,
        judged=WORDS,
        own_name=own_name,
        parts=parts,
        server_page=lambda server: f"{SERVERS}/{quote(file_name(server))}",
        table_page=lambda table: f"{TABLES}/{quote(file_name(table))}",
        check_page=lambda check: f"{TABLES}/{quote(file_name(check['table']))}#{quote(own_name(check))}",
        cell_page=lambda cell: f"index.html#cell/{quote(cell, safe='@+')}",
    )
    return environment
