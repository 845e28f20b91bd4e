"""The route contract "life" as an ASGI application: ``app`` for version 3 of the interface, ``app2`` for version 2."""
import asyncio

import life


async def app(scope, receive, send):
    """Serve the server's lifespan, or answer one request."""
    if scope["type"] == "lifespan":
        await lifespan(receive, send)
        return
    body = b""
    while life.reads(scope["path"]):
        message = await receive()
        if message["type"] == "http.disconnect":
            return
        body += message.get("body", b"")
        if not message.get("more_body", False):
            break
    query = scope.get("query_string", b"").decode("latin-1")
    if scope["path"] == "/slow":  # all handlers share one thread: none may hold the others up
        life.log("slow handler begins")
        await asyncio.sleep(life.slow_seconds(life.fields(query)))
        life.log("slow handler ends")
        status, text = 200, b"slow done"
    else:
        status, _, text = life.answer(scope["method"], scope["path"], query, body, scope["headers"])
    await send({"type": "http.response.start", "status": status, "headers": [
        (b"content-type", b"text/plain"), (b"content-length", str(len(text)).encode())]})
    await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else text})


async def lifespan(receive, send):
    """Nothing to prepare, and nothing to end: say so."""
    while True:
        message = await receive()
        over = message["type"] == "lifespan.shutdown"
        if over:
            life.ends()
        await send({"type": message["type"] + ".complete"})
        if over:
            return


def app2(scope):
    """Version 2 calls twice: with the scope, and with the two channels."""
    async def serve(receive, send):
        await app(scope, receive, send)
    return serve
