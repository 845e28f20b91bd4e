"""Launches the servers that the wire table is played against."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

from harness.machine import addresses, interpreters
from harness.machine.deadlines import Deadline
from harness.targets import provision
from harness.targets.load_subjects import BUNDLED

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
GUEST = ROOT / "harness" / "guest"
CACHE = ROOT / ".cache"

#: Short deadlines, so that a row that waits for one is cheap, and small limits. Twice as long where a row needs to be in time.
WAITS = 3  # seconds
SETTINGS: dict[str, dict[str, object]] = {
    "enginebus": {
        "server.socket_timeout": WAITS, "server.header_timeout": WAITS, "server.body_timeout": WAITS,
        "server.max_request_body_size": 1000000, "server.thread_pool_max": 90, "log.screen": True},
    "cherrypy": {
        "server.socket_timeout": WAITS, "server.max_request_body_size": 1000000, "server.max_request_header_size": 65536,
        "server.thread_pool": 70},
    "waitress": {
        "channel_timeout": WAITS, "cleanup_interval": 1, "max_request_body_size": 1000000, "max_request_header_size": 65536,
        "connection_limit": 90, "threads": 8},
}


def pythons() -> list[str]:
    """The interpreters that were found."""
    found, _ = interpreters.discover(CACHE / "interpreters.json")
    return sorted({one.id for one in found}, key=lambda name: [int(part) for part in name.split(".") if part.isdigit()])


def python(subject: str, version: str) -> str:
    """The Python that serves: the interpreter itself for the bundled server, which needs nothing but it."""
    found, _ = interpreters.discover(CACHE / "interpreters.json")
    chosen = {one.id: one for one in reversed(found)}.get(version)
    if chosen is None:
        raise SystemExit(f"no Python {version} here; there are: {', '.join(pythons())}")
    if subject == "enginebus":
        return chosen.path
    target = provision.provision([(BUNDLED.load(subject), version, chosen, "")], CACHE)[0]
    if not target.ready:
        raise SystemExit(f"{subject} on {version}: {target.reason or target.detail}")
    return str(ROOT / target.python)


@contextlib.contextmanager
def serving(
    subject: str, version: str, log: Path, guest: Path = GUEST, settings: dict[str, object] | None = None,
) -> Iterator[tuple[str, int]]:
    """Launch a server, and give its address when it answers; it is ended afterwards.

    Raises AssertionError with its log's end where it does not come up.
    """
    chosen = {**SETTINGS[subject], **(settings or {})} if settings != {} else {}
    paths = [str(HERE), *([str(guest)] if subject == "enginebus" else [])]
    with contextlib.closing(addresses.claim_own(addresses.has_loopback_range())) as claim, log.open("wb") as output:
        process = subprocess.Popen(
            [python(subject, version), "-s", str(HERE / "serve.py"), subject, claim.host, str(claim.port), json.dumps(chosen)],
            stdout=output, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, start_new_session=True,
            env={"PATH": os.defpath, "PYTHONPATH": os.pathsep.join(paths), "PYTHONDONTWRITEBYTECODE": "1", "LANG": "C.UTF-8"})
        try:
            address = (claim.host, claim.port)
            came = Deadline(30).wait(lambda: process.poll() is not None or answers(address), 0.05)
            if not came or process.poll() is not None:
                raise AssertionError(f"{subject} on {version} did not start:\n{log.read_text('utf-8', 'replace')[-2000:]}")
            yield address
        finally:
            end(process)


def answers(address: tuple[str, int]) -> bool:
    """Whether something listens."""
    with contextlib.suppress(OSError), socket.create_connection(address, 1):
        return True
    return False


def end(process: subprocess.Popen[bytes]) -> None:
    """End a server, by force where it does not go."""
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait(10)
