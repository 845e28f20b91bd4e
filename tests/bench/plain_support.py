"""What the tests share: a server for each test, and plain sockets for what no client would send."""

import contextlib
import os
import re
import shutil
import socket
import subprocess
import time
from pathlib import Path

import requests

HOST = "127.0.0.1"
#: requests' own headers, which some of the tests would see again in an answer.
HEADERS = {"User-Agent": "harness", "Accept-Encoding": "identity", "Accept": None, "Connection": None}


class Server:
    """The server under test, started by a test and ended after it."""

    def __init__(self, command, apps, folder):
        self.command, self.apps, self.folder = command, apps, folder
        self.process = None
        self.log_file = folder / "server.log"
        self.connections = []

    def start(self, app="", environment=None):
        """Start it on a free port."""
        with socket.socket() as sock:
            sock.bind((HOST, 0))
            self.host, self.port = HOST, sock.getsockname()[1]
        file = self.folder / "apps" / Path(self.apps[app]).name if app else Path()
        if app and not file.exists():  # a copy, with its compiled files: some applications write beside themselves
            shutil.copytree(Path(self.apps[app]).parent, file.parent)
        values = {"host": HOST, "port": str(self.port), "app": str(file), "app_module": file.stem}
        command = [re.sub(r"\{(\w+)\}", lambda name: values[name[1]], word) for word in self.command]
        with open(self.log_file, "ab") as log:
            self.process = subprocess.Popen(
                command, cwd=file.parent if app else self.folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                env={**os.environ, "LC_ALL": "C.UTF-8", "HOME": str(self.folder), "TMPDIR": str(self.folder), **(environment or {})})

    def is_ready(self, seconds):
        """Whether it accepts connections in time; False as soon as it has ended."""
        end = time.monotonic() + seconds
        while time.monotonic() < end and self.process.poll() is None:
            try:
                socket.create_connection((self.host, self.port), 1).close()
                return True
            except OSError:
                time.sleep(0.05)
        return False

    def ask(self, method, path, headers=None, data=None, timeout=10):
        """A request by requests, on a connection of its own."""
        return requests.request(method, f"http://{self.host}:{self.port}{path}", headers={**HEADERS, **(headers or {})},
                                data=data, timeout=timeout, allow_redirects=False)

    def connect(self, timeout=10):
        """A connection for raw bytes."""
        connection = Connection(socket.create_connection((self.host, self.port), timeout))
        self.connections.append(connection)
        return connection

    def talk(self, data, until="response", timeout=10, methods=()):
        """Send raw bytes on a connection of their own; what came back."""
        connection = self.connect(timeout)
        try:
            return connection.talk(data, until, timeout, methods)
        finally:
            connection.sock.close()

    def log_size(self):
        """How much it has logged."""
        return self.log_file.stat().st_size

    def log(self, start=0):
        """What it has logged since."""
        return self.log_file.read_bytes()[start:].decode("utf-8", "replace")

    def stop(self):
        """SIGTERM, as an operator would."""
        for connection in self.connections:
            connection.sock.close()
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(15)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()


class Answer:
    """One answer, read from raw bytes."""

    def __init__(self, status, reason, headers, body):
        self.status, self.reason, self.headers, self.body = status, reason, headers, body.decode("utf-8", "replace")


class Heard:
    """What came back for some bytes: all of it, and its answers."""

    def __init__(self, received, found, interim, closed, seconds):
        self.received = received.decode("latin-1")
        self.responses, self.interim, self.closed, self.seconds = len(found), interim, closed, seconds
        first = found[0] if found else None
        self.status, self.body = (first.status, first.body) if first else (None, None)
        self.reason, self.headers = (first.reason, first.headers) if first else (None, {})


class Connection:
    """A connection on which tests send raw bytes, once or several times."""

    def __init__(self, sock):
        self.sock, self.data, self.methods, self.told = sock, b"", [], (0, 0)

    def talk(self, data, until="response", timeout=10, methods=()):
        """Send, and read until the server closes, until each request has its answer, or not at all."""
        began, received, closed = time.monotonic(), b"", False
        self.methods += methods
        with contextlib.suppress(ConnectionError):
            self.sock.settimeout(timeout)
            self.sock.sendall(data)
        found, interim = answers(self.data, self.methods, closed)
        while not closed and until != "nothing":
            new = len(found) - self.told[0]
            if until == "response" and new and len(found) >= len(self.methods):
                break
            if until == "interim" and (new or len(interim) > self.told[1]):
                break
            self.sock.settimeout(max(0.001, timeout - (time.monotonic() - began)))
            try:
                part = self.sock.recv(65536)
            except ConnectionError:
                part = b""
            closed = not part
            received += part
            self.data += part
            found, interim = answers(self.data, self.methods, closed)
        heard = Heard(received, found[self.told[0]:], interim[self.told[1]:], closed, time.monotonic() - began)
        self.told = (len(found), len(interim))
        return heard


def answers(data, methods, ended):
    """The complete answers in what was received, and the statuses of interim ones."""
    found, interim = [], []
    while True:
        data = data.lstrip(b"\r\n") if found else data
        head, blank, rest = data.partition(b"\r\n\r\n")
        line = re.match(rb"HTTP/1\.[0-9] ([1-9][0-9][0-9])(?: ([^\r\n]*))?", head)
        if not blank or not line:
            return found, interim
        status, reason = int(line[1]), (line[2] or b"").decode("latin-1").strip()
        headers = requests.structures.CaseInsensitiveDict()
        for field in head.decode("latin-1").split("\r\n")[1:]:
            name, _, value = field.partition(":")
            headers[name] = f"{headers[name]}, {value.strip()}" if name in headers else value.strip()
        if 100 <= status < 200 and status != 101:
            interim.append(status)
            data = rest
            continue
        method = methods[len(found)] if len(found) < len(methods) else "GET"
        if method == "HEAD" or status in (101, 204, 304):
            body = b""
        elif headers.get("Transfer-Encoding", "").lower() == "chunked":
            body, rest = chunks(rest)
        elif "Content-Length" in headers:
            length = int(headers["Content-Length"])
            body, rest = (rest[:length], rest[length:]) if len(rest) >= length else (None, b"")
        else:
            body, rest = (rest, b"") if ended else (None, b"")
        if body is None:
            return found, interim
        found.append(Answer(status, reason, headers, body))
        data = rest


def chunks(data):
    """The body in some chunks, and what follows; None if they are not complete."""
    body = b""
    while True:
        line, end, data = data.partition(b"\r\n")
        if not end:
            return None, b""
        size = int(line.partition(b";")[0], 16)
        if size == 0:
            while True:  # trailers
                line, end, data = data.partition(b"\r\n")
                if not end:
                    return None, b""
                if not line:
                    return body, data
        if len(data) < size + 2:
            return None, b""
        body, data = body + data[:size], data[size + 2:]


def text(answer):
    """The body of an answer of requests."""
    return answer.content.decode("utf-8", "replace")


def closes(answer):
    """Whether the server closes the connection after an answer of requests."""
    words = answer.headers.get("Connection", "").lower()
    return "close" in words or (answer.raw.version == 10 and "keep-alive" not in words)


def lines(body):
    """The lines of a text."""
    found = re.split("\r?\n", body)
    return found[:-1] if len(found) > 1 and not found[-1] else found


def in_order(patterns, body):
    """Whether each pattern is found in a line after that of the one before it."""
    rest = iter(lines(body))
    return all(any(re.search(pattern, line) for line in rest) for pattern in patterns)
