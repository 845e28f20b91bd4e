"""Serve a WSGI module's ``app`` on the standard library's reference server: ``serve.py MODULE HOST PORT``."""
import os
import sys
from wsgiref.simple_server import make_server


def main(module, host, port):
    """Serve until a signal ends it."""
    sys.path.insert(0, os.getcwd())
    server = make_server(host, int(port), __import__(module).app)
    sys.stderr.write("serving\n")
    sys.stderr.flush()
    server.serve_forever()


if __name__ == "__main__":  # a child of multiprocessing's spawn method imports this file again
    main(*sys.argv[1:])
