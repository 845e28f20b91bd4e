"""Links inside a text of a scenario file: issues, sections of RFCs, PEPs, addresses."""

from __future__ import annotations

import re
from typing import NamedTuple

_LINKED = re.compile(
    r"(?P<url>https://[\w.~:/?#@!$&'*+,;=%-]*[\w/#=~-])"
    r"|(?<![\w./-])(?P<repository>[\w.-]+/[\w.-]+)#(?P<issue>\d+)\b"
    r"|\bRFC (?P<rfc>\d{3,5})(?:,? (?:section|§) ?(?P<section>\d+(?:\.\d+)*))?"
    r"|\bPEP (?P<pep>\d{1,4})\b"
)


class Part(NamedTuple):
    """A part of a text, and where it leads; "" if nowhere."""

    text: str
    href: str = ""


def parts(text: str) -> list[Part]:
    """A text in parts, of which those that name a place on the web have its address."""
    found, end = [], 0
    for match in _LINKED.finditer(text):
        if match.start() > end:
            found.append(Part(text[end : match.start()]))
        found.append(Part(match[0], _address(match)))
        end = match.end()
    if end < len(text):
        found.append(Part(text[end:]))
    return found


def _address(match: re.Match[str]) -> str:
    if match["url"]:
        return match["url"]
    if match["repository"]:
        return f"https://github.com/{match['repository']}/issues/{match['issue']}"
    if match["pep"]:
        return f"https://peps.python.org/pep-{int(match['pep']):04d}/"
    section = f"#section-{match['section']}" if match["section"] else ""
    return f"https://www.rfc-editor.org/rfc/rfc{match['rfc']}{section}"
