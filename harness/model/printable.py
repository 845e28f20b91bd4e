"""Untrusted text made safe for a terminal: no escapes, no control characters."""

from __future__ import annotations

import re

_ESCAPES = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-Z\\-_])")
_CONTROLS = {code: 0x2400 + code for code in range(32) if chr(code) not in "\n\t\r"} | {0x7F: 0x2421}
_CONTROLS |= dict.fromkeys([*range(0x202A, 0x202F), *range(0x2066, 0x206A)], 0xFFFD)  # bidirectional overrides


def plain(text: str) -> str:
    """Strip terminal escapes; other control characters become visible symbols (U+2400 …)."""
    return _ESCAPES.sub("", text).translate(_CONTROLS)
