"""What is changed in a report's pages when they become part of a site: the navigation, and links to what is left out."""

from __future__ import annotations

import html
import json
import posixpath
import re
from collections.abc import Collection, Iterable

from .site_links import data_of, target

BEGIN, END = '<nav aria-label="Pages">\n', "</nav>"  # as base.html has them
_ENTRY = re.compile(r'<a href="(?P<address>[^"]*)"[^>]*>(?P<words>[^<]*)</a>')
_ASK = 'id="ask"'  # the last entry: it explains the words

BADGES, RUNS = "badges.html", "runs/index.html"
#: What the navigation of the newest run has in addition, and that of a run in its own folder: words and address.
OF_SITE = (("Badges", BADGES), ("All runs", RUNS))
OF_RUN = (("All runs", "../index.html"), ("First page", "../../index.html"))


def navigated(text: str, page: str, kept: Collection[str], more: Iterable[tuple[str, str]]) -> str:
    """A page with more entries in its navigation, and without those that lead to files that are not kept.

    ``page`` is its name below the report's folder, which the addresses of ``more`` start from. A page without a navigation of
    ours stays as it is.
    """
    begin = text.find(BEGIN)
    end = text.find(END, begin)
    if begin < 0 or end < 0:
        return text
    up = "../" * page.count("/")
    lines = []
    for line in text[begin + len(BEGIN) : end].splitlines(keepends=True):
        entry = _ENTRY.search(line)
        if entry and _ASK in line:
            lines += [f'    <a href="{html.escape(up + address)}">{html.escape(words)}</a>\n' for words, address in more]
        if entry and (name := target(html.unescape(entry["address"]), page)) and name not in kept:
            continue
        lines.append(line)
    return text[: begin + len(BEGIN)] + "".join(lines) + text[end:]


def entries(text: str, up: str, here: str) -> list[tuple[str, str, bool]]:
    """The navigation of a site's first page, for another page of that site; as templating.navigation makes it."""
    begin = text.find(BEGIN)
    found = []
    for line in text[begin : text.find(END, begin)].splitlines():
        entry = _ENTRY.search(line)
        if entry and _ASK not in line:
            address = html.unescape(entry["address"])
            own = posixpath.normpath(address) == here
            found.append(
                (html.unescape(entry["words"]), f"{up}{'index.html' if address.startswith('#') else ''}{address}", own)
            )
    return found


def without_coverage(text: str) -> str:
    """A report's page whose table of coverage leads nowhere: a run that is kept has no pages of it, which are large.

    In JSON the quotes inside a text are escaped, so nothing that a server said can look like what is replaced.
    """
    data = data_of(text)
    for line in data.get("coverage", []) if data else []:
        if line.get("page"):
            text = text.replace(f'"page":{json.dumps(line["page"], ensure_ascii=False)}', '"page":""')
    return text
