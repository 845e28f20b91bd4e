"""A server that answers, and then goes wrong as it is told: ``dying_server.py HOST PORT HOW SECONDS``.

HOW: "exit3", "segv", "traceback", "raise" (a traceback, then exit 3), "none".
"""

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
    if how == "segv":
        os.kill(os.getpid(), signal.SIGSEGV)


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Length", "5")
        self.end_headers()
        self.wfile.write(b"hello")
        self.wfile.flush()
        if self.path == "/go-wrong":
            threading.Thread(target=go_wrong, args=(sys.argv[3], float(sys.argv[4]))).start()

    def log_message(self, *words):
        """Say nothing."""


if __name__ == "__main__":
    if sys.argv[3] != "default":
        signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
    server = http.server.ThreadingHTTPServer((sys.argv[1], int(sys.argv[2])), Handler)
    print("serving", flush=True)
    server.serve_forever()
