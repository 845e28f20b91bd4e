"""Serve an application file on CherryPy: ``serve.py [--reload] APP [HOST PORT [CERTIFICATE KEY] | unix PATH]``.

Runs inside the target: Python 2.7 to the newest, the standard library and CherryPy only.
"""
import os
import sys

import cherrypy


def main(app, host=None, port=None, certificate=None, key=None, reload=False):
    """Load ``Root`` of the application file and serve it; without an address, on CherryPy's own default."""
    sys.path.insert(0, os.path.dirname(os.path.abspath(app)))
    module = __import__(os.path.splitext(os.path.basename(app))[0])
    config = getattr(module, "CONFIG", {})
    cherrypy.config.update(config.get("global", {}))
    settings = {"engine.autoreload.on": reload} if port else {}
    if host == "unix":
        settings.update({"server.socket_file": port})
    elif port:
        settings.update({"server.socket_host": host, "server.socket_port": int(port)})
    if certificate:
        settings.update({"server.ssl_module": "builtin", "server.ssl_certificate": certificate, "server.ssl_private_key": key})
    cherrypy.config.update(settings)
    cherrypy.quickstart(module.Root(), "", config)


if __name__ == "__main__":
    main(*[word for word in sys.argv[1:] if word != "--reload"], reload="--reload" in sys.argv)
