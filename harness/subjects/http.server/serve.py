"""Serve the routes of ``life`` on the standard library's HTTP server, a thread a connection: ``serve.py HOST PORT [CERTIFICATE KEY]``."""
import io
import os
import socket
import ssl
import sys

try:
    from http.server import BaseHTTPRequestHandler, HTTPServer
    from socketserver import ThreadingMixIn
except ImportError:  # Python 2.7
    from BaseHTTPServer import BaseHTTPRequestHandler, HTTPServer
    from SocketServer import ThreadingMixIn

sys.path.insert(0, os.getcwd())
import life  # noqa: E402


class Handler(BaseHTTPRequestHandler):
    """Hands each request to ``life``."""

    protocol_version = "HTTP/1.1"

    def do_GET(self):
        """Answer one request."""
        path, _, query = self.path.partition("?")
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0)) if life.reads(path) else b""
        status, reason, text = life.answer(self.command, path, query, body, self.headers.items())
        self.send_response(status, reason)
        self.send_header("Content-Type", "text/plain")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(b"" if self.command == "HEAD" else text)

    do_HEAD = do_POST = do_PUT = do_GET


class Server(ThreadingMixIn, HTTPServer):
    """As http.server.ThreadingHTTPServer, which is in 3.7 and newer only."""

    daemon_threads = True


def main(host, port, certificate=None, key=None):
    """Serve until a signal ends it."""
    Server.address_family = socket.AF_INET6 if ":" in host else socket.AF_INET
    server = Server((host, int(port)), Handler)
    if certificate:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(certificate, key)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    if not getattr(sys.stderr, "line_buffering", True):  # before 3.9 what is logged is lost when a signal ends it (bpo-13601)
        sys.stderr = io.open(sys.stderr.fileno(), "w", 1, "utf-8", "backslashreplace", closefd=False)
    sys.stderr.write("serving\n")
    sys.stderr.flush()
    server.serve_forever()


if __name__ == "__main__":  # a child of multiprocessing's spawn method imports this file again
    main(*sys.argv[1:])
