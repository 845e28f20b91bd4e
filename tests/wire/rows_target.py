"""Rows of the request's target and of Host: the four forms, and what is none of them."""

from __future__ import annotations

from .model import HIDDEN, HOST, NEXT, NEXT_SEEN, Outcome, Row, get, head, refused, reply, row, saw, served


def line(target: bytes, *fields: bytes, method: bytes = b"GET", version: bytes = b"HTTP/1.1") -> bytes:
    """A request whose fields are all given."""
    return head(b" ".join([method, target, version]), *fields)


ANY = None  # calls of handlers that are not looked at
INVALID = refused(400, after="")  # RFC 9112, section 3.2: 400; it does not say that the connection closes

HOSTS: tuple[Row, ...] = (*(row(f"host.{name}", source, level, line(b"/saw", *fields), *allow) for name, source, level, fields, allow in (
    ("none", "9112 3.2", "must", (), (INVALID,)),
    ("two-different", "9112 3.2", "must", (b"Host: h", b"Host: other"), (INVALID,)),
    ("two-equal", "9112 3.2", "must", (b"Host: h", b"Host: h"), (INVALID,)),
    ("two-apart", "9112 3.2", "must", (b"Host: h", b"X-A: b", b"hOST: h"), (INVALID,)),
    ("two-and-one-empty", "9112 3.2", "must", (b"Host: h", b"Host:"), (INVALID,)),
    ("space", "9112 3.2", "must", (b"Host: h h",), (INVALID,)),
    ("tab", "9112 3.2", "must", (b"Host: h\th",), (INVALID,)),
    ("path", "9112 3.2", "must", (b"Host: h/x",), (INVALID,)),
    ("query", "9112 3.2", "must", (b"Host: h?x",), (INVALID,)),
    ("fragment", "9112 3.2", "must", (b"Host: h#x",), (INVALID,)),
    ("userinfo", "9112 3.2", "must", (b"Host: u@h",), (INVALID,)),
    ("userinfo-password", "9112 3.2", "must", (b"Host: u:p@h",), (INVALID,)),
    ("list", "9112 3.2", "must", (b"Host: h, other",), (INVALID,)),
    ("scheme", "9112 3.2", "must", (b"Host: http://h",), (INVALID,)),
    ("port-letters", "9112 3.2", "must", (b"Host: h:x",), (INVALID,)),
    ("port-minus", "9112 3.2", "must", (b"Host: h:-1",), (INVALID,)),
    ("port-plus", "9112 3.2", "must", (b"Host: h:+80",), (INVALID,)),
    ("two-ports", "9112 3.2", "must", (b"Host: h:80:80",), (INVALID,)),
    ("bracket-open", "9112 3.2", "must", (b"Host: [::1",), (INVALID,)),
    ("bracket-and-more", "9112 3.2", "must", (b"Host: [::1]x",), (INVALID,)),
    ("bracket-of-nothing", "9112 3.2", "must", (b"Host: []",), (INVALID,)),
    ("bracket-of-letters", "9112 3.2", "must", (b"Host: [hello]",), (INVALID,)),
    ("bracket-of-a-colon", "9112 3.2", "must", (b"Host: [:]",), (INVALID,)),
    ("bracket-of-a-number", "9112 3.2", "must", (b"Host: [1]",), (INVALID,)),
    ("bracket-of-ipv4", "9112 3.2", "must", (b"Host: [127.0.0.1]",), (INVALID,)),
    ("bracket-of-two-gaps", "9112 3.2", "must", (b"Host: [1::2::3]",), (INVALID,)),
    ("bracket-of-nine-parts", "9112 3.2", "must", (b"Host: [1:2:3:4:5:6:7:8:9]",), (INVALID,)),
    ("bracket-of-long-part", "9112 3.2", "must", (b"Host: [::12345]",), (INVALID,)),
    ("bracket-empty-version", "9112 3.2", "must", (b"Host: [v.]",), (INVALID,)),
    ("bracket-twice", "9112 3.2", "must", (b"Host: [[::1]]",), (INVALID,)),
    ("ipv6-bare", "9112 3.2", "must", (b"Host: ::1",), (INVALID,)),
    ("markup", "9112 3.2", "must", (b"Host: <script>",), (INVALID,)),
    ("quoted", "9112 3.2", "must", (b'Host: "h"',), (INVALID,)),
    ("backslash", "9112 3.2", "must", (b"Host: h\\other",), (INVALID,)),
    ("percent-alone", "9112 3.2", "must", (b"Host: h%zz",), (INVALID,)),
    ("latin", "9112 3.2", "must", (b"Host: h\xe9",), (INVALID,)),
    ("nul", "9112 3.2", "must", (b"Host: h\x00other",), (INVALID,)),
    ("bare-cr", "9112 3.2", "must", (b"Host: h\rother",), (INVALID,)),
    # RFC 3986, section 3.2.2: sub-delims are part of a name, and a port may be empty or of any length.
    ("comma-alone", "9110 7.2", "may", (b"Host: h,other",), (INVALID, served(saw()))),
    ("port-99999", "9110 7.2", "may", (b"Host: h:99999",), (INVALID, served(saw()))),
    ("empty", "9112 3.2", "may", (b"Host:",), (INVALID, served(saw()))),
    ("percent", "9110 7.2", "may", (b"Host: h%41",), (INVALID, served(saw()))),
    ("port", "9110 7.2", "must", (b"Host: h:8080",), (served(saw(authority="h:8080")),)),
    ("port-empty", "9110 7.2", "should", (b"Host: h:",), (served(saw()),)),
    ("ipv4", "9110 7.2", "must", (b"Host: 127.0.0.1:8080",), (served(saw()),)),
    ("ipv6", "9110 7.2", "must", (b"Host: [::1]",), (served(saw()),)),
    ("ipv6-of-ipv4", "9110 7.2", "must", (b"Host: [::ffff:127.0.0.1]",), (served(saw()),)),
    ("ipv6-port", "9110 7.2", "must", (b"Host: [2001:db8::1]:8080",), (served(saw()),)),
    ("capitals", "9110 7.2", "must", (b"Host: H.Example.ORG",), (served(saw(authority="(?i)h.example.org")),)),
    ("underscore", "9110 7.2", "should", (b"Host: a_b.c-d",), (served(saw()),)),
    ("trailing-dot", "9110 7.2", "should", (b"Host: h.",), (served(saw()),)),
)),
    row("host.none-in-1.0", "9112 3.2", "must", line(b"/saw", version=b"HTTP/1.0"), served(saw(), after="closed")),
    row("host.two-in-1.0", "9112 3.2", "must", line(b"/saw", HOST, HOST, version=b"HTTP/1.0"), INVALID),
    row("host.invalid-in-1.0", "9112 3.2", "must", line(b"/saw", b"Host: h/x", version=b"HTTP/1.0"), INVALID),
    row("host.none-in-1.2", "9110 6.2", "should", line(b"/saw", version=b"HTTP/1.2"), INVALID),
    # What a redirect names is the Host that was checked, and never a Host that is none.
    row("host.in-a-redirect", "9110 10.2.2", "must", line(b"/sub", b"Host: h:99"),
        Outcome((reply(301, 302, 303, 307, 308, location="(http://h:99)?/sub/"),), "open")),
    row("host.invalid-in-a-redirect", "9112 3.2", "must", line(b"/sub", b"Host: evil.example/x?"), INVALID),
)

TARGETS: tuple[Row, ...] = (*(row(f"target.{name}", source, level, get(target=target, method=method), *allow)
                                 for name, source, level, method, target, allow in (
    ("options-star", "9112 3.2.4", "must", b"OPTIONS", b"*", (Outcome((reply(200, 204, 405, 501),), "", ANY),)),
    ("options-path", "9110 9.3.7", "should", b"OPTIONS", b"/saw", (Outcome((reply(200, 204, 405, 501),), "open", ANY),)),
    ("get-star", "9112 3.2.4", "should", b"GET", b"*", (refused(400, after=""),)),
    ("post-star", "9112 3.2.4", "should", b"POST", b"*", (refused(400, 411, after=""),)),
    ("options-star-and-more", "9112 3.2.4", "should", b"OPTIONS", b"*x", (refused(400, after=""),)),
    ("authority", "9112 3.2.3", "should", b"GET", b"h:443", (refused(400, after=""),)),
    ("word", "9112 3.2.1", "should", b"GET", b"saw", (refused(400, after=""),)),
    ("dots", "9112 3.2.1", "should", b"GET", b"../saw", (refused(400, after=""),)),
    ("question-mark", "9112 3.2.1", "should", b"GET", b"?x=1", (refused(400, after=""),)),
    ("fragment-alone", "9112 3.2.1", "should", b"GET", b"#x", (refused(400, after=""),)),
    ("fragment", "9112 3.2.1", "may", b"GET", b"/saw#x", (refused(400, after=""), served(saw()))),
    ("backslash-first", "9112 3.2.1", "should", b"GET", b"\\saw", (refused(400, after=""),)),
    ("latin", "9112 3.2", "may", b"GET", b"/sa\xe9", (refused(400), served(saw(path=".*")))),
    ("delete", "9112 3.2", "may", b"GET", b"/sa\x7f", (refused(400), served(saw(path=".*")))),
    ("bell", "9112 3.2", "should", b"GET", b"/sa\x07", (refused(400),)),
    ("escape-alone", "9112 3.2.1", "may", b"GET", b"/sa%zz", (refused(400, 404, after=""), served(saw(path="/sa%zz")))),
    ("escaped-nul", "9110 2.3", "may", b"GET", b"/sa%00w", (refused(400, 404, after=""), served(saw(path="/sa(%00|\0)w")))),
    ("escaped-latin", "9110 2.3", "may", b"GET", b"/sa%ff", (refused(400, 404, after=""), served(saw(path=".*")))),
    ("escaped-slash", "9112 3.2.1", "may", b"GET", b"/sa%2Fw", (refused(404, after=""), served(saw(path="/sa(%2F|/)w")))),
    ("escaped-line-end", "9112 11.1", "must", b"GET", b"/saw%0d%0aX-Injected:%20y", (
        refused(400, 404, after=""), Outcome((reply(200, absent=("x-injected",)),), "open", ANY))),
    ("query-empty", "9112 3.2.1", "must", b"GET", b"/saw?", (served(saw(query="")),)),
    ("query-of-two-marks", "9112 3.2.1", "must", b"GET", b"/saw?a?b", (served(saw(query=r"a\?b")),)),
    ("unknown-parameter", "9110 15.5", "should", b"GET", b"/only?%e4%bc%8a=1", (refused(400, 404, after=""), served(saw(path="/only")))),
    # A path that begins like a URI is a path, and never names another resource, or another host.
    ("uri-within-path", "9112 3.2.1", "must", b"GET", b"/x://h/saw", (
        refused(400, 404, after=""), served(saw(path="/x:/{1,2}h/saw")))),
    ("two-slashes", "9112 3.3", "must", b"GET", b"//saw", (refused(400, 404, after=""), served(saw(path="/{1,2}saw", authority="h")))),
    ("two-slashes-host", "9112 3.3", "must", b"GET", b"//evil.example/saw", (
        refused(400, 404, after=""), served(saw(path="/{1,2}evil.example/saw", authority="h")))),
    ("two-slashes-redirect", "9112 3.3", "must", b"GET", b"//sub", (
        refused(400, 404, after=""), Outcome((reply(301, 302, 303, 307, 308, location="(http://h//?sub/|/sub/)"),), "open"))),
    ("backslash-redirect", "9112 3.3", "must", b"GET", b"/\\evil.example/..//sub", (
        refused(400, 404, after=""), served(saw(path=".*", authority="h")),
        Outcome((reply(301, 302, 303, 307, 308, location="(http://h/|/(?![/\\\\])).*"),), ""))),
    # The absolute form must be accepted, and its authority counts.
    ("absolute", "9112 3.2.2", "must", b"GET", b"http://h/saw", (served(saw(authority="h")),)),
    ("absolute-other-host", "9112 3.2.2", "must", b"GET", b"http://other:81/saw", (served(saw(authority="other:81")),)),
    ("absolute-capitals", "9112 3.2.2", "must", b"GET", b"HTTP://h/saw", (served(saw()),)),
    ("absolute-query", "9112 3.2.2", "must", b"GET", b"http://h/saw?a=1", (served(saw(query="a=1")),)),
    ("absolute-no-path", "9112 3.2.2", "must", b"GET", b"http://h", (served(saw(path="/")),)),
    ("absolute-no-path-query", "9112 3.2.2", "must", b"GET", b"http://h?a=1", (served(saw(path="/", query="a=1")),)),
    ("absolute-within-query", "9112 3.2.2", "must", b"GET", b"/saw?to=http://other/next", (served(saw(query="to=http://other/next", authority="h")),)),
    ("absolute-post", "9112 3.2.2", "must", b"DELETE", b"http://h/saw", (refused(405, 501, after=""), served(saw(method="DELETE")))),
    ("absolute-https", "9110 7.4", "may", b"GET", b"https://h/saw", (refused(400, 421, after=""), served(saw()))),
    ("absolute-ipv6", "9112 3.2.2", "must", b"GET", b"http://[::1]:81/saw", (served(saw(authority=r"\[::1\]:81")),)),
    ("absolute-no-host", "9110 4.2.1", "must", b"GET", b"http:///saw", (refused(400, after=""),)),
    ("absolute-userinfo", "9110 4.2.4", "should", b"GET", b"http://u:p@h/saw", (refused(400, after=""),)),
    ("absolute-bad-port", "9110 4.2.1", "should", b"GET", b"http://h:x/saw", (refused(400, after=""),)),
    ("absolute-bad-bracket", "9110 4.2.1", "should", b"GET", b"http://[::1/saw", (refused(400, after=""),)),
    ("absolute-other-scheme", "9112 3.2.2", "may", b"GET", b"ftp://h/saw", (refused(400, 404, 421, 501, after=""), served(saw()))),
    ("absolute-no-slashes", "9110 4.2.1", "should", b"GET", b"http:h/saw", (refused(400, after=""),)),
    ("absolute-redirect", "9112 3.2.2", "must", b"GET", b"http://other/sub", (
        Outcome((reply(301, 302, 303, 307, 308, location="(http://other)?/sub/"),), "open"),)),
)),
    row("target.absolute-without-host", "9112 3.2", "must", line(b"http://h/saw"), INVALID),
    row("target.absolute-two-hosts", "9112 3.2", "must", line(b"http://h/saw", HOST, b"Host: other"), INVALID),
    row("target.absolute-invalid-host", "9112 3.2", "must", line(b"http://h/saw", b"Host: h/x"), INVALID),
    row("target.absolute-in-1.0", "9112 3.2.2", "must", line(b"http://h/saw", version=b"HTTP/1.0"), served(saw(), after="closed")),
)

TUNNEL = Outcome((reply(200, absent=("content-length", "transfer-encoding")),), "", ANY)
CONNECT: tuple[Row, ...] = (*(row(f"connect.{name}", source, level, get(target=target, method=b"CONNECT"), *allow, methods=("CONNECT",))
                                 for name, source, level, target, allow in (
    ("host-and-port", "9110 9.3.6", "must", b"h:443", (refused(400, 403, 404, 405, 501, after=""), TUNNEL)),
    ("no-port", "9110 9.3.6", "must", b"h", (refused(400, 405, 501, after=""),)),
    ("empty-port", "9110 9.3.6", "must", b"h:", (refused(400, 405, 501, after=""),)),
    ("port-99999", "9110 9.3.6", "must", b"h:99999", (refused(400, 405, 501, after=""),)),
    ("port-letters", "9110 9.3.6", "must", b"h:x", (refused(400, 405, 501, after=""),)),
    ("path", "9112 3.2.3", "should", b"/saw", (refused(400, 405, 501, after=""),)),
    ("star", "9112 3.2.3", "should", b"*", (refused(400, 405, 501, after=""),)),
    ("absolute", "9112 3.2.3", "should", b"http://h/saw", (refused(400, 405, 501, after=""),)),
)),
    # CONNECT has no content; what stands behind it is for the tunnel, and there is none.
    row("connect.with-a-body", "9110 9.3.6", "must", get(b"Content-Length: %d" % len(HIDDEN), target=b"h:443", method=b"CONNECT") + HIDDEN,
        refused(400, 403, 404, 405, 501, after=""), TUNNEL, methods=("CONNECT",)),
    row("connect.then-a-request", "9110 9.3.6", "must", get(target=b"h:443", method=b"CONNECT") + NEXT,
        refused(400, 403, 404, 405, 501), Outcome((reply(400, 403, 404, 405, 501), reply(200)), "open", (NEXT_SEEN,)), methods=("CONNECT",)),
)

ROWS: tuple[Row, ...] = (*HOSTS, *TARGETS, *CONNECT)
