"""Further servers within the process of the app "engine": threads that are late or not to be had, and a host of two addresses."""
import socket
import sys
import threading

from engine_channels import IPV4, answered, made, refusal
from engine_copies import SECONDS, kind, until
from engine_probes import probe

#: More than a process can have of memory, so that the system makes no thread with such a stack.
TOO_MUCH = 1 << 47


def refused(address):
    """Whether nobody listens at an address any more."""
    sock = socket.socket(IPV4, socket.SOCK_STREAM)
    sock.settimeout(5)
    try:
        sock.connect(address)
    except (OSError, socket.error) as error:
        return kind(error) == "ECONNREFUSED"
    finally:
        sock.close()
    return False


def workers():
    """The threads of this process that serve."""
    return set(thread for thread in threading.enumerate() if thread.name == "HTTP worker")


@probe
def late_threads(web, say):
    """A client that was accepted before the stop, and whose thread has not begun with it then."""
    begins, may_go_on, stopped = threading.Event(), threading.Event(), threading.Event()

    def hold(frame, event, argument):
        if frame.f_code.co_name == "run" and threading.current_thread().name == "HTTP worker":
            sys.setprofile(None)
            begins.set()
            may_go_on.wait(SECONDS)

    def stop():
        server.stop()
        stopped.set()

    before = workers()
    server = made(web, socket_host=web.server.socket_host, socket_port=0, thread_pool=0)
    server.start()
    address = server.bound_addr
    say("%s; its thread has ended: %s" % (answered(address), until(lambda: workers() <= before)))
    client = socket.socket(IPV4, socket.SOCK_STREAM)
    client.settimeout(SECONDS)
    stopping = threading.Thread(target=stop)
    threading.setprofile(hold)
    try:
        client.connect(address)
        client.sendall(b"GET / HTTP/1.1\r\nHost: here\r\n\r\n")
        say("the next one's is there: %s" % begins.wait(SECONDS))
        threading.setprofile(None)
        stopping.start()
        say("nobody else is accepted: %s" % until(lambda: refused(address)))
        say("the stop waits for it: %s" % (not stopped.wait(1)))
    finally:
        threading.setprofile(None)
        may_go_on.set()
    said = client.recv(65536).decode("latin-1")
    say("%s; told that the connection ends: %s" % (said.splitlines()[0], "\r\nConnection: close\r\n" in said))
    stopping.join(SECONDS)
    say("the server has stopped: %s" % stopped.is_set())
    client.close()


@probe
def no_threads(web, say):
    """A client for which the system has no thread is refused, and nothing waits for it; later ones are served."""
    server = made(web, socket_host=web.server.socket_host, socket_port=0, thread_pool=0, shutdown_timeout=3)
    server.start()
    usual = threading.stack_size(TOO_MUCH)
    try:
        say("no thread to be had: %s" % answered(server.bound_addr))
    finally:
        threading.stack_size(usual)
    say("threads again: %s" % answered(server.bound_addr))
    server.stop()


@probe
def two_addresses(web, say):
    """A host of two addresses: the server listens at the first of them, and asks whether the port is free there."""
    real, first, second = socket.getaddrinfo, web.server.socket_host, "127.0.0.2"

    def with_two(host, *args):
        return real(first, *args) + real(second, *args) if host == "two.example" else real(host, *args)

    for holder, where in ((first, "first"), (second, "other")):
        held = socket.socket(IPV4, socket.SOCK_STREAM)
        socket.getaddrinfo = with_two
        try:
            held.bind((holder, 0))
            held.listen(1)
            port = held.getsockname()[1]
            say("the port is taken at the %s: %s" % (where, refusal(made(
                web, socket_host="two.example", socket_port=port, free_timeout=0.3))))
        finally:
            socket.getaddrinfo = real
            held.close()
