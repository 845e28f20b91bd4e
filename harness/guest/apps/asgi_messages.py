"""What the application asgi_report sends: right and wrong messages, each as ASGI has it. Python 3.6 to the newest."""

START = {"type": "http.response.start", "status": 200, "headers": []}
BODY = {"type": "http.response.body", "body": b"hello"}
PART = {"type": "http.response.body", "body": b"hello", "more_body": True}


def start(*headers, **more):
    """The beginning of an answer."""
    return dict(START, headers=list(headers), **more)


class Pairs:
    """Header fields that can be iterated over, and nothing else: neither a list nor a tuple, and without a length."""

    def __iter__(self):
        return iter([[b"x-a", b"b"], [b"content-length", b"5"]])


#: What makes send() raise: the messages before, and the one that is wrong (ASGI specification, "Error Handling").
WRONG = {
    "body-before-start": ([], BODY),
    "two-starts": ([START], START),
    "unknown-type": ([], {"type": "http.response.nonsense"}),
    "str-headers": ([], start(("x-a", "b"))),
    "no-status": ([], {"type": "http.response.start", "headers": []}),
    "str-body": ([START], {"type": "http.response.body", "body": "hello"}),
}
#: Answers, each as the messages that are sent.
ANSWERS = {
    "plain": [start((b"content-length", b"5")), BODY],
    "no-length": [START, PART, dict(BODY, body=b" world")],
    "defaults": [{"type": "http.response.start", "status": 200}, {"type": "http.response.body"}],
    "iterables": [dict(START, headers=Pairs()), BODY],
    "further-keys": [start((b"content-length", b"5"), nonsense=1), dict(BODY, nonsense=1)],
    "order": [start((b"set-cookie", b"z=1"), (b"x-a", b"b"), (b"set-cookie", b"a=2"), (b"content-length", b"5")), BODY],
    "chunked": [start((b"transfer-encoding", b"chunked")), BODY],
    "chunked-and-length": [start((b"transfer-encoding", b"chunked"), (b"content-length", b"5")), BODY],
    "length-too-small": [start((b"content-length", b"3")), BODY],
    "length-too-large": [start((b"content-length", b"10")), BODY],
    "line-end-in-value": [start((b"x-a", b"b\r\nx-injected: c"), (b"content-length", b"5")), BODY],
    "no-content": [start(status=204), BODY],
    "not-modified": [start(status=304), BODY],
}
#: Answers that are never finished, and whether the application then raises.
UNFINISHED = {
    "returns-at-once": ([], False),
    "returns-after-start": ([START], False),
    "returns-after-part": ([START, PART], False),
    "raises-at-once": ([], True),
    "raises-after-part": ([START, PART], True),
    "raises-within-length": ([start((b"content-length", b"10")), PART], True),
}
