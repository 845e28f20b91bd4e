"""Another client's opinion: what our own sees of an answer is what requests sees of it, wherever both can read it."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import requests

from harness.cell.http_client import Client

ANSWERS = {
    "/plain": (200, {"Content-Type": "text/plain"}, b"hello"), "/empty": (200, {}, b""), "/redirect": (303, {"Location": "/plain"}, b"look here"),
    "/gone": (410, {"X-A": "one, two"}, b"gone\nfor ever"), "/none": (204, {}, b""), "/error": (500, {"Content-Type": "text/html"}, b"<p>\xc3\xa9</p>"),
}


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        """Answer as ANSWERS says; /chunked/… in chunks, and without a length where the client is of HTTP/1.0."""
        path = self.path.removeprefix("/chunked")
        status, headers, body = ANSWERS[path]
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        if path != self.path and status != 204:
            self.send_header("Transfer-Encoding", "chunked")
            body = b"".join(b"%x\r\n%b\r\n" % (len(body[n:n + 3]), body[n:n + 3]) for n in range(0, len(body), 3)) + b"0\r\n\r\n"
        elif status != 204:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(b"" if self.command == "HEAD" else body)

    def do_POST(self):
        """Send back what came."""
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(201)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_HEAD = do_GET

    def log_message(self, *words):
        """Say nothing."""


@pytest.fixture(scope="module")
def port():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_port
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize("path", [*ANSWERS, *("/chunked" + path for path in ANSWERS)])
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_an_answer_is_what_another_client_sees(port, method, path):
    client = Client("127.0.0.1", port)
    seen = client.request(method, path, {}, None, 10)
    client.close()
    other = requests.request(method, f"http://127.0.0.1:{port}{path}", allow_redirects=False, timeout=10,
                             headers={"Accept-Encoding": "identity"})
    assert (seen["status"], seen["reason"], seen["body"]) == (other.status_code, other.reason, other.content.decode())
    assert {name.lower(): value for name, value in seen["headers"].items() if name.lower() != "date"} == \
        {name.lower(): value for name, value in other.headers.items() if name.lower() != "date"}
    assert seen["error"] == ""


@pytest.mark.parametrize("body", [b"", b"a=1&b=2", b"\x00\xff" * 100, b"x" * 100_000])
def test_a_body_arrives_as_another_client_sends_it(port, body):
    client = Client("127.0.0.1", port)
    seen = client.request("POST", "/", {}, body, 10)
    client.close()
    other = requests.post(f"http://127.0.0.1:{port}/", data=body, timeout=10)
    assert (seen["status"], seen["body"]) == (other.status_code, other.content.decode("utf-8", "replace"))
