"""The route contract "wsgi": a WSGI application that reports what it was given, and misbehaves by path (PEP 3333)."""
import wsgi_life


def app(environ, start_response):
    """Answer one request."""
    return wsgi_life.app(environ, start_response)
