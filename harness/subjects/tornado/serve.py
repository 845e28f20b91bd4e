"""Serve a WSGI module's ``app`` on Tornado: ``serve.py MODULE HOST PORT [CERTIFICATE KEY]``."""
import os
import sys

from tornado.httpserver import HTTPServer
from tornado.wsgi import WSGIContainer

try:
    import asyncio
except ImportError:  # Python 2.7
    from tornado.ioloop import IOLoop
    asyncio = None


def listen(module, host, port, certificate=None, key=None):
    """Open the port; a server that cannot has nothing to wait for."""
    try:
        tls = {"certfile": certificate, "keyfile": key} if certificate else None
        HTTPServer(WSGIContainer(__import__(module).app), ssl_options=tls).listen(int(port), address=host)
    except EnvironmentError as error:
        raise SystemExit(str(error))


def main(*words):
    """Serve until a signal ends it."""
    sys.path.insert(0, os.getcwd())
    if asyncio is None:
        listen(*words)
        IOLoop.current().start()
    else:
        loop = asyncio.new_event_loop()
        asyncio.set_event_loop(loop)
        loop.call_soon(listen, *words)
        loop.run_forever()


if __name__ == "__main__":  # a child of multiprocessing's spawn method imports this file again
    main(*sys.argv[1:])
