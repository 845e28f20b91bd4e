"""The request and the response of the present thread."""
import threading


class Request(object):
    """What the client asked; ``params`` holds the query's and the body's fields together."""

    def __init__(self, method="GET", script_name="", path_info="/", query_string="", protocol=(1, 1),
                 headers=None, body=b"", base="http://127.0.0.1", remote="", line=""):
        self.method = method
        self.script_name = script_name
        self.path_info = path_info
        self.query_string = query_string
        self.protocol = protocol
        self.headers = headers if headers is not None else {}
        self.body = body
        self.base = base
        self.remote = remote
        self.request_line = line
        self.app = None
        self.handler = None
        self.params = {}

    @property
    def url(self):
        """The absolute URL of this request, query included."""
        query = "?" + self.query_string if self.query_string else ""
        return self.base + self.script_name + self.path_info + query


class Response(object):
    """What is answered; a handler may set ``status``, ``headers`` and ``body``."""

    def __init__(self):
        self.status = 200
        self.headers = {"Content-Type": "text/html;charset=utf-8"}
        self.body = b""


class _Serving(threading.local):
    def __init__(self):
        self.request = Request()
        self.response = Response()

    def load(self, request, response):
        """Make these the request and the response of this thread."""
        self.request, self.response = request, response

    def clear(self):
        """Forget them when the request has been answered."""
        self.load(Request(), Response())


class _ThreadProxy(object):
    """Stands for an attribute of ``serving``, so that ``from enginebus import request`` follows the thread."""

    def __init__(self, name):
        object.__setattr__(self, "_name", name)

    def __getattr__(self, attribute):
        return getattr(getattr(serving, self._name), attribute)

    def __setattr__(self, attribute, value):
        setattr(getattr(serving, self._name), attribute, value)


serving = _Serving()
request = _ThreadProxy("request")
response = _ThreadProxy("response")
