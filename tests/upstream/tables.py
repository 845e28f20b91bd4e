"""The tests of CherryPy that do not apply to enginebus, and those that differ: test -> reason."""

from __future__ import annotations

from typing import NamedTuple

#: Not run at all; a star stands for any class of any module.
NOT_RUN: dict[str, str] = {
    "*.test_gc": "counts what CherryPy leaks, and catches its own assertion: it cannot fail",
    "test_caching.CacheTest.test_antistampede": "takes four minutes, and CherryPy itself expects it to fail (cherrypy/cherrypy#1536)",
}

#: What they are about enginebus does not have. They run all the same: one that passes is reported.
NOT_APPLICABLE: dict[str, str] = {
    "test_caching.CacheTest.testCaching": "gzip tool",
    "test_caching.CacheTest.testGzipStaticCache": "gzip tool",
    "test_core.CoreRequestHandlingTest.testFlatten": "flatten tool: a generator of generators",
    "test_core.CoreRequestHandlingTest.test_InternalRedirect": "InternalRedirect",
    "test_core.ErrorTests.test_start_response_error": "WSGI: the types of what start_response is given",
    "test_encoding.EncodingTests.testEncoding": "encode tool: the answer's charset after Accept-Charset",
    "test_encoding.EncodingTests.testGzip": "gzip tool",
    "test_encoding.EncodingTests.test_decode_tool": "decode tool",
    "test_encoding.EncodingTests.test_nontext": "encode tool: a charset for what is no text",
    "test_http.HTTPTests.test_http_over_https": "skips itself without TLS",
    "test_states.test_safe_wait_INADDR_ANY": "a private function of CherryPy's process.servers",
    "test_static.StaticTest.test_755_vhost": "WSGI virtual hosts",
    "test_static.StaticTest.test_static_longpath": "skips itself: Windows only",
}

#: They count what happens within some hundredths of a second, so they fail where the machine is busy. They must pass, but
#: may be tried again.
TIMED: dict[str, str] = {
    "test_bus.test_block": "looks for a thread that ends after 0.2 s",
    "test_bus.test_wait_publishes_periodically": "wants four ticks of 0.01 s within 0.05 s; CherryPy lets it fail on macOS",
}


class Difference(NamedTuple):
    """Why a test differs, and what it must say then: one that differs otherwise is a fault."""

    reason: str
    says: str


#: They apply, and enginebus does otherwise.
DIFFERS: dict[str, Difference] = {test: Difference(*row) for test, row in {
    "test_conn.ConnectionTests.test_Chunked_Encoding": (
        "a request with Transfer-Encoding and Content-Length is 400, as RFC 9112, 6.1 and 6.3 allow: it is how requests are smuggled",
        "Status 400 Bad Request does not match 200 OK"),
    "test_conn.ConnectionTests.test_Content_Length_out_preheaders": (
        "a body is cut off at the length that its handler declared, whichever chunk passes it; CherryPy answers 500 where it is the first",
        "Status 200 OK does not match 500"),
    "test_conn.ConnectionTests.test_readall_or_close": (
        "an error that needs no body is answered at once, without 100 Continue before it (RFC 9110, 10.1.1)", "500 != 100"),
    "test_conn.LimitedRequestQueueTests.test_queue_full": (
        "a connection too many is answered 503, and not reset", "Overflow conn did not get RST"),
    "test_request_obj.RequestObjectTests.testErrorHandling": (
        "error pages are not filled up with blanks for Internet Explorer; without the blanks that it expects, all of it passes",
        "self.assertBody('Hello, world\\r\\n' + (' ' * 499))"),
    "test_request_obj.RequestObjectTests.test_CONNECT_method": (
        "CONNECT is 501: a 2xx would promise a tunnel (RFC 9110, 9.3.6)", "501 != 204"),
    "test_request_obj.RequestObjectTests.test_dangerous_host": (
        "the encoded words of RFC 2047 mean nothing in a Host, which is 400 (RFC 9110, 5.5 and 7.2)", "The Host header is no host."),
    "test_request_obj.RequestObjectTests.test_encoded_headers": (
        "the encoded words of RFC 2047 are not decoded in fields: RFC 7230 did away with them (RFC 9110, 5.5)",
        "'cherrypy.lib.httputil' has no attribute 'decode_TEXT'"),
    "test_static.StaticTest.test_null_bytes": (
        "a NUL in the request line is 400, and no path that is not found (RFC 9112, 3)",
        "Status 400 Bad Request does not match 404 Not Found"),
}.items()}
