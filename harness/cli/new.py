"""The beginnings of a subject: a folder with a subject.toml that says what to fill in."""

from __future__ import annotations

import re
from pathlib import Path

from ..machine.atomic_files import write_text
from ..model.refusal import Refusal
from ..model.suggestions import shown
from ..targets.load_subjects import FOLDER

_PACKAGE = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?")  # as PEP 508 has it
INTERFACES = ("wsgi", "asgi", "script")

_TOML = """\
format       = 1
title        = "{name}"
requirements = ["{package}"]{pad}# the newest that each Python can install; add  python = ">=3.8"  where it needs one
version      = "{package}"
capabilities = [{capabilities}]{pad}# what scenarios may need of it; those of other servers: grep capabilities ../*/subject.toml

[launch]
{launch}
ready  = ""    # a log line that says it is ready, as a '/regular expression/'; "": it is ready when it answers a request

[apps]
life = "apps/{app}.py"

[exits]
stop      = [-15]    # its exit codes on SIGTERM: -15 is "ended by the signal", 0 "handled it"
interrupt = [-2]     # and on SIGINT
"""

_MODULE = """module = "{module}"    # python -m {module} …
args   = ["--bind={{host}}:{{port}}", "{{app_module}}:app"]"""

_SCRIPT = """script = "serve.py"    # beside this file
args   = ["{host}", "{port}"]"""

_SERVE = '''"""Serve the routes of ``life`` on {name}: ``serve.py HOST PORT``."""
import os
import sys

sys.path.insert(0, os.getcwd())  # the cell's folder, where the applications are
import life  # noqa: E402

if __name__ == "__main__":  # a child of multiprocessing's spawn method imports this file again
    host, port = sys.argv[1], int(sys.argv[2])
    raise SystemExit("fill in: import {package}, serve host and port, answer with life.answer(method, path, query, body)")
'''


def subject(name: str, package: str, interface: str, folder: Path = FOLDER) -> list[Path]:
    """Write a subject's files and return their paths; raises Refusal for a name that cannot be, or is taken."""
    if not re.fullmatch(r"[a-z0-9][a-z0-9.-]*", name):
        raise Refusal(f"new subject {name}: a name is in small letters, digits, dots and hyphens, since cells' ids hold it")
    if (folder / name).exists():
        raise Refusal(f"new subject {name}: it is there already: edit harness/subjects/{name}/subject.toml")
    package = package or name
    if not _PACKAGE.fullmatch(package):
        raise Refusal(
            f"new subject --package {shown(package)}: is not the name of a package, which has letters, "
            "digits, dots, hyphens and _"
        )
    module = package.replace("-", "_")
    launch = _SCRIPT if interface == "script" else _MODULE.format(module=module)
    app = "life" if interface == "script" else f"{interface}_life"
    declared = {"wsgi": '"one-process", "wsgi"', "asgi": '"one-process", "asgi", "threads"', "script": '"one-process"'}
    files = [folder / name / "subject.toml"]
    write_text(
        files[0], _TOML.format(name=name, package=package, capabilities=declared[interface], launch=launch, app=app, pad="    ")
    )
    if interface == "script":
        files.append(folder / name / "serve.py")
        write_text(files[1], _SERVE.format(name=name, package=module))
    return files
