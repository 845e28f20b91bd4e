"""A small server for the checks of channels: on a port, a Unix socket or a socket that is handed over; right, or wrong in one way.

``right_channel.py (HOST PORT | --unix PATH) [--app APP] [--wrong WAY]``
"""

import argparse
import json
import os
import signal
import socket
import stat
import subprocess
import sys
import threading
import time
from pathlib import Path
from urllib.parse import parse_qs

WAYS = (
    "closes-unix", "cuts-at-64k", "closes-each", "leaves-file-on-term", "leaves-file-on-int", "never-unlinks", "refuses-stale",
    "unlinks-on-reload", "deletes-files", "ends-with-zero", "follows-links", "takes-over-live", "closes-ipv6", "refuses-brackets",
    "logs-bare-ipv6", "leaves-a-child", "no-reuseaddr", "reuseport", "closes-port-zero", "says-nothing", "says-zero",
    "default-port-for-zero", "binds-handed", "drops-early", "listens-on-both", "shuts-down-handed", "ignores-pid", "unlinks-handed",
    "ready-too-early", "ready-before-app", "no-stopping", "waits-in-accept",
)


def say(text):
    print(text, flush=True)


def tell(text):
    """sd_notify(3)."""
    if "NOTIFY_SOCKET" in os.environ:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
            manager.sendto(text.encode(), os.environ["NOTIFY_SOCKET"])


class Server:
    def __init__(self, given):
        self.given, self.wrong = given, given.wrong
        self.handed = self.mine = self.ending = False
        self.listeners, self.worker = [], None

    def listen(self):
        """Open what it listens on; raises OSError where that is not possible."""
        count = int(os.environ.get("LISTEN_FDS", "0"))
        self.handed = count > 0 and (os.environ.get("LISTEN_PID") == str(os.getpid()) or self.wrong == "ignores-pid")
        if self.handed:
            made = socket.socket(fileno=3)
            if self.wrong == "binds-handed":
                made.bind(made.getsockname())
            if self.wrong == "drops-early":
                made.settimeout(0.05)
                try:
                    while True:
                        made.accept()[0].close()
                except OSError:
                    made.settimeout(None)
        elif self.given.unix:
            made = self.at_path(self.given.unix)
        else:
            made = self.at_port(self.given.host, self.given.port)
        self.listeners = [made]
        if self.handed and self.wrong == "listens-on-both":
            self.listeners.append(self.at_port(self.given.host, self.given.port))

    def at_port(self, host, port):
        made = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
        if self.wrong != "no-reuseaddr":
            made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if self.wrong == "reuseport":
            made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        made.bind((host, 8080 if not port and self.wrong == "default-port-for-zero" else port))
        made.listen(64)
        return made

    def at_path(self, path):
        if self.wrong == "follows-links" and Path(path).is_symlink():
            Path(path).resolve().unlink()
        if os.path.lexists(path) and self.is_stale(path):
            os.unlink(path)
        made = socket.socket(socket.AF_UNIX)
        made.bind(path)
        made.listen(64)
        self.mine = True
        return made

    def is_stale(self, path):
        """Whether what is at a path is a socket on which nobody listens."""
        if self.wrong in ("never-unlinks", "refuses-stale"):
            return False
        if not stat.S_ISSOCK(os.lstat(path).st_mode):
            return self.wrong == "deletes-files"
        if self.wrong == "takes-over-live":
            return True
        with socket.socket(socket.AF_UNIX) as probe:
            try:
                probe.connect(path)
            except ConnectionRefusedError:
                return True
        return False

    def address(self):
        """What the log says."""
        if self.given.unix:
            return f"unix:{self.given.unix}"
        name = self.listeners[0].getsockname()
        if isinstance(name, (str, bytes)):
            return f"unix:{name}"
        host, port = name[:2]
        port = 0 if self.wrong == "says-zero" else port
        return f"http://[{host}]:{port}" if ":" in host and self.wrong != "logs-bare-ipv6" else f"http://{host}:{port}"

    def run(self):
        if self.wrong == "ready-before-app":
            tell("READY=1")
        if self.given.app:
            say("ImportError: the application cannot be loaded")
            return 3
        if self.wrong == "ready-too-early":
            tell("READY=1\nSTATUS=about to listen")
            time.sleep(0.3)
        try:
            self.listen()
        except OSError as error:
            say(f"cannot listen: {error}")
            return 0 if self.wrong == "ends-with-zero" else 1
        woken, wakes = os.pipe()  # a signal may come to any thread, and only the first one runs the handlers
        os.set_blocking(wakes, False)
        signal.set_wakeup_fd(wakes)
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, self.told)
        if self.wrong != "says-nothing":
            say(f"listening on {self.address()}")
        accepting = [threading.Thread(target=self.accept, args=(listener,), daemon=True) for listener in self.listeners]
        for thread in accepting:
            thread.start()
        tell("READY=1\nSTATUS=serving")
        say("worker is ready")
        say("ready")
        while not self.ending:
            os.read(woken, 64)
        if self.wrong == "waits-in-accept":  # no client comes any more that could wake it
            for thread in accepting:
                thread.join()
        return 0

    def told(self, number, _frame):
        if number == signal.SIGHUP:
            if self.wrong == "unlinks-on-reload":
                os.unlink(self.given.unix)
            if self.worker is not None:
                self.worker.kill()
                self.worker.wait()
            say("worker is ready")
            return
        if self.wrong != "no-stopping":
            tell("STOPPING=1")
        if self.handed and self.wrong == "shuts-down-handed":
            self.listeners[0].shutdown(socket.SHUT_RDWR)
        if self.handed and self.wrong == "unlinks-handed":
            os.unlink(self.listeners[0].getsockname())
        kept = {signal.SIGTERM: "leaves-file-on-term", signal.SIGINT: "leaves-file-on-int"}[number]
        if self.mine and self.wrong not in (kept, "never-unlinks"):
            os.unlink(self.given.unix)
        if self.wrong == "leaves-a-child" and os.fork() == 0:
            time.sleep(20)
            os._exit(0)
        self.ending = True

    def accept(self, listener):
        while True:
            try:
                connection, _ = listener.accept()
            except OSError as error:  # somebody has shut it down
                say(f"cannot accept: {error}")
                os._exit(1)
            threading.Thread(target=self.serve, args=(connection,), daemon=True).start()

    def serve(self, connection):
        silent = {socket.AF_UNIX: "closes-unix", socket.AF_INET6: "closes-ipv6"}.get(connection.family)
        with connection:
            if self.wrong == silent or (self.wrong == "closes-port-zero" and self.given.port == 0):
                return
            file = connection.makefile("rb")
            try:
                while self.answer(file, connection):
                    pass
            except (OSError, ValueError):
                return

    def answer(self, file, connection):
        """Answer one request; whether there may be another one."""
        method, target, _ = file.readline().decode("latin-1").split()
        fields = {}
        while (line := file.readline().decode("latin-1").strip()):
            name, _, text = line.partition(":")
            fields[name.lower()] = text.strip()
        path, _, query = target.partition("?")
        status, body = "200 OK", "hello"
        if self.wrong == "refuses-brackets" and "[" in fields.get("host", ""):
            status, body = "400 Bad Request", ""
        elif path == "/probe":
            body = "probe"
        elif path == "/pid":  # of what a reload replaces
            self.worker = subprocess.Popen([sys.executable, "-c", "import signal; signal.pause()"])
            body = json.dumps({"pid": self.worker.pid})
        elif path == "/report":
            body = json.dumps({"method": method, "path": path, "query": query, "fields": fields})
        elif path == "/big":
            body = "x" * int(parse_qs(query)["bytes"][0])
        close = fields.get("connection") == "close" or self.wrong == "closes-each"
        head = f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n" + "Connection: close\r\n" * close + "\r\n"
        sent = body[:65536] if self.wrong == "cuts-at-64k" else body
        connection.sendall((head + sent).encode())
        return not close and len(sent) == len(body)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("host", nargs="?", default="127.0.0.1")
    parser.add_argument("port", nargs="?", type=int, default=-1)
    parser.add_argument("--unix")
    parser.add_argument("--app", default="")
    parser.add_argument("--wrong", default="", choices=("", *WAYS))
    sys.exit(Server(parser.parse_args()).run())
