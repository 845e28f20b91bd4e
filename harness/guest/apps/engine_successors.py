"""The app "engine" beside others: servers that take each other's place, on a path of the file system and in a PID file."""
import os
import socket
import subprocess
import sys
import threading

from engine_channels import UNIX, answered, made, refusal
from engine_copies import Copy, read, until
from engine_probes import probe


class Held(object):
    """An application whose one page waits until it is let go."""

    def __init__(self):
        self.begun, self.go = threading.Event(), threading.Event()

    def index(self):
        """Wait."""
        self.begun.set()
        self.go.wait(10)
        return "held"

    index.exposed = True


@probe
def unix_successor(web, say):
    """A server that still waits for a handler leaves the path alone that another has taken meanwhile."""
    path, held = os.path.abspath("s.sock"), Held()
    tree = web.Tree()
    tree.mount(held)
    server = web.Server(tree)
    server.socket_file = path
    server.start()
    asking = threading.Thread(target=answered, args=(path, UNIX))
    asking.start()
    say("asked: %s" % held.begun.wait(10))
    stopping = threading.Thread(target=server.stop)
    stopping.start()
    say("it stops: %s" % until(lambda: server.httpserver is None))
    say("its path is free at once: %s" % until(lambda: not os.path.exists(path), 5))
    successor = made(web, socket_file=path)
    successor.start()
    held.go.set()
    stopping.join(10)
    say("it has stopped: %s; the other answers: %s" % (not stopping.is_alive(), answered(path, UNIX)))
    successor.stop()
    asking.join(10)


@probe
def unix_backlog(web, say):
    """Somebody listens on the path, and accepts nobody: that is said at once."""
    path = os.path.abspath("b.sock")
    other = socket.socket(UNIX, socket.SOCK_STREAM)
    other.bind(path)
    other.listen(0)
    clients = []
    for _ in range(3):  # one more than it has room for
        client = socket.socket(UNIX, socket.SOCK_STREAM)
        client.setblocking(False)
        client.connect_ex(path)
        clients.append(client)
    found = []
    trying = threading.Thread(target=lambda: found.append(refusal(made(web, socket_file=path))))
    trying.start()
    trying.join(5)
    say("taken: %s; it is still there: %s" % (found, os.path.exists(path)))
    for sock in clients + [other]:
        sock.close()
    trying.join(10)
    os.remove(path)


@probe
def pid_file_of_another(web, say):
    """Copies that end since their port is taken: a file that was that of a running process is its again, and no other is.

    A copy that has started removes its file at the end, whatever number it found there: numbers are used again.
    """
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    for name, number in (("shared.pid", os.getpid()), ("dead.pid", ended.pid)):
        with open(name, "w") as file:
            file.write("%d\n" % number)
    first = Copy(web, "one", environment={"FIRST": "pid-file shared.pid"})
    others = []
    try:
        say("the first serves: %s" % first.serves())
        say("its number is in the file: %s" % (read("shared.pid") == "%d\n" % first.pid()))
        for name in ("shared", "dead"):
            others.append(Copy(web, name, environment={"FIRST": "pid-file %s.pid" % name}, options=("--set", "server.free_timeout=0.2")))
            say("another ends: %s with %s" % (others[-1].ends(), others[-1].process.poll()))
        say("the file of a dead process is gone: %s" % (not os.path.exists("dead.pid")))
        say("the file is the first's again: %s" % (read("shared.pid") == "%d\n" % first.pid()))
        first.signal("TERM")
        say("the first ends: %s with %s; the file is gone: %s" % (
            first.ends(), first.process.poll(), not os.path.exists("shared.pid")))
    finally:
        for copy in [first] + others:
            copy.end()


@probe
def full_disk(web, say):
    """Requests are answered, although nobody can be told of them: the access log goes to a disk that is full."""
    server = made(web, socket_host="127.0.0.1", socket_port=0)
    server.start()
    real = sys.stdout
    with open("/dev/full", "wb", 0) as full:
        sys.stdout = full
        try:
            say("answers: %s" % answered(server.bound_addr))
            say("and once more: %s" % answered(server.bound_addr))
        finally:
            sys.stdout = real
    server.stop()
