"""Serve a WSGI module's ``app`` on the standard library's reference server: ``serve.py MODULE HOST PORT``."""
import os
import sys
from wsgiref.simple_server import make_server

sys.path.insert(0, os.getcwd())
module, host, port = sys.argv[1:]
server = make_server(host, int(port), __import__(module).app)
sys.stderr.write("serving\n")
sys.stderr.flush()
server.serve_forever()
