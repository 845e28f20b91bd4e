"""The request and the response of the present thread."""
import threading
import uuid

from ._compat import CookieError, SimpleCookie, to_native
from .headers import HeaderMap, http_date


class Request(object):
    """What the client asked; ``params`` holds the query's and the body's fields together.

    ``config`` are the settings for this path, ``hooks`` what is called on the way, ``toolmaps`` the tools that are on.
    """

    #: Settings that ``request.NAME`` in a config may change.
    SETTINGS = ("methods_with_bodies", "process_request_body", "query_string_encoding", "show_tracebacks",
                "show_mismatched_params", "throw_errors", "error_response")

    methods_with_bodies = ("POST", "PUT", "PATCH")
    process_request_body = True
    query_string_encoding = "utf8"
    show_tracebacks = False  # what a client need not know of the code is not shown unless asked for
    show_mismatched_params = True
    throw_errors = False
    error_response = None
    handler = None
    is_index = None
    app = None

    def __init__(self, method="GET", script_name="", path_info="/", query_string="", protocol=(1, 1),
                 headers=None, body=None, base="http://127.0.0.1", remote="", line="", scheme="http"):
        self.method = method
        self.script_name = script_name
        self.path_info = path_info
        self.query_string = query_string
        self.protocol = protocol
        self.headers = HeaderMap() if headers is None else headers
        self.body = body
        self.base = base
        self.scheme = scheme
        self.remote = remote
        self.request_line = line
        self.params = {}
        self.config = {}
        self.error_page = {}
        self.hooks = {}
        self.failures = []  # of what ran although a hook before it had failed
        self.query_fields = {}
        self._unique_id = None
        self._cookie = None

    @property
    def url(self):
        """The absolute URL of this request, query included."""
        query = "?" + self.query_string if self.query_string else ""
        return self.base + self.script_name + self.path_info + query

    @property
    def unique_id(self):
        """A random UUID, the same as long as the request is."""
        if self._unique_id is None:
            self._unique_id = str(uuid.uuid4())
        return self._unique_id

    @property
    def cookie(self):
        """The client's cookies; raises HTTPError(400) for a name that is none."""
        if self._cookie is None:
            self._cookie = SimpleCookie()
            try:
                self._cookie.load(to_native(self.headers.get("Cookie", "")))
            except CookieError as error:
                from .errors import HTTPError  # which needs this module

                raise HTTPError(400, "Illegal cookie name: %s" % error)
        return self._cookie


class Response(object):
    """What is answered; a handler may set ``status``, ``headers``, ``cookie``, ``body`` and ``stream``."""

    #: Settings that ``response.NAME`` in a config may change, besides ``response.headers.NAME``.
    SETTINGS = ("stream",)

    stream = False

    def __init__(self):
        self.status = None
        self.headers = HeaderMap((
            ("Content-Type", "text/html;charset=utf-8"), ("Server", "enginebus"), ("Date", http_date())))
        self.header_list = []
        self.body = b""
        self._cookie = None

    @property
    def cookie(self):
        """Cookies to set."""
        if self._cookie is None:
            self._cookie = SimpleCookie()
        return self._cookie

    def set_cookies(self):
        """The values of the Set-Cookie fields."""
        return [morsel.OutputString() for morsel in self._cookie.values()] if self._cookie else []


class _Serving(threading.local):
    def __init__(self):
        self.clear()

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

    def __delattr__(self, attribute):
        delattr(getattr(serving, self._name), attribute)


serving = _Serving()
request = _ThreadProxy("request")
response = _ThreadProxy("response")
