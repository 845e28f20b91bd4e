"""Further servers within the process of the app "engine", and what the sockets of its server are like."""
import errno
import fcntl
import os
import re
import resource
import select
import socket
import struct
import subprocess
import sys
import threading
import time

from engine_copies import STARTED, Copy, ask, kind, read, until
from engine_probes import probe

IPV4, IPV6, UNIX = socket.AF_INET, socket.AF_INET6, socket.AF_UNIX


def answered(address, family=IPV4, path="/"):
    """What a client sees at an address, in a few words."""
    line, body = ask(address, path, family)
    return "%s, %s" % (line, body) if body else line


def made(web, **settings):
    """A further server, not started yet, and not on the bus."""
    server = web.Server()
    for name, value in settings.items():
        setattr(server, name, value)
    return server


def refusal(server):
    """Why it does not start."""
    try:
        server.start()
    except Exception as error:
        return kind(error) if error.args[1:] else re.sub(r"\d{4,5}", "N", str(error))
    server.stop()
    return "started"


@probe
def channels(web, say):
    """Each kind of address, asked by clients of both families."""
    for host in ("127.0.0.1", "localhost", "0.0.0.0", "", "::1", "::"):
        server = made(web, socket_host=host, socket_port=0)
        say("%r: to be bound %s" % (host, server.bind_addr))
        server.start()
        bound, port = server.bound_addr
        say("%r: bound %s; %s" % (host, re.sub("%d" % port, "N", str((bound, port))), server.base().replace(str(port), "N")))
        say("%r: IPv4 %s; IPv6 %s" % (host, answered(("127.0.0.1", port)), answered(("::1", port), IPV6)))
        before = server.httpserver
        server.start()
        say("%r: started again, the same server: %s" % (host, server.httpserver is before))
        server.stop()
        say("%r: stopped: IPv4 %s" % (host, answered(("127.0.0.1", port))))
        server.stop()
    for port in (0, 8080):
        nowhere = made(web, socket_host="203.0.113.7", socket_port=port, free_timeout=0.3)
        say("an address that is not here: %s" % refusal(nowhere))
    say("a port that is taken: %s" % refusal(made(
        web, socket_host=web.server.socket_host, socket_port=web.server.socket_port, free_timeout=0.3)))
    usual = made(web, socket_host="127.0.0.1", socket_port=80)
    secure = made(web, socket_host="", socket_port=443, ssl_certificate="a.pem")
    say("%s %s %r" % (usual.base(), secure.base(), usual))


@probe
def unix_sockets(web, say):
    """A socket in the file system: of one's own, one that is stale, one that is taken, and a file that is none."""
    path, mode = os.path.abspath("u.sock"), mode_of_files()
    server = made(web, socket_file=path)
    say("%s %s %s" % (server.bind_addr == path, server.base() == "http+unix://" + path, repr(server).replace(path, "PATH")))
    server.start()
    say("answers: %s; bound: %s" % (answered(path, UNIX), server.bound_addr == path))
    say("the client is called: %s" % answered(path, UNIX, "/client"))
    say("inherited by children: %d; files have the mode that they had: %s" % (inherited(), mode_of_files() == mode))
    say("taken: %s; answers still: %s" % (refusal(made(web, socket_file=path)), answered(path, UNIX)))
    aside = made(web, socket_file=path + ".2", socket_host=web.server.socket_host, socket_port=web.server.socket_port)
    say("whoever has the port: %s" % refusal(aside))
    server.stop()
    say("gone: %s" % (not os.path.exists(path)))
    stale = socket.socket(UNIX, socket.SOCK_STREAM)
    stale.bind(path)
    stale.close()
    server.start()
    say("in place of a stale one: %s" % answered(path, UNIX))
    server.stop()
    with open(path, "w") as file:
        file.write("mine")
    say("a file that is no socket: %s, and %s" % (refusal(made(web, socket_file=path)), read(path)))
    os.remove(path)


@probe
def unix_datagrams(web, say):
    """A socket of another kind in the place of one's own."""
    path = os.path.abspath("d.sock")
    other = socket.socket(UNIX, socket.SOCK_DGRAM)
    other.bind(path)
    why = refusal(made(web, socket_file=path))
    say("a socket for datagrams: %s; it is still there: %s" % (why, os.path.exists(path)))
    other.close()
    if os.path.exists(path):
        os.remove(path)


@probe
def without_host(web, say):
    """What the server is called where its client does not say."""
    for host, family in (("127.0.0.1", IPV4), ("::1", IPV6)):
        server = made(web, socket_host=host, socket_port=0)
        server.start()
        port = server.bound_addr[1]
        line, body = ask((host, port), "/client", family, send=b"GET /client HTTP/1.0\r\n\r\n")
        say("%s, %s" % (line, body.replace("%d" % port, "N")))
        server.stop()


@probe
def head_without_pause(web, say):
    """A head that never ends, and of which more is always there."""
    server = made(web, socket_host="127.0.0.1", socket_port=0, header_timeout=0.2, max_request_header_size=10 ** 9)
    server.start()
    client = socket.socket(IPV4, socket.SOCK_STREAM)
    client.settimeout(10)
    client.connect(server.bound_addr)
    client.sendall(b"GET / HTTP/1.1\r\nX-Endless: ")
    limit = time.time() + 4
    while time.time() < limit and not select.select([client], [], [], 0)[0]:
        client.sendall(b"endless " * 8192)
    say("refused in time: %s" % (time.time() < limit and client.recv(12) == b"HTTP/1.1 408"))
    client.close()
    server.stop()


@probe
def gone_before_the_head(web, say):
    """A client that has reset its connection before there is an answer: what the handler has opened for it is closed."""
    begun, gone, closed = threading.Event(), threading.Event(), threading.Event()

    class Body(object):
        def __iter__(self):
            return iter([b"nobody reads it"])

        def close(self):
            closed.set()

    class Late(object):
        @web.expose
        @web.config(**{"response.stream": True})
        def index(self):
            begun.set()
            gone.wait(10)
            return Body()

    tree = web.Tree()
    tree.mount(Late())
    server = web.Server(tree)
    server.socket_host, server.socket_port = "127.0.0.1", 0
    server.start()
    client = socket.create_connection(server.bound_addr, 10)
    client.sendall(b"GET / HTTP/1.1\r\nHost: here\r\n\r\n")
    say("asked: %s" % begun.wait(10))
    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    client.close()
    gone.set()
    say("closed: %s" % closed.wait(10))
    server.stop()


@probe
def subscribed(web, say):
    """A server that has left the bus is neither started nor stopped by it."""
    server, other = made(web, socket_host="127.0.0.1", socket_port=0), made(web, socket_host="127.0.0.1", socket_port=0)
    for each in (server, other):
        each.subscribe()
    other.unsubscribe()
    web.engine.start()
    say("the one on the bus: %s; the one that left: %s" % (answered(server.bound_addr), other.httpserver))
    server.unsubscribe()
    server.stop()


@probe
def own_site(web, say):
    """A server with a tree of its own does not serve the other's."""
    class Other(object):
        @web.expose
        def index(self):
            return "the other site"

    tree = web.Tree()
    tree.mount(Other(), "/here")
    server = web.Server(tree)
    server.socket_host, server.socket_port = "127.0.0.1", 0
    server.start()
    port = server.bound_addr[1]
    say("its own: %s; the other's: %s" % (answered(("127.0.0.1", port), path="/here/"), ask(("127.0.0.1", port), "/state")[0]))
    say("on the other's channel: %s" % ask(web.server.bound_addr, "/here/")[0])
    server.stop()


def descriptors():
    """The sockets of this process, as sockets of our own, and whether a child would inherit each."""
    numbers = [int(name) for name in os.listdir("/proc/self/fd")]
    kinds = [(number, os.readlink("/proc/self/fd/%d" % number)) for number in numbers if alive_descriptor(number)]
    inherited = [(number, not fcntl.fcntl(number, fcntl.F_GETFD) & fcntl.FD_CLOEXEC)
                 for number, target in kinds if target.startswith("socket:")]
    return [(socket.fromfd(number, IPV4, socket.SOCK_STREAM), is_so) for number, is_so in inherited]


def inherited():
    """How many sockets of this process a child would inherit."""
    found = descriptors()
    for sock, _ in found:
        sock.close()
    return sum(is_so for _, is_so in found)


def mode_of_files():
    """The mode that a file has which is made now."""
    open("mode.txt", "w").close()
    mode = os.stat("mode.txt").st_mode & 0o777
    os.remove("mode.txt")
    return mode


def alive_descriptor(number):
    """Whether it is open: that of the listing is not any more."""
    return os.path.lexists("/proc/self/fd/%d" % number)


@probe
def sockets(web, say):
    """What a child would inherit, how the connection of this request is set up, and for how many clients there is room."""
    remote = (web.request.remote.ip, web.request.remote.port)
    found = descriptors()
    say("inherited by children: %d" % sum(inherited for _, inherited in found))
    for sock, _ in found:
        try:
            if sock.getpeername() == remote:
                say("sends without delay: %s" % bool(sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)))
        except socket.error:
            if sock.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN):
                room = struct.unpack("II", sock.getsockopt(socket.IPPROTO_TCP, 11, 104)[24:32])[1]  # TCP_INFO
                say("room for more than a hundred clients: %s" % (room >= 100))
                say("passes over connections that linger: %s" % bool(sock.getsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR)))
        sock.close()


class Counting(object):
    """A stream that counts the writes that have a text in them."""

    def __init__(self, stream, text):
        self.stream, self.text, self.count = getattr(stream, "buffer", stream), text, 0

    def write(self, data):
        """Count, and pass it on."""
        self.count += self.text in data
        self.stream.write(data)

    def flush(self):
        """Pass it on."""
        self.stream.flush()


@probe
def no_descriptors(web, say):
    """A client that comes when no descriptor is left is served when there is one again."""
    client = socket.socket(IPV4, socket.SOCK_STREAM)
    client.settimeout(10)
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    real, sys.stderr = sys.stderr, Counting(sys.stderr, b"No connection can be accepted: [Errno %d]" % errno.EMFILE)
    time.sleep(0.3)  # nothing is opened or closed any more
    spare = os.dup(0)
    os.close(spare)
    resource.setrlimit(resource.RLIMIT_NOFILE, (spare, hard))
    try:
        client.connect(web.server.bound_addr)
        time.sleep(1.2)
        said = sys.stderr.count
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
        sys.stderr = real
    client.sendall(b"GET / HTTP/1.0\r\n\r\n")
    say("it is served: %s" % client.recv(65536).startswith(b"HTTP/1.1 200 OK"))
    client.close()
    say("what is wrong is said: %s; all the time: %s" % (said > 0, said > 5))


def handed_over(web, sock, name, variables="os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS='1')", environment=None):
    """A copy that is started as systemd does it: with a socket as its descriptor 3."""
    program = "import os, sys; %s; os.execv(sys.executable, [sys.executable, '-s', '-E'] + sys.argv[1:])" % variables

    class Handed(Copy):
        def started(self, command, output, environment):
            return subprocess.Popen(
                [sys.executable, "-c", program] + command, stdout=output, stderr=subprocess.STDOUT, env=environment,
                close_fds=False, preexec_fn=lambda: os.dup2(sock.fileno(), 3))

    return Handed(web, name, environment=environment)


@probe
def handed_in(web, say):
    """A socket that the process was started with is its channel."""
    sock = socket.socket(IPV4, socket.SOCK_STREAM)
    sock.bind(("127.0.0.1", 0))
    copy = handed_over(web, sock, "handed", environment={"LISTENERS": "graceful 90 cycle"})
    try:
        say("starts: %s" % until(lambda: STARTED in read(copy.log)))
        say("%s; on the channel of the command line: %s" % (answered(sock.getsockname()), answered((copy.host, copy.port))))
        copy.signal("USR1")
        say("stops, and starts again: %s" % until(lambda: read(copy.log).count(STARTED) == 2))
        say("%s; on the channel of the command line: %s" % (answered(sock.getsockname()), answered((copy.host, copy.port))))
        copy.signal("TERM")
        say("ends: %s with %s" % (copy.ends(), copy.process.poll()))
    finally:
        copy.end()
        sock.close()


@probe
def handed_in_families(web, say):
    """Sockets of each family, a second one for a second server, and variables that are not meant for this process."""
    for family, address in ((IPV4, ("127.0.0.1", 0)), (IPV6, ("::1", 0)), (UNIX, os.path.abspath("handed.sock"))):
        sock = socket.socket(family, socket.SOCK_STREAM)
        sock.bind(address)
        name = "handed-%d" % family
        copy = handed_over(web, sock, name, environment={"FIRST": "serve %s 0" % web.server.socket_host})
        try:
            until(lambda name=name: STARTED in read(name + ".log"))
            where = sock.getsockname()
            say("%s: %s" % ({IPV4: "IPv4", IPV6: "IPv6", UNIX: "unix"}[family], answered(where, family)))
            port = str(where[1]) if family != UNIX else "no port"
            first, second = re.findall("Serving on .*", read(copy.log))
            say("%s; the second server has its own: %s" % (
                first.replace(port, "N").replace(os.getcwd(), "."), not second.endswith(":" + port) and "unix" not in second))
        finally:
            copy.end()
            sock.close()
    for what, variables in (
            ("another process's", "os.environ.update(LISTEN_PID='1', LISTEN_FDS='1')"),
            ("none", "os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS='0')"),
            ("an empty number", "os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS='')"),
            ("no number", "os.environ.update(LISTEN_PID=str(os.getpid()))")):
        sock = socket.socket(IPV4, socket.SOCK_STREAM)
        sock.bind(("127.0.0.1", 0))
        copy = handed_over(web, sock, "passed-over", variables)
        try:
            say("%s: %s; on the channel of the command line: %s" % (what, copy.serves(), copy.ask("/")))
        finally:
            copy.end()
            sock.close()


@probe
def port_of_the_system(web, say):
    """Port 0: the system chooses, and the log tells which."""
    copy = Copy(web, "zero", port=0)
    try:
        say("starts: %s" % (until(lambda: STARTED in read(copy.log) or copy.ended) and not copy.ended))
        port = int((re.findall(r"Serving on .*:(\d+)", read(copy.log)) or ["0"])[0])
        say("one that is free: %s; %s" % (port > 1023, answered((copy.host, port))))
        if not copy.ended:
            copy.signal("TERM")
        say("ends: %s with %s; then: %s" % (copy.ends(), copy.process.poll(), answered((copy.host, port))))
    finally:
        copy.end()


@probe
def together(web, say, clients="6", path="/slow?seconds=1"):
    """Clients that come at once are served at once."""
    seen = []
    began = time.time()
    address = (web.server.socket_host, web.server.socket_port)
    threads = [threading.Thread(target=lambda: seen.append(ask(address, path))) for _ in range(int(clients))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    say("%d answers: %s; one after the other: %s" % (len(seen), sorted(set(seen)), time.time() - began > 5))
