"""The values that a step saves for later ones."""

from __future__ import annotations

import json
import re
from typing import Any

from ..language.scenario import Step
from ..model.values import Json


def saved(step: Step, seen: Json) -> dict[str, str]:
    """What a step saves of what it observed; a value that is not there is left out, and judged as a failure."""
    found = {name: _extract(source, seen) for name, source in step.save.items()}
    return {name: value for name, value in found.items() if value is not None}


def _extract(source: str, seen: Json) -> str | None:
    kind, _, name = source.partition(":")
    if kind == "header":
        return next((text for key, text in (seen.get("headers") or {}).items() if key.lower() == name.lower()), None)
    if kind == "cookie":
        return _cookie(name, seen)
    if source == "content":
        return None if seen.get(source) is None else str(seen[source]).strip()
    if source in ("pid", "body", "descriptors", "threads"):
        return None if seen.get(source) is None else str(seen[source])
    try:
        value: Any = json.loads(seen.get("body") or "")
        for key in source.removeprefix("json:/").split("/"):
            value = value[int(key)] if isinstance(value, list) else value[key]
    except (ValueError, KeyError, IndexError, TypeError):
        return None
    return str(value)


def _cookie(name: str, seen: Json) -> str | None:
    """The value of a cookie that an answer sets; several Set-Cookie lines are joined with commas, as in a date, too."""
    lines = next((text for key, text in (seen.get("headers") or {}).items() if key.lower() == "set-cookie"), "")
    found = re.search(rf"(?:^|, ?){re.escape(name)}=([^;,]*)", lines)
    return found[1].strip() if found else None
