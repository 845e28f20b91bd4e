"""A small server for the tests of the runner: what scenarios notice of it is known."""

import signal
import socket
import sys

NAME = b"tiny"


def answer(path):
    if path == b"/":
        return b"200 OK", b"hello"
    return b"404 Not Found", NAME


def pause():
    return 1


def serve(host, port):
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    listening = socket.socket()
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listening.bind((host, port))
    listening.listen(pause())
    sys.stdout.write("READY\n")
    sys.stdout.flush()
    while True:
        client, _ = listening.accept()
        path = client.recv(65536).split(b" ", 2)[1:2]
        if path:
            status, body = answer(path[0])
            client.sendall(b"HTTP/1.1 %s\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s" % (status, len(body), body))
        client.close()


def unused():
    return 2


if __name__ == "__main__":
    serve(sys.argv[1], int(sys.argv[2]))
