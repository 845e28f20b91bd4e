"""Where the harness keeps its bundled files, in a checkout and as an installed package."""

from __future__ import annotations

from pathlib import Path

import platformdirs

PACKAGE = Path(__file__).resolve().parents[1]
GUEST = PACKAGE / "guest"
APPS = GUEST / "apps"
SUBJECTS = PACKAGE / "subjects"


def checkout() -> Path | None:
    """The top folder of the repository that contains this package; None if it is installed."""
    top = PACKAGE.parent
    return top if (top / "pyproject.toml").is_file() and (top / "scenarios").is_dir() else None


#: The bundled scenarios: next to the package in a checkout, inside it in a wheel (pyproject.toml, force-include).
SCENARIOS = (checkout() or PACKAGE) / "scenarios"


def cache() -> Path:
    """The cache of environments and interpreter data; in the user's own folder if this is not a checkout."""
    top = checkout()
    return top / ".cache" if top else platformdirs.user_cache_path("server-matrix", appauthor=False)
