"""The route contract "asgi": an ASGI application that reports what it was given, and misbehaves by path."""
import asgi_life


async def app(scope, receive, send):
    """Serve the lifespan, or answer one request."""
    await asgi_life.app(scope, receive, send)
