"""Untrusted text made safe to show and publish: escapes stripped, sizes bounded, private names redacted."""

from __future__ import annotations

import getpass
import json
import re
import socket
import tempfile
from pathlib import Path
from typing import Any

from ..model.printable import plain

MAX_SHOWN = 24 * 1024  # characters of a text on the page
#: What plain() changes, as JSON spells it, apart from characters that are not ASCII.
_SUSPECT = ("\\u00", "\\b", "\\f", "\x7f")
_SUSPECT_WIDE = re.compile("[\u202a-\u202e\u2066-\u2069]")


def bounded(text: str, limit: int = MAX_SHOWN) -> str:
    """Cut the middle out of a long text, and mark the cut."""
    if len(text) <= limit:
        return text
    half = limit // 2
    return f"{text[:half]}\n[… {len(text) - limit} characters cut …]\n{text[-half:]}"


class Redactor:
    """Replaces the folders and names of this machine with placeholders."""

    def __init__(self, root: Path) -> None:
        pairs = [(str(root), "<repository>"), (tempfile.gettempdir(), "<tmp>"), (str(Path.home()), "~")]
        host, user = socket.gethostname(), _user()
        if len(host) > 3:
            pairs.append((host, "<host>"))
        if len(user) > 4:  # "root" is in too many logs, and identifies nobody
            pairs.append((user, "<user>"))
        self._pairs = [(old, new) for old, new in pairs if len(old) > 1]
        quoted = [(self.dumps(old)[1:-1], new) for old, new in self._pairs]
        self._folders = [(old, new) for old, new in quoted if "/" in old or "\\" in old]
        self._words = [old for old, new in quoted if (old, new) not in self._folders]  # a host may have the name of a key

    def text(self, value: str) -> str:
        """Make one text publishable."""
        for old, new in self._pairs:
            value = value.replace(old, new)
        return bounded(plain(value))

    def json(self, value: Any) -> str:
        """A JSON value as publishable text, with the same result as ``everything``.

        Folders are replaced in the whole text, since no key is a folder. A quick check finds the few texts that need more.
        """
        text = self.dumps(value)
        for old, new in self._folders:
            text = text.replace(old, new)
        slow = any(word in text for word in self._words) or _suspicious(text)
        return self.dumps(self.everything(value)) if slow else text

    @staticmethod
    def dumps(value: Any) -> str:
        """Compact JSON."""
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))

    def everything(self, value: Any) -> Any:
        """Make every text inside a JSON value publishable."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, list | tuple):
            return [self.everything(item) for item in value]
        if isinstance(value, dict):
            return {key: self.everything(item) for key, item in value.items()}
        return value


def _suspicious(text: str) -> bool:
    """Whether a JSON text may contain escapes, control characters or long texts; it errs on the side of yes."""
    if any(mark in text for mark in _SUSPECT) or (not text.isascii() and _SUSPECT_WIDE.search(text)):
        return True
    return _has_long(text.replace('\\"', "''"))


def _has_long(text: str) -> bool:
    """Whether a JSON text without escaped quotes may hold a text that is too long: it would span one of these places."""
    return any(_after(text, place) - text.rfind('"', 0, place) > MAX_SHOWN for place in range(MAX_SHOWN, len(text), MAX_SHOWN))


def _after(text: str, place: int) -> int:
    found = text.find('"', place)
    return len(text) if found < 0 else found


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container's user without a name
        return ""
