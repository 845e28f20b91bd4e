"""Serve a WSGI module's ``app`` on Werkzeug's threaded development server: ``serve.py MODULE HOST PORT``."""
import os
import sys

from werkzeug.serving import run_simple

sys.path.insert(0, os.getcwd())
module, host, port = sys.argv[1:]
run_simple(host, int(port), __import__(module).app, threaded=True)
