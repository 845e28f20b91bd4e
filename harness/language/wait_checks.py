"""What a wait can see depends on what it waits for: an expectation of anything else could never hold."""

from __future__ import annotations

from .scenario import Step

_OF_A_SERVER = ("exit", "seconds", "log", "log_absent", "forced", "notified", "notified_absent")
#: What a wait waits for, and the keys that it then sees; for a volley: volley_checks.
SEES: dict[str, tuple[str, ...]] = {
    "log": _OF_A_SERVER,
    "exit": _OF_A_SERVER,
    "idle": _OF_A_SERVER,
    "ready": ("ready", *_OF_A_SERVER),
    "response": ("status", "reason", "headers", "body", "json", "closed", "interim", "error", "seconds"),
    "port": ("seconds",),
    "gone": ("seconds",),
    "states": ("seconds",),
}


def never_seen(step: Step, key: str) -> str:
    """Why a wait does not see a key; "" if it does."""
    what = next((name for name in SEES if step.act == "wait" and name in step.args), "")
    if not what or key in SEES[what]:
        return ""
    fitting = [name for name, keys in SEES.items() if key in keys]
    advice = f"; a wait for {' or '.join(fitting)} does" if fitting else ""
    return f"a wait for {what} does not see it{advice}. It sees {', '.join(SEES[what])}"
