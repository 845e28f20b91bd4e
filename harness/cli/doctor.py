"""What this machine has and lacks: interpreters, uv, loopback range, /proc, and what cannot be tested here."""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path

from ..machine import addresses, interpreters, port_probes, server_process
from ..targets.installer import uv
from .console import Say


def configure(parser: argparse.ArgumentParser) -> None:
    """``doctor`` has no options of its own."""
    parser.description = "Show what this machine has, and what each thing that it lacks means for a run."


def run(given: argparse.Namespace, say: Say) -> int:
    """Describe the machine."""
    say(describe(list(given.project.interpreters)))
    return 0


def describe(wanted: list[str]) -> str:
    """Return the machine as a text: what is there, and what each lack means for a run."""
    found, problems = interpreters.discover()
    chosen = interpreters.choose(wanted or [one.id for one in found], found)
    lines = [
        f"driver        Python {sys.version.split()[0]} on {sys.platform}",
        f"interpreters  ({'wanted by pyproject.toml' if wanted else 'all that were found'})",
    ]
    for name, interpreter, reason in chosen:
        what = f"{interpreter.version:10} {interpreter.build:14} {interpreter.place}" if interpreter else f"missing: {reason}"
        lines.append(f"  {'ok  ' if interpreter else 'lack'} {name:10} {what}")
    extra = [i for i in found if i.path not in {c[1].path for c in chosen if c[1]}]
    lines += [f"       {i.id:10} {i.version:10} {i.build:14} {i.place} (not chosen)" for i in extra]
    lines += [f"       {problem}" for problem in problems]
    checks = [
        ("uv", _uv(), "targets of 3.6 and newer cannot be made"),
        (
            "127.0.0.0/8",
            "every cell gets an address of its own" if addresses.has_loopback_range() else "",
            "cells share 127.0.0.1 and take ports from a block: the paper's port 8080 is used by one cell at a time",
        ),
        (
            "/proc/net/tcp",
            "all holders of a socket can be named" if Path("/proc/net/tcp").exists() else "",
            "psutil names one holder of a socket only; inherited sockets are shown with one",
        ),
        (
            "subreaper",
            "orphans come to the guardian" if server_process.become_subreaper() else "",
            "orphans are found by the run's marker in their environment; an escaped daemon is missed",
        ),
        (
            "127.0.0.1:8080",
            "free" if port_probes.bind_state("127.0.0.1", addresses.PORT) == "free" else "",
            "it is held: cells on the default channel will be errors",
        ),
    ]
    for name, good, bad in checks:
        lines.append(f"{'ok  ' if good else 'lack'}  {name:14} {good or bad}")
    untested = []
    if sys.platform != "win32":
        untested.append("console events of Windows, SO_REUSEADDR of Windows")
    if sys.platform != "darwin":
        untested.append("macOS: one loopback address, launchd")
    lines.append("not tested on this machine: " + "; ".join(untested))
    return "\n".join(lines)


def _uv() -> str:
    try:
        return subprocess.run([*uv(), "--version"], capture_output=True, text=True, timeout=20, check=True).stdout.strip()
    except (OSError, subprocess.SubprocessError):
        return ""
