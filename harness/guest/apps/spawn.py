"""Children of each kind, and a socket of the application's own, for the apps that need them."""
import os
import socket
import subprocess
import sys
import time

CHILD_SECONDS = 120  # longer than any cell; the harness ends them

_SLEEP = "import time; time.sleep(%d)" % CHILD_SECONDS
_sockets = []


def popen():
    """A child by subprocess: exec after fork, with the descriptors that are inheritable.

    close_fds=False says so on 3, too, where the default would close them all;
    what stays open is then what PEP 446 decides.
    """
    return subprocess.Popen([sys.executable, "-S", "-c", _SLEEP], close_fds=False).pid


def fork():
    """A child by fork alone: it has every descriptor of its parent."""
    pid = os.fork()
    if pid:
        return pid
    try:
        time.sleep(CHILD_SECONDS)
    finally:
        os._exit(0)


def multiprocessing():
    """A child by multiprocessing's fork method, by name where there is a choice (the default changed in 3.14)."""
    import multiprocessing as module
    context = module.get_context("fork") if hasattr(module, "get_context") else module
    process = context.Process(target=time.sleep, args=(CHILD_SECONDS,))
    process.daemon = True
    process.start()
    return process.pid


def multiprocessing_spawn():
    """A child by multiprocessing's spawn method: a new interpreter, that inherits nothing (3.4 and newer)."""
    import multiprocessing as module
    process = module.get_context("spawn").Process(target=time.sleep, args=(CHILD_SECONDS,))
    process.daemon = True
    process.start()
    return process.pid


def daemon():
    """A child that left: forked twice, a session of its own, and nothing in its environment by which it could be known."""
    reader, writer = os.pipe()
    middle = os.fork()
    if middle:
        os.close(writer)
        os.waitpid(middle, 0)
        try:
            return int(os.read(reader, 20))
        finally:
            os.close(reader)
    try:
        os.setsid()
        pid = os.fork()
        if pid:
            os.write(writer, str(pid).encode("ascii"))
            os._exit(0)
        os.execve(sys.executable, [sys.executable, "-S", "-c", _SLEEP], {})
    finally:
        os._exit(1)


def listen(host, port):
    """Open a listening socket and keep it; whether children inherit it is the Python's default."""
    sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    sock.bind((host, port))
    sock.listen(5)
    _sockets.append(sock)
    return sock.getsockname()[1]


CHILDREN = {
    "popen": popen, "fork": fork, "multiprocessing": multiprocessing, "multiprocessing_spawn": multiprocessing_spawn,
    "daemon": daemon,
}
