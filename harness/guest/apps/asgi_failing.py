"""The route contract "failing" as an ASGI application: its start fails, and it says so to the server.

``app`` is for version 3 of the interface, ``app2`` for version 2.
"""


async def app(scope, receive, send):
    """Fail the server's lifespan; a server that serves nevertheless gets an answer by which it is seen."""
    if scope["type"] == "lifespan":
        await receive()
        await send({"type": "lifespan.startup.failed", "message": "failed on purpose"})
        return
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"16")]})
    await send({"type": "http.response.body", "body": b"must not be seen"})


def app2(scope):
    """Version 2 calls twice: with the scope, and with the two channels."""
    async def serve(receive, send):
        await app(scope, receive, send)
    return serve
