"""Serve a WSGI module's ``app`` on Tornado: ``serve.py MODULE [HOST PORT [CERTIFICATE KEY] | unix PATH | fd NUMBER]``."""
import os
import socket
import sys

from tornado.httpserver import HTTPServer
from tornado.netutil import bind_unix_socket
from tornado.wsgi import WSGIContainer

try:
    import asyncio
except ImportError:  # Python 2.7
    from tornado.ioloop import IOLoop
    asyncio = None


def handed_over(number):
    """The socket that a service manager listens on."""
    name = socket.fromfd(number, socket.AF_INET, socket.SOCK_STREAM).getsockname()  # before 3.7 nothing finds the family
    family = socket.AF_UNIX if not isinstance(name, tuple) else socket.AF_INET6 if ":" in name[0] else socket.AF_INET
    made = socket.fromfd(number, family, socket.SOCK_STREAM)
    made.setblocking(False)
    return made


def listen(module, host, port, certificate=None, key=None):
    """Open the port; a server that cannot has nothing to wait for."""
    try:
        tls = {"certfile": certificate, "keyfile": key} if certificate else None
        server = HTTPServer(WSGIContainer(__import__(module).app), ssl_options=tls)
        if host == "unix":
            server.add_socket(bind_unix_socket(port))
        elif host == "fd":
            server.add_socket(handed_over(int(port)))
        else:
            server.listen(int(port), address=host)
    except (EnvironmentError, ValueError) as error:  # ValueError: what is at the path is no socket
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
