"""Serve a WSGI module's ``app`` on the standard library's reference server: ``serve.py MODULE HOST PORT``."""
import io
import os
import socket
import sys
from wsgiref.simple_server import WSGIServer, make_server


def main(module, host, port):
    """Serve until a signal ends it."""
    sys.path.insert(0, os.getcwd())
    WSGIServer.address_family = socket.AF_INET6 if ":" in host else socket.AF_INET
    server = make_server(host, int(port), __import__(module).app)
    if not getattr(sys.stderr, "line_buffering", True):  # before 3.9 what is logged is lost when a signal ends it (bpo-13601)
        sys.stderr = io.open(sys.stderr.fileno(), "w", 1, "utf-8", "backslashreplace", closefd=False)
    sys.stderr.write("serving\n")
    sys.stderr.flush()
    server.serve_forever()


if __name__ == "__main__":  # a child of multiprocessing's spawn method imports this file again
    main(*sys.argv[1:])
