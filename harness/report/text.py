"""Untrusted text made fit to be shown and published: escapes stripped, sizes bounded, private names redacted."""

from __future__ import annotations

import getpass
import json
import re
import socket
import tempfile
from pathlib import Path
from typing import Any

from ..plain import plain

MAX_SHOWN = 24 * 1024  # characters of one text on the page
#: What plain() changes, as JSON spells it; characters that are not ASCII apart.
_SUSPECT = ("\\u00", "\\b", "\\f", "\x7f")
_SUSPECT_WIDE = re.compile("[\u202a-\u202e\u2066-\u2069]")


def bounded(text: str, limit: int = MAX_SHOWN) -> str:
    """Cut the middle out of a long text, and say so."""
    if len(text) <= limit:
        return text
    half = limit // 2
    return f"{text[:half]}\n[… {len(text) - limit} characters cut …]\n{text[-half:]}"


class Redactor:
    """Replaces the folders and names of this machine by what they are."""

    def __init__(self, root: Path) -> None:
        pairs = [(str(root), "<repository>"), (tempfile.gettempdir(), "<tmp>"), (str(Path.home()), "~")]
        host, user = socket.gethostname(), _user()
        if len(host) > 3:
            pairs.append((host, "<host>"))
        if len(user) > 4:  # "root" is a word of too many logs, and says nothing about anybody
            pairs.append((user, "<user>"))
        self._pairs = [(old, new) for old, new in pairs if len(old) > 1]
        self._private = [self.dumps(old)[1:-1] for old, _ in self._pairs]

    def text(self, value: str) -> str:
        """Make one text publishable."""
        for old, new in self._pairs:
            value = value.replace(old, new)
        return bounded(plain(value))

    def json(self, value: Any) -> str:
        """A JSON value as publishable text; most values have nothing to change, which is seen at once."""
        text = self.dumps(value)
        return self.dumps(self.everything(value)) if self._suspicious(text) else text

    def _suspicious(self, text: str) -> bool:
        """Whether something in a JSON text may have to be changed; sometimes where nothing has."""
        if any(private in text for private in self._private) or any(mark in text for mark in _SUSPECT):
            return True
        if not text.isascii() and _SUSPECT_WIDE.search(text):
            return True
        return _has_long(text.replace('\\"', "''"))

    @staticmethod
    def dumps(value: Any) -> str:
        """JSON in few bytes."""
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))

    def everything(self, value: Any) -> Any:
        """Make every text inside a JSON value publishable."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, list):
            return [self.everything(item) for item in value]
        if isinstance(value, dict):
            return {key: self.everything(item) for key, item in value.items()}
        return value


def _has_long(text: str) -> bool:
    """Whether a JSON text without escaped quotes may hold a text that is too long: it would lie over one of these places."""
    return any(_after(text, place) - text.rfind('"', 0, place) > MAX_SHOWN for place in range(MAX_SHOWN, len(text), MAX_SHOWN))


def _after(text: str, place: int) -> int:
    found = text.find('"', place)
    return len(text) if found < 0 else found


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container's user without a name
        return ""
