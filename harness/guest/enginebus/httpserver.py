"""The HTTP/1.1 server: listens on one channel, and serves each connection on a thread."""
import collections
import errno
import os
import select
import socket
import stat
import threading

from ._compat import close_on_exec, monotonic, socket_from_descriptor
from .connection import Connection
from .ports import reuse_address
from .stream import SSLError

BACKLOG = 128
_BUSY = (b"HTTP/1.1 503 Service Unavailable\r\nServer: enginebus\r\nContent-Type: text/plain;charset=utf-8\r\n"
         b"Content-Length: 51\r\nRetry-After: 1\r\nConnection: close\r\n\r\n"
         b"This server has as many connections as it can serve")
_OUT_OF_FILES = (errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM)


def listening_socket(host, port, path=None):
    """Return a socket that is bound to ``host:port`` or to the path of a unix socket, and not inherited by children."""
    if path is not None:
        sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        address = path
        _remove_stale(path)
    else:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host or None, port, socket.AF_UNSPEC, socket.SOCK_STREAM, 0, socket.AI_PASSIVE)[0]
        sock = socket.socket(family, kind, protocol)
    try:
        close_on_exec(sock)
        if path is None:
            reuse_address(sock)
            if family == socket.AF_INET6 and address[0] != "::":  # an address of IPv6 only; "::" is for both families
                sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        sock.bind(address)
    except Exception:
        sock.close()
        raise
    return sock


def _remove_stale(path):
    """Remove a socket that a server left behind: one on which nobody listens. What is no socket stays, and bind fails."""
    if not os.path.exists(path) or not stat.S_ISSOCK(os.stat(path).st_mode):
        return
    probe = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    probe.setblocking(False)  # a server that has no room for a further client would be waited for
    try:
        probe.connect(path)
    except socket.error as error:
        if error.errno == errno.ECONNREFUSED:
            os.unlink(path)
    finally:
        probe.close()


def handed_in_socket(number=0):
    """Return a socket that the process was started with (LISTEN_FDS; sd_listen_fds(3)), counted from 0, or None."""
    handed = os.environ.get("LISTEN_FDS", "")
    if os.environ.get("LISTEN_PID") == str(os.getpid()) and handed.isdigit() and number < int(handed):
        return socket_from_descriptor(3 + number)
    return None


class Workers(object):
    """Threads that serve connections: up to ``most``; ``spare`` of them stay when there is nothing to do."""

    def __init__(self, most, spare, threads):
        self.most, self.spare = most, spare
        self.serving = {}  # connection -> thread; None until one has begun with it
        self.alive = set()
        self.changed = threading.Condition()
        self._threads = threads
        self._idle = 0
        self._waiting = collections.deque()
        self._count = 0
        self._ended = False

    def take(self, connection):
        """Serve a connection on a thread; False where there are as many as there may be."""
        with self.changed:
            if self._idle > len(self._waiting):
                self.serving[connection] = None
                self._waiting.append(connection)
                self.changed.notify_all()
                return True
            if self._count >= self.most:
                return False
            self._count += 1
            self.serving[connection] = None
        thread = threading.Thread(target=self._work, args=(connection,), name="HTTP worker")
        thread.daemon = True  # a client that hangs must not keep the process alive
        try:
            thread.start()
        except Exception:  # RuntimeError, or thread.error on 2.7: the system has no more threads
            with self.changed:
                self._count -= 1
                self.serving.pop(connection)
            return False
        return True

    def _work(self, connection):
        with self.changed:
            self.alive.add(threading.current_thread())
        try:
            while connection is not None:
                with self.changed:
                    self.serving[connection] = threading.current_thread()
                try:
                    connection.serve()
                finally:
                    with self.changed:
                        self.serving.pop(connection, None)
                        self.changed.notify_all()
                connection = self._next()
        finally:
            self._threads.release()
            with self.changed:
                self._count -= 1
                self.alive.discard(threading.current_thread())
                self.changed.notify_all()

    def _next(self):
        with self.changed:
            if self._ended or self._idle >= self.spare:
                return None
            self._idle += 1
            # Without a time-out: a wait with one is a loop of sleeps on 2.7.
            while not self._waiting and not self._ended:
                self.changed.wait()
            self._idle -= 1
            return self._waiting.popleft() if self._waiting else None

    def end(self):
        """Nothing comes any more."""
        with self.changed:
            self._ended = True
            self.changed.notify_all()

    def leave(self, seconds):
        """Wait for the threads that serve nothing any more: 2.7 takes the modules from under what runs at the very end."""
        with self.changed:
            threads = self.alive - set(self.serving.values()) - set((threading.current_thread(),))
        limit = monotonic() + seconds
        for thread in threads:
            thread.join(max(limit - monotonic(), 0))

    def others(self):
        """The connections that are served by other threads than the calling one."""
        return [each for each, thread in self.serving.items() if thread is not threading.current_thread()]


class HTTPServer(object):
    """Listens on a socket and hands each connection to a worker; ``settings`` are those of its Server."""

    def __init__(self, sock, settings, site, log, requests, bus, context=None):
        self.socket = sock
        self.site, self.log, self.requests, self.context = site, log, requests, context
        for name in ("socket_timeout", "header_timeout", "body_timeout", "max_request_line", "max_request_header_size",
                     "linger"):
            setattr(self, name, getattr(settings, name))
        self._settings = settings
        self._bus = bus
        self.timeout = settings.socket_timeout
        self.stopping = False
        self._interrupt = None
        self._ended = False
        self._workers = Workers(settings.thread_pool_max, settings.thread_pool, bus.threads)
        self._thread = None
        self._wake_reader, self._wake_writer = os.pipe()
        address = sock.getsockname()
        self.address = address
        host = address[0] if isinstance(address, tuple) else "localhost"
        self.authority = ("[%s]:%d" if ":" in host else "%s:%d") % (host, address[1]) if isinstance(address, tuple) else host

    @property
    def max_request_body_size(self):
        """Bytes; it may change while the server runs. 0: any."""
        return self._settings.max_request_body_size

    @property
    def interrupt(self):
        """An exception that ends the server, and the bus with it, when it is set."""
        return self._interrupt

    @interrupt.setter
    def interrupt(self, exception):
        self._interrupt = exception
        self._wake()

    def start(self):
        """Listen, and accept on a thread of its own."""
        self.socket.listen(BACKLOG)
        self.socket.setblocking(False)
        self._thread = threading.Thread(target=self._accept_all, name="HTTPServer")
        self._thread.daemon = True
        self._thread.start()

    def _wake(self):
        os.write(self._wake_writer, b".")

    def _accept_all(self):
        ready = self._readiness()
        while not self._ended:
            try:
                ready()
            except (select.error, OSError):  # EINTR on 2.7
                continue
            if self._interrupt is not None:
                self._bus.exit()
                return
            if not self._ended:
                self._accept_one()

    def _readiness(self):
        """A function that returns when there is a connection to accept, or the server is to end."""
        if not hasattr(select, "poll"):  # Windows, whose select knows sockets only
            return lambda: select.select([self.socket], [], [], 0.1)
        ready = select.poll()
        ready.register(self.socket, select.POLLIN)
        ready.register(self._wake_reader, select.POLLIN)
        return ready.poll

    def _accept_one(self):
        try:
            sock, address = self.socket.accept()
        except socket.error as error:  # a client that has gone again, or no descriptor left
            if error.errno in _OUT_OF_FILES:
                self.log.error("No connection can be accepted: %s" % error)
                with self._workers.changed:  # until one ends
                    self._workers.changed.wait(0.5)
            return
        close_on_exec(sock)
        sock.setblocking(True)
        if not isinstance(address, (bytes, str)):
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if not self._workers.take(Connection(self, sock, address)):
            self._refuse(sock)

    def _refuse(self, sock):
        """503, without waiting for anybody: this thread accepts for all."""
        try:
            sock.setblocking(False)
            if self.context is None:
                sock.send(_BUSY)
                sock.shutdown(socket.SHUT_WR)
                sock.recv(65536)  # what has come is read: a reset would take the answer from the client
        except (socket.error, SSLError):
            return  # the client has gone, or has sent nothing yet
        finally:
            sock.close()

    def stop(self, deadline):
        """Stop listening, end idle connections, wait for handlers that run until the deadline; return how many still run."""
        self.stopping = True
        self._ended = True
        self._wake()
        if self._thread is not threading.current_thread():
            self._thread.join()
        self.socket.close()
        os.close(self._wake_reader)
        os.close(self._wake_writer)
        self._workers.end()
        running = self.wait_for_handlers(deadline)
        self._workers.leave(1.0)
        return running

    def wait_for_handlers(self, deadline):
        """Wait for all connections but the calling thread's own to end; return how many still run at the deadline."""
        workers = self._workers
        with workers.changed:
            while True:
                others = workers.others()
                if not others or monotonic() >= deadline:
                    return len(others)
                for connection in others:
                    if connection.idle:
                        _stop_reading(connection.sock)
                workers.changed.wait(0.05)

    def cut_off(self):
        """End the connections that are still there, as they are."""
        with self._workers.changed:
            for connection in self._workers.others():
                _stop_all(connection.sock)


def _stop_reading(sock):
    """Let a thread that waits for the next request of an idle client read an end of file."""
    try:
        sock.shutdown(socket.SHUT_RD)
    except (OSError, socket.error, ValueError):
        return  # the client, or the connection's own thread, was faster


def _stop_all(sock):
    try:
        sock.shutdown(socket.SHUT_RDWR)
    except (OSError, socket.error, ValueError):
        return  # as above
