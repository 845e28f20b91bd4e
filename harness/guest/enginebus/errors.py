"""The exceptions with which a handler answers, and the page that shows an error."""
import re

from ._compat import (
    BaseHTTPRequestHandler, escape, text_type, to_bytes, to_native, to_text, unquote_to_bytes, urljoin)
from .serving import request

#: What is said of an unhandled exception; of the other statuses, what the standard library says.
SERVER_ERROR = "The server encountered an unexpected condition which prevented it from fulfilling the request."

#: Reasons that the standard libraries of 2.7 and 3 do not agree on.
_REASONS = {413: "Content Too Large", 422: "Unprocessable Content"}


def reason_of(code):
    """Return the reason phrase of a status code."""
    known = BaseHTTPRequestHandler.responses
    return _REASONS.get(code) or (known[code][0] if code in known else "Unknown")


def message_of(code):
    """Return what is said of a status where the handler gives no message of its own."""
    known = BaseHTTPRequestHandler.responses
    return SERVER_ERROR if code == 500 else known[code][1] if code in known else reason_of(code)


class HTTPError(Exception):
    """Answer with a client or server error: ``HTTPError(406)``, ``HTTPError("406 Not today", "text")``.

    Raises ValueError for a status outside 400 to 599.
    """

    def __init__(self, status=500, message=None):
        match = re.match(r"(\d{3})(?: (.*))?$", str(status))
        self.code = int(match.group(1)) if match else 0
        if not 400 <= self.code <= 599:
            raise ValueError("an HTTPError's status must be between 400 and 599, and is %r" % (status,))
        self.reason = match.group(2) or reason_of(self.code)
        self.message = message_of(self.code) if message is None else message
        Exception.__init__(self, self.code, self.message)

    @property
    def status(self):
        """The code and its reason, as in a status line."""
        return "%d %s" % (self.code, self.reason)


class NotFound(HTTPError):
    """Answer that nothing is at a path (default: the path of the present request)."""

    def __init__(self, path=None):
        if path is None:
            path = to_native(to_text(unquote_to_bytes(to_bytes(request.script_name + request.path_info))))
        HTTPError.__init__(self, 404, "The path '%s' was not found." % path)


class HTTPRedirect(Exception):
    """Send the client elsewhere: 303 (302 to HTTP/1.0), or the status given (300 to 308)."""

    def __init__(self, url, status=None):
        self.url = urljoin(request.url, url)
        self.code = status or (303 if request.protocol >= (1, 1) else 302)
        if not 300 <= self.code <= 399:
            raise ValueError("a redirect's status must be between 300 and 399, and is %r" % (status,))
        Exception.__init__(self, self.url, self.code)


def error_page(status, message, traceback=""):
    """Return an error as an HTML page (text); everything that comes from outside is escaped."""
    return text_type(
        "<!DOCTYPE html>\n<html><head><meta charset=\"utf-8\"><title>{status}</title></head>\n"
        "<body><h2>{status}</h2>\n<p>{message}</p>\n<pre id=\"traceback\">{traceback}</pre>\n"
        "<p>Powered by enginebus</p></body></html>\n"
    ).format(status=escape(to_text(status)), message=escape(to_text(message)), traceback=escape(to_text(traceback)))
