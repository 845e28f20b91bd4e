"""What all pages are made with: the templates, one style, the scripts, and the one navigation."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Collection
from pathlib import Path

import jinja2

from ..model.counting import counted

HERE = Path(__file__).parent
CONFORMANCE = "conformance.html"
#: All pages, in the order of the navigation: those that the report's own script draws, and files beside it, of which the last
#: three are written by other tasks: ``nox -s bugs``, ``nox -s mutants -- server``, ``nox -s bench``.
PAGES = {
    "#overview": "Overview",
    "#matrix": "Matrix",
    CONFORMANCE: "Conformance",
    "#peers": "Side by side",
    "#claims": "The paper's claims",
    "#agreement": "Agreement",
    "#compare": "Changes",
    "#plots": "Plots",
    "#coverage": "Coverage",
    "#environment": "Environment",
    "bugs/index.html": "Bugs",
    "mutants/index.html": "Mutants",
    "bench.html": "Speed",
}
#: What any run has: these are the links of a page of another task, which does not know the run.
ALWAYS = ("#overview", "#matrix", "#environment")
BUGS = "bugs"  # the folder of a report of its own, next to that of all servers


def environment(*folders: Path) -> jinja2.Environment:
    """The templates of some folders and of this room; every text is escaped, and a name that is not given is an error."""
    made = jinja2.Environment(
        loader=jinja2.FileSystemLoader([*folders, HERE / "templates"]),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals["counted"] = counted
    return made


def style(*names: str) -> str:
    """Some style sheets as one."""
    return "\n".join((HERE / "templates" / name).read_text("utf-8") for name in names)


def script() -> str:
    """All scripts of the report as one: the data come first, and what shows the first page last."""
    files = sorted((HERE / "script").glob("*.js"), key=lambda file: (file.name != "data.js", file.name == "page.js", file.name))
    return "\n".join(file.read_text("utf-8") for file in files)


def hash_of(text: str) -> str:
    """How a Content-Security-Policy names an inline style or script."""
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def navigation(reports: Path, sections: Collection[str] = ALWAYS, up: str = "", here: str = "") -> list[tuple[str, str, bool]]:
    """The words and the address of each entry of the navigation, and whether it is the page that one is on.

    ``sections`` are those of the report's own pages that have something to say; other files are named if they are there.
    ``up`` leads from the page to the report's folder; ``here`` is the page's own file, and "" for the report itself.
    """
    found = []
    for page, words in PAGES.items():
        if page.startswith("#"):
            if page in sections:
                found.append((words, f"{up}index.html{page}" if here else page, False))
        elif page == here or (reports / page).is_file():
            found.append((words, up + page, page == here))
    if reports.name == BUGS and (reports.parent / "index.html").is_file():
        found.append(("All servers", f"{up}../index.html", False))
    return found
