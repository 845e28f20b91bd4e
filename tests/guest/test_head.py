"""The head of a request: what is one, word by word, and that nothing else is taken for one (RFC 9112, sections 2 to 6)."""

import pytest
from enginebus.errors import HTTPError
from enginebus.head import MAX_FIELDS, parse_fields, parse_head, parse_line
from hypothesis import assume, given
from hypothesis import strategies as st

LIMIT = 1000
TOKENS = st.text("!#$%&'*+-.^_`|~" "0123456789abcdefgXYZ", min_size=1, max_size=12)
#: What a field may hold: visible, space and tab within, and the bytes of other encodings (RFC 9110, section 5.5).
VALUES = st.text([chr(n) for n in (9, *range(32, 127), *range(128, 256))], max_size=30).map(lambda text: text.strip(" \t"))
TARGETS = st.text([chr(n) for n in range(0x21, 0x7f) if chr(n) not in "?#"], max_size=20)


def head(*lines, line=b"GET / HTTP/1.1", host=b"Host: a"):
    return parse_head(b"\r\n".join([line, *([host] if host else []), *lines]), LIMIT)


def refusal(function, *arguments, **named):
    with pytest.raises(HTTPError) as caught:
        function(*arguments, **named)
    return caught.value.code


@given(TOKENS, TARGETS, st.none() | TARGETS, st.sampled_from([(1, 0), (1, 1), (1, 7)]), st.lists(st.tuples(TOKENS, VALUES), max_size=6))
def test_a_head_made_of_parts_parses_to_those_parts(method, path, query, protocol, fields):
    special = {"host", "content-length", "transfer-encoding", "expect", "connection", "cookie"}
    names = [name.lower() for name, _ in fields]
    assume(method != "CONNECT" and len(set(names)) == len(names) and not special & set(names))
    target = "/" + path + ("" if query is None else "?" + query)
    assume(len(method + target) < LIMIT - 11)
    text = f"{method} {target} HTTP/{protocol[0]}.{protocol[1]}\r\nhOsT: h:1"
    text += "".join(f"\r\n{name}:{value}" for name, value in fields)
    found = parse_head(text.encode("latin-1"), LIMIT)
    assert (found.method, found.path, found.query, found.protocol, found.host) == (method, "/" + path, query or "", protocol, "h:1")
    assert dict(found.headers) == {"Host": "h:1", **{name.title(): value for name, value in fields}}
    assert (found.length, found.chunked, found.close, found.expects) == (None, False, protocol < (1, 1), False)
    assert found.line == text.split("\r\n")[0]


@pytest.mark.parametrize(("line", "status"), [
    (b"", 400), (b"GET", 400), (b"GET /", 400), (b"GET /  HTTP/1.1", 400), (b"GET  / HTTP/1.1", 400), (b" GET / HTTP/1.1", 400),
    (b"GET / HTTP/1.1 ", 400), (b"GET\t/\tHTTP/1.1", 400), (b"G@T / HTTP/1.1", 400), (b"G\x00T / HTTP/1.1", 400), (b"GET / http/1.1", 400),
    (b"GET / HTTP/1.10", 400), (b"GET / HTTP/01.1", 400), (b"GET / HTTP/1,1", 400), (b"GET / HTTQ/1.1", 400), (b"GET / HTTP/+1.1", 400),
    (b"GET / HTTP/2.0", 505), (b"GET / HTTP/0.9", 505), (b"GET / HTTP/1.1\r", 400), (b"GET x HTTP/1.1", 400), (b"GET /#a HTTP/1.1", 400),
    (b"GET * HTTP/1.1", 400), (b"GET /a\tb HTTP/1.1", 400), (b"GET /a\x00 HTTP/1.1", 400), (b"GET /a\x7f HTTP/1.1", 400),
    (b"GET  HTTP/1.1", 400), (b"GET ftp://h/ HTTP/1.1", 400), (b"GET x://h/echo HTTP/1.1", 400), (b"GET http:///x HTTP/1.1", 400),
    (b"GET http://a@b/ HTTP/1.1", 400), (b"CONNECT [::g]:1 HTTP/1.1", 400), (b"CONNECT h: HTTP/1.1", 400), (b"GET http://h:x/ HTTP/1.1", 400), (b"CONNECT /x HTTP/1.1", 400), (b"CONNECT h HTTP/1.1", 400),
    (b"GET /" + b"x" * LIMIT + b" HTTP/1.1", 414),
])
def test_a_line_that_is_none(line, status):
    assert refusal(parse_line, line, LIMIT) == status


@pytest.mark.parametrize(("line", "method", "path", "query", "host"), [
    (b"GET http://h:81/a?b HTTP/1.1", "GET", "/a", "b", "h:81"), (b"GET HTTPS://h HTTP/1.1", "GET", "/", "", "h"),
    (b"GET http://h?q HTTP/1.1", "GET", "/", "q", "h"), (b"GET http://[::1]:8/ HTTP/1.1", "GET", "/", "", "[::1]:8"),
    (b"OPTIONS * HTTP/1.1", "OPTIONS", "*", "", ""), (b"CONNECT h:443 HTTP/1.1", "CONNECT", "h:443", "", ""),
    (b"GET //sub HTTP/1.1", "GET", "//sub", "", ""), (b"get /?a=b?c HTTP/1.0", "get", "/", "a=b?c", ""),
    (b"GET /" + b"x" * (LIMIT - 14) + b" HTTP/1.1", "GET", "/" + "x" * (LIMIT - 14), "", ""), (b"GET /\xe9 HTTP/1.1", "GET", "/\xe9", "", ""),
])
def test_the_forms_of_a_target(line, method, path, query, host):
    found = parse_line(line, LIMIT)
    assert (found.method, found.path, found.query, found.host) == (method, path, query, host)


@pytest.mark.parametrize("line", [
    b"", b"no colon", b"X Y: 1", b"Content-Length : 5", b"Transfer-Encoding\t: chunked", b" folded", b"\tfolded", b": nameless", b"a\x00: 1",
    b"a: \x00", b"a: 1\rb: 2", b"a: 1\nb: 2", b"a: 1\x0b", b"a: \x7f", b"X\xe9: 1", b'"a": 1', b"a(b): 1", b"a:1\r",
])
def test_a_field_that_is_none(line):
    assert refusal(parse_fields, [line]) == 400
    assert refusal(head, b"b: 1", line, b"Content-Length: 5") == 400, "whatever follows it"


@pytest.mark.parametrize(("line", "field"), [
    (b"a:", ("a", "")), (b"a:b", ("a", "b")), (b"a: \t b \t", ("a", "b")), (b"a: b: c", ("a", "b: c")), (b"a: b\tc  d", ("a", "b\tc  d")),
    (b"A!#$%&'*+-.^_`|~9: \xe9", ("A!#$%&'*+-.^_`|~9", "\xe9")), (b"a:: b", ("a", ": b")),
])
def test_a_field(line, field):
    assert parse_fields([line]) == [field]


def test_how_many_fields_there_may_be():
    assert len(parse_fields([b"a: 1"] * MAX_FIELDS)) == MAX_FIELDS
    assert refusal(parse_fields, [b"a: 1"] * (MAX_FIELDS + 1)) == 431


def test_fields_of_one_name_are_one_list_and_cookies_are_joined_otherwise():
    found = head(b"Accept: a", b"ACCEPT: b", b"cookie: a=1", b"Cookie: b=2").headers
    assert (found["accept"], found["Cookie"]) == ("a, b", "a=1; b=2")


@pytest.mark.parametrize(("values", "length"), [
    ([], None), (["0"], 0), (["5"], 5), (["05"], 5), (["5", "5"], 5), (["5, 5"], 5), (["9" * 5000], 10 ** 19), (["0" * 5000 + "7"], 7),
    ([""], 400), (["5,"], 400), (["5", "6"], 400), (["5, 6"], 400), (["+5"], 400), (["-5"], 400), (["0x5"], 400), (["5.0"], 400), (["5 5"], 400),
    (["\xa05"], 400), (["٥".encode().decode("latin-1")], 400), (["5\x85"], 400), (["1_0"], 400), (["5", "05"], 400),
])
def test_lengths(values, length):
    found = head(*(b"Content-Length: " + value.encode("latin-1") for value in values))
    assert (refusal(lambda: found.length) if length == 400 else found.length) == length


@pytest.mark.parametrize(("values", "outcome"), [
    ([], False), (["chunked"], True), (["Chunked"], True), ([", chunked ,"], True), (["chunked, chunked"], 400), (["chunked", "chunked"], 400),
    (["gzip, chunked"], 501), (["gzip", "chunked"], 501), (["chunked, gzip"], 400), (["identity"], 400), (["gzip"], 400), ([""], 400), ([","], 400),
    (["xchunked"], 501), (["\xa0chunked"], 400), (["chunked;q=1"], 400), (['"chunked"'], 400), (["chunked\x0b"], None),
])
def test_codings(values, outcome):
    lines = [b"Transfer-Encoding: " + value.encode("latin-1") for value in values]
    if outcome is None:
        assert refusal(head, *lines) == 400
        return
    found = head(*lines)
    assert (found.chunked if isinstance(outcome, bool) else refusal(lambda: found.chunked)) == outcome


@pytest.mark.parametrize("lines", [(b"Transfer-Encoding: chunked", b"Content-Length: 5"), (b"Content-Length: 5", b"transfer-encoding: chunked")])
def test_a_body_with_two_ends(lines):
    found = head(*lines)
    assert refusal(lambda: found.chunked) == 400


def test_chunks_are_not_of_http_1_0():
    found = head(b"Transfer-Encoding: chunked", line=b"POST / HTTP/1.0")
    assert refusal(lambda: found.chunked) == 400


@pytest.mark.parametrize(("protocol", "connection", "close"), [
    (b"1", None, False), (b"1", b"close", True), (b"1", b"Close", True), (b"1", b"keep-alive", False), (b"1", b"keep-alive, close", True),
    (b"1", b"x ,\tclose", True), (b"1", b"closed", False), (b"0", None, True), (b"0", b"Keep-Alive", False), (b"0", b"keep-alive, close", True),
    (b"0", b"upgrade", True), (b"1", b"\x85close", False),
])
def test_whether_a_connection_goes_on(protocol, connection, close):
    lines = [] if connection is None else [b"Connection: " + connection]
    assert head(*lines, line=b"GET / HTTP/1." + protocol).close is close


def test_expectations():
    assert head(b"Expect: 100-Continue").expects is True
    assert head(b"Expect: 100-continue", line=b"GET / HTTP/1.0").expects is False
    assert head(b"Expect: 100-continue, ,100-continue").expects is True
    for wrong in (b"200-ok", b"100-continue, x", b"100-continue;a=b"):
        assert refusal(head, b"Expect: " + wrong) == 417
    assert head(b"Expect: 200-ok", line=b"GET / HTTP/1.0").expects is False


@pytest.mark.parametrize(("host", "found"), [
    (b"a", "a"), (b"a.b:80", "a.b:80"), (b"a:", "a:"), (b"[::1]:8", "[::1]:8"), (b"", ""), (b"a_b~%41", "a_b~%41"), (b"10.0.0.1", "10.0.0.1"),
    (b"a,b", "a,b"),  # RFC 3986, section 3.2.2: a comma may be in a name; two fields are another thing
])
def test_hosts(host, found):
    assert head(host=b"Host: " + host).host == found


@pytest.mark.parametrize("host", [
    b"a b", b"a/b", b"a@b", b"a:b", b"a:1:2", b"::1", b"[::1", b"[::1]x", b"<a>", b"a\\b", b"a?b", b"%4", b":80", b'"a"', b"a\xe9", b"a#b", b"[::g]", b"[1::2::3]", b"[1.2.3.4]",
])
def test_hosts_that_are_none(host):
    assert refusal(head, host=b"Host: " + host) == 400


def test_one_host_is_needed_and_the_target_s_own_counts_for_more():
    assert refusal(head, host=None) == 400
    assert refusal(head, b"Host: a") == 400
    assert head(host=None, line=b"GET / HTTP/1.0").host == ""
    found = head(line=b"GET http://b:1/x HTTP/1.1")
    assert (found.host, found.headers["Host"], found.path) == ("b:1", "b:1", "/x")
