"""The way of one request: dispatch, settings, tools, handler, and errors that become pages."""
import re
import traceback

from ._compat import text_type, to_bytes
from .config import UnknownSetting, unknown
from .dispatch import Dispatcher
from .errors import HTTPError, HTTPRedirect, valid_status
from .forms import add_field
from .params import parse_query
from .serving import Request, Response, serving
from .tools import POINTS, attach, run_hooks


class Pipeline(object):
    """Answers requests on a tree; errors become pages, and unhandled ones a traceback in the log, too."""

    def __init__(self, tree, tools, settings, log, bus):
        self.tree, self.tools, self.settings, self.log, self.bus = tree, tools, settings, log, bus
        self.dispatcher = Dispatcher()

    def respond(self, request):
        """Return the Response, whose body is still to be sent, and then ``end``; never raises but for
        KeyboardInterrupt and SystemExit, which end the server.
        """
        response = Response()
        serving.load(request, response)
        try:
            self.bus.threads.acquire()
            self._process(request, response)
        except (KeyboardInterrupt, SystemExit):
            self.quit(request)
            raise
        except Exception:
            self._handle_error(request, response)
        return response

    def quit(self, request):
        """A handler, or the body that it made, has raised KeyboardInterrupt or SystemExit: end the server."""
        self.log.error("The handler of %r raised an exit: shutting down" % request.request_line, "ENGINE")
        self.bus.exit()

    def end(self, request):
        """The answer has been sent, or could not be."""
        try:
            run_hooks(request, "on_end_request")
        except Exception:
            self.log.error("%s\n%s" % (request.request_line, traceback.format_exc()))
        serving.clear()

    def _process(self, request, response):
        try:
            try:
                request.app, request.script_name, request.path_info = self.tree.find(request.path_info)
                self._dispatch(request, response)
                run_hooks(request, "on_start_resource")
                request.query_fields = parse_query(request.query_string, request.query_string_encoding)
                if request.method not in request.methods_with_bodies:
                    request.process_request_body = False
                run_hooks(request, "before_request_body")
                if request.process_request_body and request.body is not None:
                    if request.body.length is None:
                        raise HTTPError(411)
                    request.body.process()
                for fields in (request.query_fields, request.body.params if request.body else ()):
                    for name in fields:
                        add_field(request.params, name, fields[name])
                run_hooks(request, "before_handler")
                if request.handler is not None:
                    _take(response, request.handler())
                run_hooks(request, "before_finalize")
                finalize(request, response)
            except (HTTPRedirect, HTTPError) as answer:
                answer.set_response()
                run_hooks(request, "before_finalize")
                finalize(request, response)
        finally:
            run_hooks(request, "on_end_resource")

    def _dispatch(self, request, response):
        dispatch = request.app.find(request.path_info, "request.dispatch", self.dispatcher)
        dispatch(request.path_info)
        switched = {"trailing_slash": {"on": True}}
        for name, value in request.config.items():
            space, _, key = name.partition(".")
            if space == "tools":
                self.tools.check(key, value)
                tool, _, setting = key.partition(".")
                switched.setdefault(tool, {})[setting] = value
            else:
                self.settings.check(name, value)
                apply = _APPLY.get(space)
                if apply is not None:
                    apply(request, response, key, value)
        self.tools.attach(request, switched)

    def _handle_error(self, request, response):
        """Answer an exception that nobody handled; a page of its own that fails gives way to the plain one."""
        text = traceback.format_exc()
        self.log.error("%s\n%s" % (request.request_line, text))
        try:
            if request.throw_errors:  # nothing of the site's own answers: no hook, no page
                request.error_page, request.hooks = {}, {}
                request.error_response = None
            try:
                run_hooks(request, "before_error_response")
                if request.error_response is not None:
                    request.error_response()
                else:
                    HTTPError(500).set_response()
                run_hooks(request, "after_error_response")
                finalize(request, response)
            except (HTTPRedirect, HTTPError) as answer:
                answer.set_response()
                finalize(request, response)
        except Exception:
            self.log.error("%s\n%s" % (request.request_line, traceback.format_exc()))
            request.error_page = {}
            HTTPError(500).set_response()
            finalize(request, response)


def check_request(key, value):
    """Raise UnknownSetting for a ``request.*`` that is not there."""
    if key not in Request.SETTINGS + ("dispatch",):
        raise unknown("request." + key, ["request." + each for each in Request.SETTINGS + ("dispatch",)])


def check_response(key, value):
    """Raise UnknownSetting for a ``response.*`` that is not there."""
    if key not in Response.SETTINGS and not (key.startswith("headers.") and key[8:]):
        raise unknown("response." + key, ["response." + each for each in Response.SETTINGS + ("headers.NAME",)])


def check_hooks(key, value):
    """Raise UnknownSetting for a hook at a point that is not there."""
    if key.partition(".")[0] not in POINTS:
        raise unknown("hooks." + key, ["hooks." + point for point in POINTS])
    if not callable(value):
        raise UnknownSetting("hooks.%s cannot be %r: a function is needed" % (key, value))


def check_error_page(key, value):
    """Raise UnknownSetting for an error page of what is no error."""
    if key != "default" and not (key.isdigit() and 400 <= int(key) <= 599):
        raise UnknownSetting("error_page.%s is no setting: a status from 400 to 599, or \"default\", is needed" % key)


def _apply_request(request, response, key, value):
    if key != "dispatch":
        setattr(request, key, value)


def _apply_response(request, response, key, value):
    if key.startswith("headers."):
        response.headers[key[8:]] = value
    else:
        setattr(response, key, value)


def _apply_hook(request, response, key, value):
    attach(request, key.partition(".")[0], value)


def _apply_error_page(request, response, key, value):
    request.error_page[key if key == "default" else int(key)] = value


_APPLY = {"request": _apply_request, "response": _apply_response, "hooks": _apply_hook, "error_page": _apply_error_page}


def _take(response, result):
    """What a handler returned becomes the body; text has a charset, which the type then names."""
    if result is not None or not response.body:
        response.body = result
    kind = response.headers.get("Content-Type")
    if kind and kind.lower().startswith("text/") and "charset" not in kind.lower():
        response.headers["Content-Type"] = kind + ";charset=utf-8"


def collect(body):
    """Turn a body into bytes: text, bytes, nothing, or an iterable of them.

    Raises TypeError for anything else (a number, a redirect that was returned and not raised).
    """
    if body is None:
        return b""
    if isinstance(body, (bytes, text_type)):
        return to_bytes(body)
    return b"".join(chunks(body))


def chunks(body):
    """The bytes of a body, part by part; a file is read part by part, and closed."""
    if isinstance(body, (bytes, text_type)) or body is None:
        yield to_bytes(body or b"")
        return
    try:
        for chunk in _parts(body):
            if chunk is not None:
                if not isinstance(chunk, (bytes, text_type)):
                    raise TypeError("a handler returned an iterable that holds %r: text or bytes are needed" % type(chunk))
                if chunk:
                    yield to_bytes(chunk)
    finally:
        close = getattr(body, "close", None)
        if close is not None:
            close()


def _parts(body):
    return iter(lambda: body.read(65536), b"") if hasattr(body, "read") else iter(body)


def finalize(request, response):
    """Settle status, length and fields; raises HTTPError(500) for a status or a length that cannot be.

    A body that is not streamed is collected, so that its length is known and its errors still become a page.
    """
    try:
        code, reason, _ = valid_status(response.status)
    except (ValueError, TypeError) as error:
        raise HTTPError(500, str(error))
    response.status = "%d %s" % (code, reason)
    response.code = code
    headers = response.headers
    if code in (204, 205, 304):  # RFC 9110, sections 8.6, 15.3.5, 15.3.6, 15.4.5: there is no body, and nothing that describes one
        for name in ("Content-Length", "Content-Type") if code != 304 else ("Content-Length",):
            headers.pop(name, None)
        if code == 205:
            headers["Content-Length"] = 0
        _close(response)
    elif headers.get("Content-Length") is not None and not re.match(r"[0-9]{1,18}$", str(headers["Content-Length"])):
        raise HTTPError(500, "The handler declared a length of %r." % headers.pop("Content-Length"))  # RFC 9110, section 8.6
    elif (isinstance(response.body, (bytes, text_type))  # even in a stream it is there as a whole
          or not response.stream and (headers.get("Content-Length") is None or response.body is None)):
        declared = headers.get("Content-Length")
        response.body = collect(response.body)
        if declared is not None and str(declared) != str(len(response.body)) and request.method != "HEAD":
            headers.pop("Content-Length")
            raise HTTPError(500, "The handler declared a length of %s bytes, and its answer has %d."
                            % (declared, len(response.body)))
        if declared is None or response.body:
            headers["Content-Length"] = len(response.body)
    response.header_list = [
        (to_bytes(name, "latin-1"), to_bytes(value if isinstance(value, (bytes, text_type)) else str(value), "latin-1"))
        for name, value in headers.items() if value is not None]
    response.header_list.extend((b"Set-Cookie", to_bytes(value, "latin-1")) for value in response.set_cookies())


def _close(response):
    close = getattr(response.body, "close", None)
    response.body = b""
    if close is not None:
        close()
