"""Further servers that the app "engine" starts as processes of their own, asks, and ends again."""
import errno
import os
import signal
import socket
import subprocess
import sys
import time

SECONDS = 20  # for what a copy is to do
STARTED = "ENGINE Bus STARTED"


def until(condition, seconds=SECONDS):
    """Whether a condition holds in time."""
    limit = time.time() + seconds
    while not condition():
        if time.time() > limit:
            return False
        time.sleep(0.03)
    return True


def alive(pid):
    """Whether a process runs; one that has ended and is not waited for yet does not."""
    try:
        with open("/proc/%d/stat" % pid) as stat:
            return stat.read().rpartition(")")[2].split()[0] != "Z"
    except (IOError, OSError):
        return False


def read(path):
    """The text of a file; that of one that is not there is empty."""
    if not os.path.exists(path):
        return ""
    with open(path) as file:
        return file.read()


def kind(error):
    """The name that the system has for an error, or that of its class."""
    return errno.errorcode.get(getattr(error, "errno", None), type(error).__name__)


def ask(address, path, family=socket.AF_INET, send=None):
    """The answer to a GET as (status line, body), or what went wrong and nothing."""
    sock = socket.socket(family, socket.SOCK_STREAM)
    try:
        sock.settimeout(5)
        sock.connect(address)
        sock.sendall(send or ("GET %s HTTP/1.0\r\nHost: localhost\r\n\r\n" % path).encode("ascii"))
        data = b""
        while True:
            part = sock.recv(65536)
            if not part:
                break
            data += part
    except (OSError, socket.error) as error:
        return kind(error), ""
    finally:
        sock.close()
    head, _, body = (data if isinstance(data, str) else data.decode("latin-1")).partition("\r\n\r\n")
    return head.split("\r\n")[0], body


class Copy(object):
    """The same application on another channel, with an environment of its own; its output is the file ``name``.log.

    ``log`` is where it says that it has started, if not there.
    """

    def __init__(self, web, name, channel=2, environment=None, options=(), command=None, log="", port=None):
        self.host = web.server.socket_host
        self.port = web.server.socket_port + channel - 1 if port is None else port
        app = os.path.abspath("engine.py")
        if command is None and web.__name__ == "enginebus":
            command = ["-m", "enginebus", app, "--host", self.host, "--port", str(self.port), "--no-autoreload"]
        elif command is None:
            command = [os.path.abspath(sys.modules["__main__"].__file__), app, self.host, str(self.port)]
        self.output = name + ".log"
        self.log = log or self.output
        self.starts = read(self.log).count(STARTED)
        self.pids = []
        with open(self.output, "ab") as output:
            self.process = self.started(command + list(options), output, dict(without_steering(), **(environment or {})))

    def started(self, command, output, environment):
        """The process, of a command without the interpreter."""
        # A pipe to read from: it is seen that a daemon takes another.
        return subprocess.Popen([sys.executable, "-s", "-E"] + command, stdin=subprocess.PIPE, stdout=output,
                                stderr=subprocess.STDOUT, env=environment, close_fds=True)

    def ask(self, path):
        """The body of an answer."""
        return ask((self.host, self.port), path)[1]

    def serves(self):
        """Whether it has started (once more) in time, and answers."""
        found = until(lambda: read(self.log).count(STARTED) > self.starts)
        self.starts = read(self.log).count(STARTED)
        return found and self.ask("/") == "hello"

    def pid(self):
        """The number of the process that answers; it is ended with the copy."""
        number = int(self.ask("/pid") or "0")
        if number:
            self.pids.append(number)
        return number

    @property
    def ended(self):
        """Whether the process that was started has ended."""
        return self.process.poll() is not None

    def signal(self, name, pid=None):
        """Send it a signal."""
        os.kill(pid or self.process.pid, getattr(signal, "SIG" + name))

    def ends(self, pid=None):
        """Whether it ends in time."""
        return until(lambda: not alive(pid)) if pid else until(lambda: self.process.poll() is not None)

    def end(self):
        """Let nothing of it live on."""
        for pid in [self.process.pid] + self.pids:
            if alive(pid):
                os.kill(pid, signal.SIGKILL)
        self.process.wait()
        if self.process.stdin is not None:
            self.process.stdin.close()


def without_steering():
    """The environment, without what steers this process and its descendants' sockets."""
    steering = ("SETTINGS", "LISTENERS", "FIRST", "PROBES", "LISTEN_FDS", "LISTEN_PID")
    return dict((name, value) for name, value in os.environ.items() if name not in steering)
