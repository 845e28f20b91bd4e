# ruff: noqa: C402 (runs on 2.7)
"""Serves the app of the wire table: ``serve.py SUBJECT HOST PORT SETTINGS``, the settings in JSON by CherryPy's names.

Runs inside the servers' own Pythons, 2.7 to the newest.
"""
import json
import sys


def tree(web, host, port, settings):
    """An object tree on enginebus or CherryPy."""
    import app

    web.config.update({"server.socket_host": host, "server.socket_port": port, "engine.autoreload.on": False})
    web.config.update(settings)
    web.quickstart(app.Root(), "", app.SETTINGS)


def main(subject, host, port, settings):
    """Serve until told to stop."""
    settings = dict((str(name), value) for name, value in json.loads(settings).items())
    if subject == "waitress":
        import waitress
        import wsgi_app

        waitress.serve(wsgi_app.app, host=host, port=int(port), **settings)
    elif subject == "cherrypy":
        import cherrypy

        tree(cherrypy, host, int(port), settings)
    else:
        import enginebus

        tree(enginebus, host, int(port), settings)


if __name__ == "__main__":
    main(*sys.argv[1:])
