"""A small server that begins, works and ends as a server should, or is wrong in one way: ``right_life.py HOST PORT [--wrong WAY]``.

Each connection has a thread; POOL handlers work at once, and the other requests wait. right_workers.py has such servers as workers.
"""

import contextlib
import os
import selectors
import signal
import socket
import sys
import threading
import time
from urllib.parse import parse_qs

POOL = 6
GRACE = 4.0  # seconds for all handlers together, once it is to end
HEAD_SECONDS = 4.0
WAY = sys.argv[sys.argv.index("--wrong") + 1] if "--wrong" in sys.argv else ""


def wrong(way):
    """Whether this is the one mistake to make."""
    return way == WAY


def say(*words):
    """A line in the log."""
    os.write(1, (" ".join(map(str, words)) + "\n").encode())


class Bad(Exception):
    """The client has gone, or says nothing that could be answered."""


def application(path, query):
    """The routes of "life" that are asked for."""
    if path == "/slow":
        say("slow handler begins")
        time.sleep(float(query["seconds"][0]))
        return b"slow done"
    if path == "/big":
        return b"x" * int(query["bytes"][0])
    return b'{"pid": %d}' % os.getpid() if path == "/pid" else b"hello"


class Connection:
    """One client; it is ``busy`` from the first byte of a request to the last of its answer."""

    def __init__(self, server, sock):
        self.server, self.sock, self.busy = server, sock, False

    def run(self):
        """Answer one request after the other."""
        with self.sock, contextlib.suppress(OSError, Bad):
            while self.one():
                pass
        self.server.connections.discard(self)

    def head(self):
        """The next head; one that does not come whole in time gets 408."""
        data, end = b"", None
        while b"\r\n\r\n" not in data:
            self.sock.settimeout(None if end is None else max(0.01, end - time.monotonic()))
            try:
                more = self.sock.recv(65536)
            except TimeoutError:
                self.sock.sendall(b"HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
                raise Bad from None
            if not more:
                raise Bad
            self.busy, data = True, data + more
            end = end or (None if wrong("waits-for-heads") else time.monotonic() + HEAD_SECONDS)
        self.sock.settimeout(None)
        return data.decode("latin-1")

    def one(self):
        """One request; whether another may follow."""
        server, head = self.server, self.head()
        path, _, query = head.split(" ")[1].partition("?")
        if server.ending and wrong("503-when-stopping"):
            self.sock.sendall(b"HTTP/1.1 503 Stopping\r\nContent-Length: 0\r\n\r\n")
            return True
        with server.pool:
            if server.ending and wrong("drops-queue"):
                return False
            body = server.application(path, parse_qs(query))
        last = server.counted()
        told = "connection: close" in head.lower() or last
        close = told or server.ending
        says = b"Connection: close\r\n" if told or (close and not wrong("silent-about-close")) else b""
        answer = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n%s\r\n%b" % (len(body), says, body)
        self.sock.sendall(answer[:-3] if last and wrong("recycle-half") else answer)
        self.busy = False
        if last:
            server.end("")
        return not close and not server.ending


class Server:
    """It serves a listening socket until it is told to end; ``shared``: others serve it, too."""

    def __init__(self, listener, app=application, shared=False, most=0):
        self.listener, self.application, self.shared = listener, app, shared
        self.ending, self.code, self.connections = "", 0, set()
        self.pool, self.lock, self.left = threading.Semaphore(POOL), threading.Lock(), most
        self.wakes, self.woken = os.pipe()
        listener.setblocking(False)

    def counted(self):
        """Note a request; whether it was the last that a worker answers."""
        with self.lock:
            self.left -= 1
            return self.left == 0

    def end(self, name):
        """Begin to end."""
        self.ending = self.ending or name or "by itself"
        os.write(self.woken, b"x")

    def signalled(self, number, frame):
        """TERM and INT let handlers finish; a second INT does not."""
        name = signal.Signals(number).name
        if (name == "SIGINT" and self.ending) or wrong("cuts-off"):
            os._exit(0)
        if name == "SIGINT" and wrong("crashes-on-int"):
            os._exit(9)
        self.code = 1 if wrong("exit-1") else 0
        self.end(name)

    def goes_on(self, number, frame):
        """SIGCONT changes nothing."""
        if wrong("drops-on-cont"):
            with contextlib.suppress(BlockingIOError):
                while True:
                    self.listener.accept()[0].close()
        if wrong("closes-on-cont"):
            self.close_idle()

    def handle(self):
        """Set the handlers."""
        for number in (signal.SIGTERM, signal.SIGINT, *([signal.SIGQUIT] if wrong("exit-1") else [])):
            signal.signal(number, self.signalled)
        signal.signal(signal.SIGCONT, self.goes_on)
        if wrong("no-handler"):
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
        if wrong("deaf-to-int"):
            signal.signal(signal.SIGINT, signal.SIG_IGN)
        if wrong("deaf-to-hup"):
            signal.signal(signal.SIGHUP, signal.SIG_IGN)

    def run(self):
        """Serve until it is to end, and let handlers finish; return the exit code."""
        with selectors.DefaultSelector() as selector:
            selector.register(self.wakes, selectors.EVENT_READ)
            while not self.ending:
                selector.register(self.listener, selectors.EVENT_READ)
                try:
                    selector.select()
                    self.accept()
                except OSError:  # no descriptors left: the connection stays in the queue, and would wake us at once
                    if wrong("ends-without-descriptors"):
                        raise
                    if not wrong("spins"):
                        selector.unregister(self.listener)
                        selector.select(0.5)
                        continue
                with contextlib.suppress(KeyError, ValueError):
                    selector.unregister(self.listener)
        return self.finish()

    def accept(self):
        """Take a connection, if there is one."""
        try:
            sock, _ = self.listener.accept()
        except BlockingIOError:
            return False
        sock.setblocking(True)
        one = Connection(self, sock)
        self.connections.add(one)
        if wrong("one-at-a-time"):
            one.run()
        else:
            threading.Thread(target=one.run, daemon=True).start()
        return True

    def close_idle(self):
        """End the connections on which no request has begun."""
        for one in list(self.connections):
            if not one.busy:
                with contextlib.suppress(OSError):
                    one.sock.shutdown(socket.SHUT_RDWR)

    def finish(self):
        """Take what is in the queue, take no more, and wait for the handlers: GRACE for all of them."""
        while not self.shared and self.accept():
            pass
        time.sleep(0.05)  # for what they have sent already
        if not wrong("listens-on") and not wrong("503-when-stopping"):
            self.listener.close()
        waits = {"grace-each": GRACE * len(self.connections), "waits-for-readers": 3600}
        end = time.monotonic() + waits.get(WAY, GRACE)
        while time.monotonic() < end:
            if not wrong("keeps-idle") and not wrong("503-when-stopping"):
                self.close_idle()
            if not any(one.busy for one in list(self.connections)):
                break
            if wrong("listens-on") or wrong("503-when-stopping"):
                self.accept()
            time.sleep(0.02)
        torn = f"no-teardown-on-{self.ending[3:].lower()}"
        if "LIFE_ENDS" in os.environ and not wrong(torn):
            say("life ends")
        return self.code


def main(host, port):
    """One process."""
    server = Server(socket.create_server((host, int(port)), backlog=128))
    if wrong("child-stays") and not os.fork():
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.pause()
    server.handle()
    say("ready")
    code = server.run()
    os._exit(code)


if __name__ == "__main__":
    main(*sys.argv[1:3])
