"""A small HTTP/1.1 server that is right about the wire, or wrong in one way: ``right_wire.py HOST PORT [--wrong WAY]``.

It serves the routes of "life" that the checks of ``wire`` ask for. Its parts: right_wire_head, right_wire_body.
"""

import contextlib
import json
import os
import re
import socket
import sys
import threading
import time
from email.utils import formatdate
from urllib.parse import parse_qs

from right_wire_body import framing, read_body
from right_wire_head import Head, read_head
from right_wire_ways import Gone, Refused, Source, ways, wrong

REASONS = {200: "OK", 400: "Bad Request", 404: "Not Found", 405: "Method Not Allowed", 413: "Content Too Large", 414: "URI Too Long",
           417: "Expectation Failed", 431: "Request Header Fields Too Large", 500: "Internal Server Error", 501: "Not Implemented",
           505: "HTTP Version Not Supported"}


def main(host, port):
    """Serve each connection in a thread of its own."""
    listener = socket.create_server((host, int(port)))
    print("ready", flush=True)
    while True:
        threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()


def serve(sock):
    """Answer one request after the other, until somebody closes."""
    source = Source(sock)
    with sock, contextlib.suppress(OSError, Gone):
        try:
            while one(sock, source):
                pass
        except Gone:
            if wrong("dies-with-its-client") and source.data:
                os._exit(3)
            raise
        except Refused as refusal:
            if refusal.status and not wrong("refuses-silently") and not wrong("hangs-up-on-large-bodies"):
                send(sock, Head(), refusal.status, "refused", True)
        linger(sock)


def linger(sock):
    """Close in stages: say the end, and read on, so that the answer is not lost with a reset (RFC 9112, section 9.6)."""
    sock.shutdown(socket.SHUT_WR)
    sock.settimeout(2)
    while sock.recv(65536):
        pass


def one(sock, source):
    """Answer one request; whether the connection is kept."""
    head = read_head(source)
    if head.method == "CONNECT":
        return connect(sock, source, head)
    upgrade = "websocket" in head.members("upgrade") or "nonsense/1" in head.members("upgrade")
    if upgrade and wrong("upgrades"):
        sock.sendall(b"HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: nonsense/1\r\n\r\n")
        return False
    kind, length = framing(head)
    if expects(head, kind, length):
        if (kind, length) == ("length", 0):
            if wrong("expect-needs-a-body"):
                raise Refused
        elif wrong("expect-417"):
            raise Refused(417)
        else:
            sock.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
    if wrong("hangs-up-on-large-bodies") and length > 100000:
        raise Refused
    body = b"" if wrong("leaves-body") else read_body(source, head, kind, length)
    if wrong("drops-behind-a-body"):
        source.data = b""
    kept = keeps(head)
    if wrong("answers-out-of-order") and head.path == "/slow":
        threading.Thread(target=answer, args=(sock, head, body, kept), daemon=True).start()
        return kept
    return answer(sock, head, body, kept) and kept


def connect(sock, source, head):
    """There is no tunnel."""
    if wrong("connect-with-length") or head.path == "tunnel":
        extra = "Content-Length: 0\r\n" if wrong("connect-with-length") else ""
        sock.sendall(f"HTTP/1.1 200 OK\r\n{extra}\r\n".encode())
        return False
    if not wrong("connect-has-a-body"):
        raise Refused(501)
    source.data = b""
    send(sock, head, 501, "no tunnel", False)
    return True


def expects(head, kind, length):
    """Whether the client waits for 100 (RFC 9110, section 10.1.1)."""
    said = head.values("expect")
    if not said or (head.minor == 0 and not wrong("100-in-1.0")):
        return False
    if wrong("expect-case") and said != ["100-continue"]:
        raise Refused(417)
    return [word.lower() for word in said] == ["100-continue"]


def keeps(head):
    """Whether the connection is kept behind the answer (RFC 9112, section 9.3)."""
    options = head.members("connection")
    if wrong("connection-first-line"):
        options = head.values("connection")[:1]
    if wrong("close-case"):
        options = head.values("connection")
    close = head.values("connection") == ["close"] if wrong("close-alone") else "close" in options
    if close and not wrong("ignores-close"):
        return False
    if head.minor == 0:
        return wrong("keeps-1.0") or ("keep-alive" in options and not wrong("no-1.0-keep-alive"))
    return not (wrong("closes-unsaid") or wrong("answers-1.0"))


def answer(sock, head, body, kept):
    """Find the handler, and send what it says; False where the connection was given up."""
    query = parse_qs(head.query)
    status, text = 200, "hello"
    if head.path == "/report":
        print(f"called {head.method} {head.path}", file=sys.stderr, flush=True)
        fields = {name: ", ".join(head.values(name)) for name, _ in head.fields}
        if wrong("last-line-wins"):
            fields = dict(head.fields)
        text = json.dumps({"method": head.method, "path": head.path, "query": head.query, "fields": fields,
                           "length": len(body), "body": body.decode("latin-1")})
    elif head.path == "/size":
        text = f"{head.method} {len(body)} bytes"
    elif head.path == "/slow":
        time.sleep(float(query["seconds"][0]))
        if wrong("half-close-ends"):
            sock.setblocking(False)
            with contextlib.suppress(BlockingIOError):
                if not sock.recv(1, socket.MSG_PEEK):
                    return False
            sock.setblocking(True)
        text = "slow done"
    elif head.path == "/boom":
        status, text = 500, "failed"
    elif head.path == "/big":
        text = "x" * int(query["bytes"][0])
    elif head.path in ("/unread", "/probe"):
        text = {"/unread": "left unread", "/probe": "probe"}[head.path]
    elif head.path != "/":
        status, text = 404, "not found"
    if wrong("posts-need-a-length") and head.method == "POST" and not head.values("content-length"):
        status, text = 400, "length"
    if wrong("405-without-allow") and head.method == "DELETE":
        status, text = 405, "not allowed"
    if wrong("trace-reflects") and head.method == "TRACE":
        text = str(head.fields)
    send(sock, head, status, text, not kept)
    return not (wrong("no-length") and status == 200)


def send(sock, head, status, text, close):
    """Send an answer whole."""
    lines = [f"HTTP/1.{0 if wrong('answers-1.0') else 1} {status} {REASONS[status]}"]
    if not wrong("no-date"):
        lines.append("Date: " + formatdate(usegmt=True))
    data = text.encode("latin-1")
    if wrong("chunks-to-1.0"):
        lines.append("Transfer-Encoding: chunked")
        data = b"%x\r\n" % len(data) + data + b"\r\n0\r\n\r\n"
    elif not wrong("no-length"):
        lines.append(f"Content-Length: {0 if wrong('head-length-0') and head.method == 'HEAD' else len(data)}")
    if close and not (wrong("close-unsaid") or wrong("closes-unsaid")):
        lines.append("Connection: close")
    elif head.minor == 0:
        lines.append("Connection: keep-alive")
    if head.method == "HEAD" and not wrong("head-with-body"):
        data = b""
    sock.sendall("\r\n".join([*lines, "", ""]).encode("latin-1") + data)


if __name__ == "__main__":
    if sys.argv[3:4] == ["--wrong"]:
        assert re.fullmatch("[a-z0-9.-]+", sys.argv[4]), sys.argv[4]
        ways.add(sys.argv[4])
    main(*sys.argv[1:3])
