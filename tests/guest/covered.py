"""A server of the bundled kind that is started by hand, with an application of the test's own or one of the guest's."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import subprocess
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from harness.machine.deadlines import Deadline

from ..conftest import GUEST

HOST = "127.77.31.2"
PAGES = GUEST / "apps" / "covered_pages.py"
DETAIL = "/coverage/file?name=covered_pages.py&format=json"


class Served:
    """A running server, as a client sees it; ``output`` is what it said, when it has ended."""

    def __init__(self, port: int) -> None:
        self.address = f"http://{HOST}:{port}"
        self.output = ""

    def get(self, path: str) -> str:
        """The body of an answer; raises HTTPError for one that is no success."""
        with urllib.request.urlopen(self.address + path, timeout=30) as answer:
            return str(answer.read().decode("utf-8"))

    def ask(self, path: str) -> Any:
        """The value of an answer that is JSON."""
        return json.loads(self.get(path))


@contextlib.contextmanager
def serving(python: str, app: Path, folder: Path, *before: str, after: tuple[str, ...] = (), **environment: str) -> Iterator[Served]:
    """Serve an application file; ``before`` are words before ``-m enginebus``. It is stopped by SIGTERM, and must exit with 0."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port = probe.getsockname()[1]
    served = Served(port)
    log = folder / f"log-{port}"
    words = [python, *before, "-m", "enginebus", str(app), "--host", HOST, "--port", str(port), "--no-autoreload", *after]
    with log.open("wb") as output:
        process = subprocess.Popen(words, cwd=folder, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT,
                                   env={**os.environ, "PYTHONPATH": str(GUEST), "PYTHONDONTWRITEBYTECODE": "1", **environment})
    try:
        ready = Deadline(30).wait(lambda: process.poll() is not None or b"Bus STARTED" in log.read_bytes(), 0.02)
        assert ready, log.read_text("utf-8")
        assert process.poll() is None, log.read_text("utf-8")
        yield served
        process.terminate()
        assert process.wait(30) == 0, log.read_text("utf-8")
    finally:
        process.kill()
        process.wait()
        served.output = log.read_text("utf-8", "replace")
    assert "Traceback" not in served.output, served.output
