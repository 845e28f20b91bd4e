"""Serve the routes of ``life`` on aiohttp: ``serve.py [HOST PORT [CERTIFICATE KEY] | unix PATH | fd NUMBER]``."""
import asyncio
import os
import socket
import ssl
import sys

from aiohttp import web

sys.path.insert(0, os.getcwd())
import life  # noqa: E402


async def handle(request):
    """Answer one request."""
    body = await request.read() if life.reads(request.path) else b""
    if request.path == "/slow":
        life.log("slow handler begins")
        await asyncio.sleep(life.slow_seconds(life.fields(request.query_string)))
        life.log("slow handler ends")
        return web.Response(text="slow done")
    status, reason, text = life.answer(request.method, request.path, request.query_string, body, request.headers.items())
    return web.Response(status=status, reason=reason, body=text, content_type="text/plain")


async def serving(app):
    """Say that the signals' handlers are in place and the loop runs."""
    life.log("serving")


if __name__ == "__main__":  # a child of multiprocessing's spawn method imports this file again
    application = web.Application()
    application.router.add_route("*", "/{path:.*}", handle)
    application.on_startup.append(serving)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH) if sys.argv[3:] else None
    if context:
        context.load_cert_chain(*sys.argv[3:])
    if sys.argv[1] == "unix":
        where = {"path": sys.argv[2]}
    elif sys.argv[1] == "fd":
        where = {"sock": socket.socket(fileno=int(sys.argv[2]))}
    else:
        where = {"host": sys.argv[1], "port": int(sys.argv[2])}
    web.run_app(application, print=None, ssl_context=context, **where)
