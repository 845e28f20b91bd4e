"""``python -m harness``: the command server-matrix, from a checkout."""

import sys

if sys.version_info < (3, 11):
    sys.exit("server-matrix: the driver needs Python 3.11 or newer; the servers under test may be older.")

try:
    from .cli.main import main
except ModuleNotFoundError as problem:
    if problem.name and problem.name.startswith("harness"):
        raise
    sys.exit(
        f"server-matrix: the package {problem.name!r} is missing in this environment. "
        "Run it through nox, which makes one that has everything: nox -s matrix (see README.md)."
    )

if __name__ == "__main__":
    sys.exit(main())
