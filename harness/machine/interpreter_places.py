"""The folders in which common tools install interpreters."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

_NAME = re.compile(r"(?:python|pypy)(?:\d+(?:\.\d+)?)?t?(?:\.exe)?")


def places(environ: dict[str, str] | None = None) -> Iterator[tuple[str, Path]]:
    """Yield (place, folder) for every folder that may contain interpreters."""
    env = dict(os.environ) if environ is None else environ
    home = Path(env.get("HOME") or env.get("USERPROFILE") or "~").expanduser()
    roots = [("pyenv", Path(env["PYENV_ROOT"]) / "versions")] if env.get("PYENV_ROOT") else []
    for folder in env.get("PATH", "").split(os.pathsep):
        if folder and Path(folder).name == "shims" and (Path(folder).parent / "versions").is_dir():
            roots.append(("pyenv", Path(folder).parent / "versions"))
    roots += [
        ("pyenv", home / ".pyenv/versions"),
        ("pyenv-win", home / ".pyenv/pyenv-win/versions"),
        ("uv", Path(env.get("UV_PYTHON_INSTALL_DIR") or home / ".local/share/uv/python")),
        ("uv", home / "AppData/Roaming/uv/python"),
        ("mise", home / ".local/share/mise/installs/python"),
        ("asdf", home / ".asdf/installs/python"),
        ("conda", home / "miniconda3/envs"),
        ("conda", home / "anaconda3/envs"),
        ("conda", home / "miniforge3/envs"),
        ("rye", home / ".rye/py"),
        ("macOS framework", Path("/Library/Frameworks/Python.framework/Versions")),
        ("Windows installer", home / "AppData/Local/Programs/Python"),
    ]
    if env.get("RUNNER_TOOL_CACHE"):
        roots += [("GitHub tool cache", p) for p in Path(env["RUNNER_TOOL_CACHE"]).glob("*[Pp]y*/*")]
    for place, root in roots:
        if root.is_dir():
            for version in sorted(root.iterdir()):
                yield place, version / "bin"
                yield place, version
    for folder in env.get("PATH", "").split(os.pathsep):
        if folder and Path(folder).name != "shims":
            yield "PATH", Path(folder)
    yield "system", Path("/usr/bin")
    yield "system", Path("/usr/local/bin")
