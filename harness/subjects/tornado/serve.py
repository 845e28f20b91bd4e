"""Serve a WSGI module's ``app`` on Tornado: ``serve.py MODULE HOST PORT``."""
import os
import sys

from tornado.httpserver import HTTPServer
from tornado.wsgi import WSGIContainer

try:
    import asyncio
except ImportError:  # Python 2.7
    from tornado.ioloop import IOLoop
    asyncio = None

sys.path.insert(0, os.getcwd())
module, host, port = sys.argv[1:]


def listen():
    """Open the port; a server that cannot has nothing to wait for."""
    try:
        HTTPServer(WSGIContainer(__import__(module).app)).listen(int(port), address=host)
    except EnvironmentError as error:
        raise SystemExit(str(error))


if asyncio is None:
    listen()
    IOLoop.current().start()
else:
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    loop.call_soon(listen)
    loop.run_forever()
