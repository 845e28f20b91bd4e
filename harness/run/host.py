"""Where a run is made, as far as that may be published: the machine, the commit, and how one gives commands there."""

from __future__ import annotations

import os
import platform
import re
import subprocess
import time
from pathlib import Path

from .. import __version__
from ..machine import addresses
from ..machine.places import checkout
from ..model.values import Json
from ..targets import fingerprints

GIT_SECONDS = 10.0
_HASH = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")


def environment(project: Path | None = None) -> Json:
    """The details of the host that may be published: an allow-list, without names of users, hosts and folders.

    ``project`` is the pyproject.toml that says what the run is of; its commit is that of the run.
    """
    return {
        "harness": __version__,
        "harness_code": fingerprints.driver(),
        "driver": f"{platform.python_implementation()} {platform.python_version()}",
        "system": platform.system(),
        "release": platform.release(),
        "machine": platform.machine(),
        "cores": os.cpu_count(),
        "loopback_range": addresses.has_loopback_range(),
        "ci": os.environ.get("CI", "") != "",
        "commands": commands(Path.cwd()),
        **({"commit": found} if (found := commit(project.parent if project else Path.cwd())) else {}),
        "started": time.strftime("%Y-%m-%dT%H:%M:%S%z"),
    }


def commands(folder: Path) -> str:
    """How one gives commands in a folder: with "nox" in the harness's own checkout, with "server-matrix" everywhere else.

    Another project may have a noxfile of its own, which knows nothing of the matrix.
    """
    return "nox" if checkout() == folder.resolve() else "server-matrix"


def commit(folder: Path) -> str:
    """The commit that a folder has checked out; "" if it is in no repository, or there is no git."""
    try:
        done = subprocess.run(
            ["git", "-C", str(folder), "rev-parse", "--verify", "HEAD"],
            capture_output=True,
            timeout=GIT_SECONDS,
            check=False,
            stdin=subprocess.DEVNULL,
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    found = done.stdout.decode("ascii", "replace").strip()
    return found if done.returncode == 0 and _HASH.fullmatch(found) else ""
