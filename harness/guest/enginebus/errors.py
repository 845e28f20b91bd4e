"""The exceptions with which a handler answers, and the pages that they become."""
import contextlib
import re
import traceback

from ._compat import RESPONSES, escape, text_type, to_bytes, to_native, to_text, unquote_to_bytes, urljoin
from .serving import serving

#: What is said of an unhandled exception; of the other statuses, what the standard library says.
SERVER_ERROR = "The server encountered an unexpected condition which prevented it from fulfilling the request."

#: Reasons that the standard libraries of 2.7 and 3 do not agree on, or do not have.
_REASONS = {103: "Early Hints", 308: "Permanent Redirect", 413: "Content Too Large", 414: "URI Too Long",
            416: "Range Not Satisfiable", 421: "Misdirected Request", 422: "Unprocessable Content", 425: "Too Early",
            426: "Upgrade Required", 428: "Precondition Required", 429: "Too Many Requests",
            431: "Request Header Fields Too Large", 451: "Unavailable For Legal Reasons",
            511: "Network Authentication Required"}

_PAGE = text_type(
    "<!DOCTYPE html>\n<html><head><meta charset=\"utf-8\"><title>{status}</title></head>\n"
    "<body><h2>{status}</h2>\n<p>{message}</p>\n<pre id=\"traceback\">{traceback}</pre>\n"
    "<p>Powered by enginebus</p></body></html>\n")

#: What a redirect's page says before its link, by status.
_REDIRECTS = {
    300: "This resource can be found at ", 301: "This resource has permanently moved to ",
    302: "This resource resides temporarily at ", 303: "This resource can be found at ",
    307: "This resource has moved temporarily to ", 308: "This resource has been moved to ",
}


def reason_of(code):
    """Return the reason phrase of a status code."""
    return _REASONS.get(code) or (RESPONSES[code][0] if code in RESPONSES else "Unknown")


def message_of(code):
    """Return what is said of a status where the handler gives no message of its own."""
    return SERVER_ERROR if code == 500 else RESPONSES[code][1] if code in RESPONSES else reason_of(code)


def valid_status(status):
    """Return (code, reason, message) of a status: a number, or a text such as ``406 Not today``; None and "" are 200.

    Raises ValueError for what is no status, or none that ends an exchange (RFC 9110, section 15: 200 to 599).
    """
    text = to_native(status) if isinstance(status, (bytes, text_type)) else str(200 if status is None else int(status))
    number, _, reason = (text or "200").partition(" ")
    if not re.match(r"-?\d+$", number):
        raise ValueError("Illegal response status from server (%r is non-numeric)." % number)
    code = int(number)
    if not 200 <= code <= 599:
        raise ValueError("Illegal response status from server (%s is out of range)." % number)
    return code, reason.strip() or reason_of(code), message_of(code)


class HTTPError(Exception):
    """Answer with a client or server error: ``HTTPError(406)``, ``HTTPError("406 Not today", "text")``.

    Raises ValueError for a status outside 400 to 599.
    """

    def __init__(self, status=500, message=None):
        try:
            self.code, self.reason, default = valid_status(status)
        except ValueError as error:
            raise self.__class__(500, str(error))
        if not 400 <= self.code <= 599:
            raise ValueError("status must be between 400 and 599, and is %r" % (status,))
        self.message = default if message is None else message
        Exception.__init__(self, self.code, self.message)

    @property
    def status(self):
        """The code and its reason, as in a status line."""
        return "%d %s" % (self.code, self.reason)

    def set_response(self):
        """Make the response of this thread the page of this error."""
        request, response = serving.request, serving.response
        clean_headers(self.code)
        text = ""
        if request.show_tracebacks and self.code >= 500:
            text = traceback.format_exc()
        response.status = self.status
        response.headers["Content-Type"] = "text/html;charset=utf-8"
        response.body = get_error_page(self.status, traceback=text, message=self.message)

    def __call__(self):
        """As a handler: answer with this error."""
        raise self

    @classmethod
    @contextlib.contextmanager
    def handle(cls, exception, status=500, message=""):
        """Within a ``with``: an exception of this kind becomes an HTTPError."""
        try:
            yield
        except exception as error:
            raise cls(status, message or str(error))


class NotFound(HTTPError):
    """Answer that nothing is at a path (default: the path of the present request)."""

    def __init__(self, path=None):
        if path is None:
            request = serving.request
            path = to_native(to_text(unquote_to_bytes(to_bytes(request.script_name + request.path_info))))
        HTTPError.__init__(self, 404, "The path '%s' was not found." % path)


class HTTPRedirect(Exception):
    """Send the client elsewhere: 303 (302 to HTTP/1.0), or the status given.

    ``urls`` may be several, for 300. Raises ValueError for another status.
    """

    def __init__(self, urls, status=None, encoding="utf-8"):
        request = serving.request
        here = request.base + request.script_name + request.path_info  # its query is not part of where the client goes
        self.urls = [urljoin(here, to_native(url, encoding))
                     for url in (urls if isinstance(urls, (list, tuple)) else [urls])]
        self.url = self.urls[0]
        self.code = int(status) if status else 303 if request.protocol >= (1, 1) else 302
        if self.code not in _REDIRECTS and self.code not in (304, 305):  # 306 is unused: RFC 9110, section 15.4.7
            raise ValueError("a redirect's status is one of 300 to 305, 307 and 308, and is %r" % (status,))
        Exception.__init__(self, self.urls, self.code)

    @property
    def status(self):
        """The status, as a number."""
        return self.code

    def set_response(self):
        """Make the response of this thread this redirect, with a page that has the link (RFC 9110, section 15.4)."""
        response = serving.response
        response.status = self.code
        response.headers.pop("Content-Length", None)
        if self.code in _REDIRECTS:
            response.headers["Content-Type"] = "text/html;charset=utf-8"
            response.headers["Location"] = self.url
            links = ('<a href="%s">%s</a>' % (escape(url, True), escape(url)) for url in self.urls)
            response.body = to_bytes("<br />\n".join(_REDIRECTS[self.code] + link + "." for link in links))
        elif self.code == 304:  # it has no body, and none of the fields that describe one: RFC 9110, section 15.4.5
            for name in ("Allow", "Content-Encoding", "Content-Language", "Content-Length", "Content-MD5", "Content-Type",
                         "Content-Range", "Last-Modified"):
                response.headers.pop(name, None)
            response.body = b""
        else:
            response.headers["Location"] = self.url
            response.body = b""

    def __call__(self):
        """As a handler: answer with this redirect."""
        raise self


def clean_headers(code):
    """Remove the fields that described the page that is not sent; 416 keeps its Content-Range."""
    headers = serving.response.headers
    for name in ("Accept-Ranges", "Age", "Etag", "Location", "Retry-After", "Vary", "Content-Encoding", "Content-Length",
                 "Expires", "Content-Location", "Content-Md5", "Last-Modified"):
        headers.pop(name, None)
    if code != 416:
        headers.pop("Content-Range", None)


def get_error_page(status, **words):
    """Return an error as an HTML page (bytes); everything that comes from outside is escaped.

    ``error_page.404``, or ``error_page.default``, in the config may be a function of status, message, traceback
    and version that returns another page, or the path of a template that has them as ``%(message)s``.
    """
    code, reason, default = valid_status(status)
    values = dict(status="%d %s" % (code, reason), message=default, traceback="", version="enginebus")
    values.update((name, value) for name, value in words.items() if value is not None)
    own = serving.request.error_page.get(code) or serving.request.error_page.get("default")
    values = dict((name, escape(to_text(value))) for name, value in values.items())
    if own:
        try:
            if callable(own):
                page = own(**dict((name, to_native(value)) for name, value in values.items()))
                return to_bytes(page) if isinstance(page, (bytes, text_type)) else page
            with open(own, "rb") as template:
                return to_bytes(template.read().decode("utf-8") % values)
        except Exception:
            values["message"] += "<br />In addition, the custom error page failed:\n<br />" + escape(
                to_text(traceback.format_exc().splitlines()[-1]))
    return to_bytes(_PAGE.format(**values))
