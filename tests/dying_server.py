"""A server that answers, and then goes wrong as it is told: ``dying_server.py HOST PORT HOW SECONDS``.

HOW: "exit3", "exit0", "segv", "TERM", "KILL" (a signal to itself), "traceback", "raise" (a traceback, then exit 3), "rewrite" and
"remove" (its log, which must be its stdout), "flood" (a log without end), "deaf" (it takes no connection any more), "closes" (its
listener), "none".

/garbage, /twice and /empty-line send something behind an answer, /slow takes its time.
"""

import contextlib
import http.server
import os
import signal
import sys
import threading
import time
import traceback


def go_wrong(how, seconds):
    time.sleep(seconds)
    if how in ("traceback", "raise"):
        try:
            raise ValueError("gone wrong on purpose")
        except ValueError:
            traceback.print_exc()
    if how in ("exit3", "raise"):
        os._exit(3)
    if how == "exit0":
        os._exit(0)
    if how in ("segv", "TERM", "KILL"):
        os.kill(os.getpid(), {"segv": signal.SIGSEGV, "TERM": signal.SIGTERM, "KILL": signal.SIGKILL}[how])
    if how == "rewrite":
        os.ftruncate(1, 0)
    if how == "remove":
        os.unlink(os.readlink("/proc/self/fd/1"))
    if how in ("deaf", "closes"):
        server.shutdown()
    if how == "closes":
        server.server_close()
    if how == "flood":
        with contextlib.suppress(OSError):  # the harness lets a log grow so far and no further
            while True:
                os.write(1, b"and so on\n" * 10000)


BEHIND = {"/garbage": b"GARBAGE", "/empty-line": b"\r\n",
          "/twice": b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"}


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        if self.path == "/slow":
            print("asked slowly", flush=True)
            time.sleep(0.5)
        if self.path == "/go-wrong" and sys.argv[3] in ("deaf", "closes"):  # when it has answered it is so
            go_wrong(sys.argv[3], 0)
        self.send_response(200)
        self.send_header("Content-Length", "5")
        self.end_headers()
        self.wfile.write(b"hello" + BEHIND.get(self.path, b""))
        self.wfile.flush()
        if self.path == "/go-wrong" and sys.argv[3] not in ("deaf", "closes"):
            threading.Thread(target=go_wrong, args=(sys.argv[3], float(sys.argv[4]))).start()

    def log_message(self, *words):
        """Say nothing."""


if __name__ == "__main__":
    if sys.argv[3] != "default":
        signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
    server = http.server.ThreadingHTTPServer((sys.argv[1], int(sys.argv[2])), Handler)
    print("serving", flush=True)
    server.serve_forever()
    threading.Event().wait()
