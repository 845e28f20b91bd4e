"""Rows of what answers hold, of handlers that answer nonsense, and of limits."""

from __future__ import annotations

from .model import NEXT, NEXT_SEEN, Outcome, Pause, Row, get, head, post, refused, reply, row, saw, served

OLD = b"HTTP/1.0"
ANY = None
MOVED = (301, 302, 303, 307, 308)
AND_NEXT = (reply(200),)


def answered(first: object, after: str = "open") -> Outcome:
    """One answer, and then that to the next request: what was sent was in step."""
    return Outcome((first, reply(200)), after, (NEXT_SEEN,))  # type: ignore[arg-type]


ANSWERS: tuple[Row, ...] = (*tuple(row(f"answer.{name}", source, level, get(target=target, method=method) + NEXT, *allow, methods=(method.decode(),)) for name, source, level, method, target, allow in (("head", "9110 9.3.2", "must", b"HEAD", b"/answer", (answered(reply(200, absent=("content-length",))), answered(reply(200, content_length="5")))), ("head-has-the-length", "9110 9.3.2", "should", b"HEAD", b"/answer", (answered(reply(200, content_length="5", content_type=".*")),)), ("head-of-an-error", "9110 9.3.2", "must", b"HEAD", b"/deny", (answered(reply(403)), refused(403))), ("head-of-a-failure", "9110 9.3.2", "must", b"HEAD", b"/boom", (answered(reply(500)), refused(500))), ("head-of-a-stream", "9110 9.3.2", "must", b"HEAD", b"/stream", (answered(reply(200, absent=("content-length",))), answered(reply(200, content_length="13")), Outcome((reply(200, absent=("content-length",)),), "closed"))), ("head-of-a-redirect", "9110 9.3.2", "must", b"HEAD", b"/sub", (answered(reply(*MOVED, location=".*/sub/")), refused(*MOVED))), ("no-content", "9112 6.3", "must", b"GET", b"/answer?status=204", (answered(reply(204, absent=("content-length", "transfer-encoding"))),)), ("not-modified", "9112 6.3", "must", b"GET", b"/answer?status=304", (answered(reply(304, absent=("content-length",))), answered(reply(304, content_length="5")))), ("reset-content", "9110 15.3.6", "must", b"GET", b"/answer?status=205&body=", (answered(reply(205, body="")),)), ("not-allowed", "9110 15.5.6", "must", b"DELETE", b"/only", (answered(reply(405, allow=".*GET.*")), refused(405))), ("stream", "9112 6", "must", b"GET", b"/stream", (answered(reply(200, body="one two three")), Outcome((reply(200, body="one two three"),), "closed"))), ("redirect", "9110 15.4", "should", b"GET", b"/sub", (answered(reply(*MOVED, location="(http://h)?/sub/")),)), ("post-without-length", "9112 6.3", "must", b"POST", b"/saw", (served(saw(method="POST"), NEXT_SEEN), refused(411), answered(reply(411)))), ("trace", "9110 9.3.8", "should", b"TRACE", b"/saw", (Outcome((reply(405, 501), reply(200)), "open", (NEXT_SEEN,)), refused(405, 501), served(saw(method="TRACE"), NEXT_SEEN))))), row("answer.head-of-a-wrong-length", "9110 8.6", "must", get(target=b"/answer?name=Content-Length&value=9", method=b"HEAD") + NEXT, answered(reply(200, 500, absent=("content-length",))), answered(reply(200, content_length="5")), answered(reply(500)), refused(500), methods=("HEAD",), handler=True), row("answer.old-stream", "9112 6.1", "must", get(target=b"/stream", version=OLD), Outcome((reply(200, body="one two three", absent=("transfer-encoding",)),), "closed", ANY)), row("answer.old-stream-kept", "9112 6.1", "must", get(b"Connection: keep-alive", target=b"/stream", version=OLD), Outcome((reply(200, body="one two three", absent=("transfer-encoding",)),), "", ANY)), row("answer.old-post", "9112 6.3", "must", post(b"Content-Length: 5", body=b"hello", version=OLD), served(saw("hello"), after="closed")), row("answer.trace-with-a-cookie", "9110 9.3.8", "should", get(b"Cookie: secret=1", method=b"TRACE", target=b"/answer"), Outcome((reply(200, 400, 405, 501, body="(?!.*secret).*"),), "", ANY)))

#: What a query says into a field of the answer never begins another field, or another answer (RFC 9112, section 11.1).
SPLITS: tuple[Row, ...] = (*(row(f"split.{name}", "9112 11.1", "must", get(target=target) + NEXT,
                                    Outcome((reply(*range(200, 600), absent=("x-injected",)), reply(200)), "open", (NEXT_SEEN,)), refused(400, 500), handler=handler)
                                for name, target, handler in (
    ("crlf-in-value", b"/answer?name=X-A&value=b%0d%0aX-Injected:%20c", True),
    ("lf-in-value", b"/answer?name=X-A&value=b%0aX-Injected:%20c", True),
    ("cr-in-value", b"/answer?name=X-A&value=b%0dX-Injected:%20c", True),
    ("nul-in-value", b"/answer?name=X-A&value=b%00c", True),
    ("answer-in-value", b"/answer?name=X-A&value=b%0d%0a%0d%0aHTTP/1.1%20200%20OK%0d%0aX-Injected:%20c%0d%0a%0d%0a", True),
    ("crlf-in-name", b"/answer?name=X-A:%20b%0d%0aX-Injected&value=c", True),
    ("space-in-name", b"/answer?name=X%20A&value=c", True),
    ("colon-in-name", b"/answer?name=X-A:&value=c", True),
    ("slash-hides-a-length", b"/answer?name=Con/tent-Length&value=9", True),
    ("comma-hides-a-coding", b"/answer?name=Transfer-Encodin,g&value=gzip", True),
    ("latin-hides-a-length", b"/answer?name=Content%C2%AD-Length&value=9", True),
    ("empty-name", b"/answer?name=&value=c", True),
    ("crlf-in-redirect", b"/go?to=/saw%0d%0aX-Injected:%20c", True),
    ("lf-in-redirect", b"/go?to=/saw%0aX-Injected:%20c", True),
    ("crlf-in-reason", b"/answer?status=200%20OK%0d%0aX-Injected:%20c", True),
    ("unicode-in-value", b"/answer?name=X-A&value=b%e4%bc%8a%e4%bc%8aX-Injected:%20c", True),
    ("unicode-line-ends", b"/answer?name=X-A&value=b%c4%8d%c4%8aX-Injected:%20c", True),
)), *(row(f"handler.{name}", source, "must", get(target=b"/answer?" + query) + NEXT, *allow, handler=True) for name, source, query, allow in (
    # A status that is none is the handler's fault: 500, and in step.
    ("status-word", "9112 4", b"status=abc", (answered(reply(500)), refused(500))),
    ("status-empty", "9112 4", b"status=", (answered(reply(200, 500)), refused(500))),
    ("status-fraction", "9112 4", b"status=200.5", (answered(reply(500)), refused(500))),
    ("status-of-two-digits", "9112 4", b"status=n99", (answered(reply(500)), refused(500))),
    ("status-781", "9110 15", b"status=n781", (answered(reply(500)), refused(500))),
    ("status-1000", "9112 4", b"status=n1000", (answered(reply(500)), refused(500))),
    ("status-minus", "9112 4", b"status=n-200", (answered(reply(500)), refused(500))),
    ("status-interim", "9110 15.2", b"status=n100", (answered(reply(500)), refused(500))),
    ("status-switching", "9110 15.2", b"status=n101", (answered(reply(500)), refused(500))),
    ("status-unknown", "9110 15", b"status=n299", (answered(reply(299)),)),
    ("status-with-reason", "9112 4", b"status=201%20Made%20It", (answered(reply(201)),)),
    # One length, and the one of what is sent; or a 500.
    ("length-short", "9112 6.2", b"name=Content-Length&value=3", (answered(reply(200, 500)), Outcome((reply(200, 500),), "closed"))),
    ("length-long", "9112 6.2", b"name=Content-Length&value=9", (answered(reply(200, 500)), Outcome((reply(500),), "closed"))),
    ("length-word", "9112 6.2", b"name=Content-Length&value=x", (answered(reply(200, 500)), Outcome((reply(200, 500),), "closed"))),
    ("length-of-204", "9110 8.6", b"status=204&name=Content-Length&value=5", (answered(reply(204, 500)),)),
    ("coding", "9112 6.1", b"name=Transfer-Encoding&value=chunked", (answered(reply(200, 500)), Outcome((reply(200, 500),), "closed"))),
    ("coding-gzip", "9112 6.1", b"name=Transfer-Encoding&value=gzip", (answered(reply(200, 500)), Outcome((reply(200, 500),), "closed"))),
    # A field that the handler and the server both set goes out once.
    ("type-small", "9110 5.3", b"name=content-type&value=text/x", (answered(reply(200, content_type="text/x.*")),)),
    ("server", "9110 5.3", b"name=server&value=mine", (answered(reply(200)),)),
    ("date", "9110 5.3", b"name=date&value=Sun,%2006%20Nov%201994%2008:49:37%20GMT", (answered(reply(200)),)),
    ("close", "9112 9.6", b"name=connection&value=close", (Outcome((reply(200, connection="(?i)close"),), "closed"),)),
    ("keep-alive", "9110 7.6.1", b"name=Connection&value=keep-alive", (answered(reply(200)),)),
)))

BIG = b"a" * 3000000
#: A refusal of a large body can be read: the connection is not reset before it was (RFC 9112, section 9.6).
LIMITS: tuple[Row, ...] = (
    row("limit.length", "9110 15.5.14", "may", post(b"Content-Length: 3000000"), refused(413)),
    row("limit.length-and-body", "9112 9.6", "should", post(b"Content-Length: 3000000", body=BIG), Outcome((reply(413),), "closed", (), None, True)),
    row("limit.length-and-body-in-pieces", "9112 9.6", "should", (post(b"Content-Length: 3000000"), Pause(0.2), BIG[:1500000], Pause(0.2), BIG[:1500000]),
        Outcome((reply(413),), "closed", (), None, True)),
    row("limit.denied-with-body", "9112 9.6", "should", post(b"Content-Length: 900000", target=b"/deny", body=BIG[:900000]),
        Outcome((reply(403),), "", (), None, True)),
    row("limit.bad-request-with-body", "9112 9.6", "should", head(b"POST /saw HTTP/1.1", b"Host: h/x", b"Content-Length: 900000") + BIG[:900000],
        Outcome((reply(400),), "closed", (), None, True), Outcome((reply(400),), "open", ())),
    row("limit.just-enough", "9110 15.5.14", "must", post(b"Content-Length: 900000", body=BIG[:900000] + NEXT), served(saw("900000 bytes"), NEXT_SEEN)),
    row("limit.long-header-with-body", "9112 9.6", "should", post(b"Content-Length: 900000", b"X-A: " + BIG[:200000], body=BIG[:900000]),
        Outcome((reply(431, 400, 413),), "closed", (), None, True)),
    row("limit.form-too-large", "9110 15.5.14", "should",
        post(b"Content-Type: application/x-www-form-urlencoded", b"Content-Length: 3000000", body=b"a=" + BIG[2:]), refused(413)),
    # More connections than there are threads for: told so, or left waiting; the server goes on.
    row("limit.connections", "9110 15.6.4", "may", get(), refused(503), served(saw()), crowd=120),
)

ROWS: tuple[Row, ...] = (*ANSWERS, *SPLITS, *LIMITS)
