"""Serve a WSGI module's ``app`` on gevent's pywsgi: ``serve.py MODULE HOST PORT [CERTIFICATE KEY]``."""
from gevent import monkey

if __name__ == "__main__":  # before anything else is imported; a child of multiprocessing's spawn method imports this file again
    monkey.patch_all()

import io
import os
import sys

from gevent.pywsgi import WSGIServer


def main(module, host, port, certificate=None, key=None):
    """Serve until a signal ends it."""
    sys.path.insert(0, os.getcwd())
    if not getattr(sys.stderr, "line_buffering", True):  # before 3.9 what is logged is lost when a signal ends it (bpo-13601)
        sys.stderr = io.open(sys.stderr.fileno(), "w", 1, "utf-8", "backslashreplace", closefd=False)
    tls = {"certfile": certificate, "keyfile": key} if certificate else {}
    WSGIServer((host, int(port)), __import__(module).app, **tls).serve_forever()


if __name__ == "__main__":
    main(*sys.argv[1:])
