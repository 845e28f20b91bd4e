"""The texts of files that ``new`` and ``init`` begin."""

from __future__ import annotations

import json
import re

INTERFACES = ("wsgi", "asgi", "script")

_SUBJECT = """\
format       = 1
title        = {title}
{made_of}
capabilities = [{capabilities}]   # what scenarios may need of it; server-matrix capabilities {name} lists them all

[launch]
{launch}
ready  = ""    # a log line that says it is ready, as a '/regular expression/'; "": it is ready when it answers a request

[apps]
{apps}

[exits]
stop      = [-15]    # its exit codes on SIGTERM: -15 is "ended by the signal", 0 "handled it"
interrupt = [-2]     # and on SIGINT
"""
_MODULE = """module = {module}    # python -m {plain} …
args   = ["--bind={{host}}:{{port}}", "{{app_module}}:app"]    # how your server is told address and application"""
_SCRIPT = """script = "serve.py"    # beside this file
args   = ["{host}", "{port}"]"""
_CAPABILITIES = {"wsgi": '"one-process", "wsgi"', "asgi": '"one-process", "asgi", "threads"', "script": '"one-process"'}

#: What stands in a new scenario until its author says where the claim comes from; ``check`` reminds of it.
SOURCE = 'say where this is written: an RFC\'s section, a document; or name an issue = ["owner/name#1"]'

_SERVE = '''"""Serve the routes of ``life`` on {name}: ``serve.py HOST PORT``."""
import os
import sys

sys.path.insert(0, os.getcwd())  # the cell's folder, where the applications are
import life  # noqa: E402

if __name__ == "__main__":  # a child of multiprocessing's spawn method imports this file again
    host, port = sys.argv[1], int(sys.argv[2])
    raise SystemExit("fill in: import {module}, serve host and port, answer with life.answer(method, path, query, body)")
'''
_SCENARIO = """\
format = 1
id     = {id}
title  = "GET / is answered with 200"    # one line that says what holds
source = [{source}]
app    = {app}    # the routes that it asks for: a name under [apps] of subject.toml

[[step]]
act = "start"

[[step]]
act    = "request"
path   = "/"
expect = {{ status = 200 }}
"""
_APPS = {
    "wsgi": '''"""A WSGI application for the scenarios of this folder."""


def app(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", "6")])
    return [b"hello\\n"]
''',
    "asgi": '''"""An ASGI application for the scenarios of this folder."""


async def app(scope, receive, send):
    if scope["type"] != "http":
        return
    headers = [(b"content-type", b"text/plain"), (b"content-length", b"6")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b"hello\\n"})
''',
}
_APPS["script"] = _APPS["wsgi"]

SECTION = """
[tool.server-matrix]
subjects     = ["matrix/subjects"]     # servers of your own, each with a subject.toml
scenarios    = ["matrix/scenarios"]    # beside the bundled scenarios
# subject    = ["{name}", "waitress"]  # the servers of a run; without this, your own
# interpreters = ["3.9", "3.13"]       # without this, every Python of the machine
# known      = "matrix/known.toml"     # failures that you expect: server-matrix known --write
# strict     = true                    # an interpreter that is missing is an error
"""

WORKFLOW = """\
# Written by server-matrix init. Pin the action to a commit, as you pin the others.
name: server matrix
on: [push, pull_request]
permissions: {{}}
jobs:
  matrix:
    runs-on: ubuntu-latest
    permissions:
      contents: read
    steps:
      - uses: actions/checkout@v4
        with:
          persist-credentials: false
      - uses: {action}
        with:
          pythons: "3.9 3.13"
          # site: public    # a folder to publish on Pages: the report, the runs before it, badges
"""


def from_index(package: str) -> str:
    """The lines of a server that is installed from the package index."""
    named = json.dumps(package)
    return f"requirements = [{named}]    # add  python = '>=3.8'  where it needs one\nversion      = {named}"


def from_checkout(distribution: str, path: str, python: str = "") -> str:
    """The lines of a server that is installed from the repository it is tested in; ``python`` is what that requires."""
    lines = [
        f"checkout     = {json.dumps(path)}    # installed from these sources",
        f"version      = {json.dumps(distribution)}",
    ]
    if python:
        lines.append(f"python       = {json.dumps(python)}    # the project's requires-python: other Pythons are unsupported")
    return "\n".join(lines)


def life(interface: str) -> dict[str, str]:
    """The bundled application that most scenarios ask for, by the interface that a server speaks."""
    return {"life": "apps/life.py" if interface == "script" else f"apps/{interface}_life.py"}


def subject(name: str, made_of: str, interface: str, apps: dict[str, str]) -> str:
    """A subject.toml; ``made_of`` are the lines that say what is installed."""
    module = re.sub(r"\W", "_", name)
    module = module if module.isidentifier() else f"m_{module}"
    launch = _SCRIPT if interface == "script" else _MODULE.format(module=json.dumps(module), plain=module)
    return _SUBJECT.format(
        name=name,
        title=json.dumps(name),
        made_of=made_of,
        capabilities=_CAPABILITIES[interface],
        launch=launch,
        apps="\n".join(f"{contract} = {json.dumps(path)}" for contract, path in apps.items()),
    )


def serve(name: str, module: str) -> str:
    """The script of a server that is started by one."""
    return _SERVE.format(name=name, module=module)


def scenario(name: str, app: str = "life") -> str:
    """A scenario file."""
    return _SCENARIO.format(id=json.dumps(name), source=json.dumps(SOURCE), app=json.dumps(app))


def application(interface: str) -> str:
    """A small application of one's own."""
    return _APPS[interface]
