"""Serve a WSGI module's ``app`` on Werkzeug's threaded development server: ``serve.py MODULE HOST PORT [CERTIFICATE KEY]``."""
import os
import sys

from werkzeug.serving import run_simple

if __name__ == "__main__":  # a child of multiprocessing's spawn method imports this file again
    sys.path.insert(0, os.getcwd())
    run_simple(sys.argv[2], int(sys.argv[3]), __import__(sys.argv[1]).app, threaded=True, ssl_context=tuple(sys.argv[4:]) or None)
