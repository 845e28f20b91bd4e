"""The files that a subject's description names: its script, its applications, its packages, its checkout."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from packaging.requirements import Requirement

from ..language.scenario import Mistakes
from ..model.refusal import Refusal
from ..model.suggestions import shown
from ..model.values import Json


def find_file(path: str, homes: tuple[Path, ...], is_one: Callable[[Path], bool]) -> Path | None:
    """The first folder that has a file or folder of this name; a path that leads outside is in none of them."""
    try:
        if not path.strip() or Path(path).is_absolute() or ".." in Path(path).parts:
            return None
        return next((home / path for home in homes if is_one(home / path)), None)
    except (OSError, ValueError):  # too long, or with a NUL: no file has such a name
        return None


def checkout_of(data: Json, folder: Path, mistakes: Mistakes) -> Path | None:
    """The source folder that the server is installed from, if its description names one."""
    if "checkout" not in data:
        return None
    try:
        found = (folder / str(data["checkout"])).resolve()
        if any((found / name).is_file() for name in ("pyproject.toml", "setup.py", "setup.cfg")):
            return found
    except (OSError, ValueError):  # too long, or with a NUL
        pass
    mistakes.add(
        "checkout",
        f"{shown(data['checkout'])} must be the folder of the project's pyproject.toml or setup.py, "
        "as a path from the folder of this file",
    )
    return None


def project_of(data: Json) -> str:
    """The distribution that contains the server; "" if none is installed."""
    if "checkout" in data:
        return str(data.get("version", ""))
    return Requirement(data["requirements"][0]).name if data.get("requirements") else ""


def check_script(folder: Path, script: str, file: str) -> None:
    """Raise Refusal if a launch names a script that does not exist."""
    try:
        if (folder / script).is_file():
            return
    except (OSError, ValueError):  # too long, or with a NUL: no file has such a name
        pass
    raise Refusal(f"{file}: launch.script: no file {shown(script)} next to it")
