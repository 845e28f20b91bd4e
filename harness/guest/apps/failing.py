"""The route contract "failing" on the engine bus: a start listener raises, on CherryPy and on enginebus alike."""
try:
    import cherrypy as web
except ImportError:
    import enginebus as web


def fail():
    """A start listener, before the HTTP server's."""
    raise RuntimeError("failed on purpose")


web.engine.subscribe("start", fail, priority=20)


class Root(object):
    """A tree that must not be served."""

    @web.expose
    def index(self):
        return "must not be seen"
