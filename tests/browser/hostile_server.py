"""A server with harmful answers: it runs as a subject of test_hostile, and needs only the standard library."""

import socket
import sys
import threading

ATTACK = b"</script><script>document.title='owned'</script><img src=x onerror=document.title='owned'><svg onload=alert(1)>"
ESCAPES = b"\x1b[31mred\x1b]0;owned\x07\x1b[2J"
INVALID = b"\xff\xfe\xc3\x28\xed\xa0\x80 \x00 end"
LARGE = 50 * 1024 * 1024

BODIES = {b"/script": ATTACK, b"/escape": ESCAPES, b"/invalid": INVALID, b"/large": b"x" * LARGE}


def answer(connection):
    """Send one answer and close, whatever the client does."""
    try:
        request = connection.recv(65536)
        path = request.split(b" ")[1] if b" " in request else b"/"
        body = BODIES.get(path, b"hello")
        sys.stdout.buffer.write(b"GET " + path + b" " + ATTACK + ESCAPES + INVALID + b"\n")
        sys.stdout.buffer.flush()
        connection.sendall(b"HTTP/1.1 200 <b>" + INVALID[:3] + b"\r\nX-Attack: " + ATTACK + b"\r\nX-Invalid: " + INVALID[:3]
                           + b"\r\nConnection: close\r\nContent-Length: " + str(len(body)).encode() + b"\r\n\r\n")
        connection.sendall(body)
    except OSError:
        return
    finally:
        connection.close()


def main(host, port):
    """Write 2 MB of log, then serve until a signal ends the process."""
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((host, int(port)))
    listener.listen(16)
    print("ready", flush=True)
    for _ in range(2000):
        sys.stdout.write("n" * 1000 + "\n")
    sys.stdout.flush()
    while True:
        threading.Thread(target=answer, args=(listener.accept()[0],), daemon=True).start()


if __name__ == "__main__":
    main(*sys.argv[1:])
