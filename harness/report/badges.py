"""Badges: one for each server and one for all, as an SVG, as what shields.io's endpoint reads, and as text to copy."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from typing import NamedTuple
from urllib.parse import quote, urlencode

from ..model.counting import counted
from ..model.printable import plain
from ..model.values import Json
from .overview import KNOWN, UNMET
from .templating import environment

FOLDER = "badges"
ALL = "all"  # the name of the badge of all servers
LABEL = "server matrix"  # what it says
#: Background colours of the right half, with white text on them: the contrast is at least 4.5 (WCAG 2.2, 1.4.3).
COLOURS = {"red": "#a3121f", "amber": "#7a4b00", "green": "#0f6b3c", "nothing": "#5a6472"}
LEFT = "#3b424c"
MOST_LABEL = 40  # characters
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_NOT_NAME = re.compile(r"[^A-Za-z0-9._+-]")

#: How wide characters are in Verdana at 11 pixels. The text is fitted to the sum, so that another font looks right, too.
_WIDTHS = {**dict.fromkeys("ijlI.,:;'|! ", 4.0), **dict.fromkeys("frt-()[]", 5.0), **dict.fromkeys("mwMW@%+", 10.0)}
_WIDE, _UPPER, _OTHER = 12.0, 8.0, 7.0


@dataclass(frozen=True, slots=True)
class Badge:
    """What one badge says.

    ``name`` is that of its files, ``told`` what it says as a sentence, and ``page`` where it leads to in the site.
    """

    name: str
    label: str
    message: str
    told: str
    state: str
    page: str

    @property
    def file(self) -> str:
        """The SVG."""
        return f"{FOLDER}/{self.name}.svg"

    @property
    def endpoint_file(self) -> str:
        """What shields.io reads."""
        return f"{FOLDER}/{self.name}.json"


class Copies(NamedTuple):
    """A badge as text to copy: for Markdown, reStructuredText and HTML, and the address of shields.io's."""

    markdown: str
    rst: str
    html: str
    shields: str


def badges(overview: Json) -> list[Badge]:
    """The badges of a run, from what its first page shows: that of all servers, and one for each."""
    servers = overview["grid"]["servers"]
    pythons = overview["grid"]["pythons"]
    every = [(cell, python) for server in servers for cell, python in zip(server["cells"], pythons, strict=True)]
    found = [_badge(ALL, LABEL, every, "index.html")]
    taken = {ALL}
    for server in servers:
        label = shown(server["name"])
        name = _free(_NOT_NAME.sub("_", label).lstrip(".") or "_", taken)
        page = f"index.html#matrix?{urlencode({'subject': server['name']}, errors='replace')}"
        found.append(_badge(name, label, list(zip(server["cells"], pythons, strict=True)), page))
    return found


def shown(text: str) -> str:
    """A name as a badge shows it: what XML has no place for is replaced, and a long one is cut."""
    text = _NOT_XML.sub("\ufffd", " ".join(plain(text).split()))
    return text if len(text) <= MOST_LABEL else f"{text[: MOST_LABEL - 1]}…"


def _free(name: str, taken: set[str]) -> str:
    """A name that no other badge has, also where a file system takes capitals for small letters."""
    free, number = name, 1
    while free.lower() in taken:
        number += 1
        free = f"{name}-{number}"
    taken.add(free.lower())
    return free


def _badge(name: str, label: str, cells: list[tuple[Json | None, str]], page: str) -> Badge:
    asked = [(cell, python) for cell, python in cells if cell and cell["asked"]]
    count = {key: sum(cell.get(key, 0) for cell, _ in asked) for key in ("asked", "passed", "known", "red", "unmet")}
    on = counted(len({python for _, python in asked}), "Python")
    if not asked:
        return Badge(name, label, "not tried", f"{label}: no cell ran", "nothing", page)
    known, unmet = counted(count["known"], *KNOWN), counted(count["unmet"], *UNMET)
    cells_asked = counted(count["asked"], "cell")
    if count["red"]:
        told = f"{count['red']:,} of {cells_asked} {'is' if count['red'] == 1 else 'are'} red, on {on}"
        return Badge(name, label, f"{count['red']:,} red", f"{label}: {told}", "red", page)
    more = [f"{count[key]:,} {key}" for key in ("known", "unmet") if count[key]]
    long = [known] * bool(count["known"]) + [unmet] * bool(count["unmet"])
    told = "; ".join([f"nothing is red in {cells_asked} on {on}", *long])
    return Badge(
        name, label, ", ".join([on, *more]) if more else f"{on} ✓", f"{label}: {told}", "amber" if more else "green", page
    )


def svg(badge: Badge) -> str:
    """The badge as a picture, with nothing from outside; every text in it is escaped."""
    left, right = width(badge.label), width(badge.message)
    template = environment().get_template("badge.svg")
    return template.render(badge=badge, left=left, right=right, ground=LEFT, colour=COLOURS[badge.state]) + "\n"


def width(text: str) -> int:
    """About how wide a text is, in pixels."""
    return round(sum(_WIDTHS.get(c, _UPPER if c.isupper() else _OTHER if c < "\u2000" else _WIDE) for c in text))


def endpoint(badge: Badge) -> Json:
    """What shields.io's endpoint badge reads (https://shields.io/badges/endpoint-badge)."""
    return {"schemaVersion": 1, "label": badge.label, "message": badge.message, "color": COLOURS[badge.state]}


def copies(badge: Badge, site: str) -> Copies:
    """The badge as text to copy; ``site`` is the site's address, without a slash at its end."""
    image, page = f"{site}/{quote(badge.file, safe='/+')}", f"{site}/{badge.page}"
    endpoint_address = f"{site}/{quote(badge.endpoint_file, safe='/+')}"
    alt = _NOT_NAME.sub(" ", badge.label if badge.label == LABEL else f"{LABEL} {badge.label}")
    return Copies(
        f"[![{alt}]({image})]({page})",
        f".. image:: {image}\n   :target: {page}\n   :alt: {alt}",
        f'<a href="{html.escape(page)}"><img src="{html.escape(image)}" alt="{html.escape(alt)}" height="20"></a>',
        f"https://img.shields.io/endpoint?{urlencode({'url': endpoint_address})}",
    )
