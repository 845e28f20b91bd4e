"""The bundled server by its command line, and what it says to settings and options that are not."""
import os
import re
import socket
import subprocess
import sys

from engine_copies import Copy, ask, read, until, without_steering
from engine_probes import probe

FILES = {
    "rootless.py": "x = 1\n",
    "broken.py": "raise ValueError('broken')\n",
    "keyless.py": "{}['nothing']\n",
    "unknown.py": "CONFIG = {'global': {'server.socket_prot': 1}}\nclass Root(object):\n    pass\n",
    "misplaced.py": "CONFIG = {'/': {'server.socket_port': 1}}\nclass Root(object):\n    pass\n",
    "below/told.py": (
        "import os, sys, enginebus\nimport beside\n"
        "CONFIG = {'global': {'server.shutdown_timeout': 3, 'server.socket_timeout': 4, 'server.socket_port': 1},\n"
        "          '/': {'tools.response_headers.on': True, 'tools.response_headers.headers': [('X-Told', 'yes')]}}\n"
        "class Root(object):\n    @enginebus.expose\n    def index(self):\n        server = enginebus.server\n"
        "        return '%s %s %s %s %s %s %s %s' % (server.shutdown_timeout, server.socket_timeout, __name__,\n"
        "            os.path.basename(__file__), sys.modules['app'].Root is Root, beside.x, enginebus.engine.autoreload.on,\n"
        "            enginebus.config.get('server.shutdown_timeout'))\n"
        "    @enginebus.expose\n    def pid(self):\n        return str(os.getpid())\n"
        "    @enginebus.expose\n    def fail(self):\n        raise ValueError('told')\n"),
    "below/beside.py": "x = 'beside'\n",
}


def made_files():
    """The applications of this module, in the working folder."""
    if not os.path.isdir("below"):
        os.mkdir("below")
    for name, text in FILES.items():
        with open(name, "w") as file:
            file.write(text)


class Said(object):
    """A stream that keeps what is written, whether text or bytes."""

    def __init__(self):
        self.text = ""

    def write(self, text):
        """Keep it."""
        self.text += text

    def flush(self):
        """There is nothing to flush."""


def refused(*words):
    """What the command line says to words with which it serves nothing, and how it would end; in this process."""
    from enginebus.__main__ import main
    path, app, streams = list(sys.path), sys.modules.get("app"), (sys.stdout, sys.stderr)
    sys.stdout = sys.stderr = said = Said()
    try:
        main(list(words))
        return "served"
    except SystemExit as leaving:
        last = said.text.strip().splitlines()[-1:] or [str(leaving.code)]
        return "%s: %s" % (1 if isinstance(leaving.code, str) else leaving.code, last[0])
    except Exception as error:
        return "%s: %s" % (type(error).__name__, error)
    finally:
        sys.stdout, sys.stderr = streams
        sys.path[:], sys.modules["app"] = path, app


@probe
def refusals(web, say):
    """Command lines that are not right."""
    made_files()
    for words in (
            (), ("nowhere.py",), ("below",), ("rootless.py",), ("unknown.py",), ("misplaced.py",), ("engine.py", "--port", "x"),
            ("engine.py", "--port", "65536"), ("engine.py", "--port", "-1"), ("engine.py", "--set", "server.thread_pool"),
            ("below/beside.py", "--set", "server.thread_pol=3"), ("engine.py", "--nothing"), ("broken.py",), ("keyless.py",)):
        say("%s: %s" % (" ".join(words), refused(*words)))
    child = subprocess.Popen([sys.executable, "-s", "-E", "-m", "enginebus", "nowhere.py"], stderr=subprocess.PIPE,
                             env=without_steering(), close_fds=True)
    said = child.communicate()[1].decode("utf-8")
    say("as a process: %s, %s" % (child.returncode, said))
    child = subprocess.Popen([sys.executable, "-s", "-E", "-m", "enginebus", "--help"], stdout=subprocess.PIPE,
                             env=without_steering(), close_fds=True)
    said = child.communicate()[0].decode("utf-8")
    say("help: %s, %s" % (child.returncode, [word for word in (
        "python -m enginebus", "--host HOST", "--port PORT", "--unix-socket PATH", "--certificate FILE", "--key FILE",
        "--environment NAME", "--set NAME=VALUE", "--daemon", "--pid-file FILE", "--no-autoreload", "default 127.0.0.1",
        "default 8080", "class Root") if word not in " ".join(said.split())]))


def told(web, say, what, options, paths=("/",), address=None):
    """Serve the application "told" with options, and say what it answers."""
    copy = Copy(web, "told", command=["-m", "enginebus", os.path.join("below", "told.py")] + options)
    try:
        until(lambda: read(copy.log).count("Bus STARTED") > copy.starts or copy.process.poll() is not None)
        for path in paths:
            line, body = ask(address or (copy.host, copy.port), path, socket.AF_UNIX if address else socket.AF_INET)
            page = "a page, with a traceback: %s" % ("ValueError: told" in body)
            say("%s: %s: %s" % (what, line, re.sub("(?s)<.*", page, body)))
        copy.signal("TERM")
        say("%s: ends: %s with %s" % (what, copy.ends(), copy.process.poll()))
    finally:
        copy.end()


@probe
def options(web, say):
    """Command lines that are right, and what they set."""
    made_files()
    channel = ["--host", web.server.socket_host, "--port", str(web.server.socket_port + 1)]
    told(web, say, "the file's settings", channel + ["--no-autoreload"])
    told(web, say, "the command line's", channel + [
        "--set", "server.shutdown_timeout=7", "--set", "server.socket_timeout=8.5", "--set", "request.show_tracebacks=True"],
        paths=("/", "/fail"))
    told(web, say, "production", channel + ["--environment", "production", "--set", "log.screen=True"], paths=("/", "/fail"))
    told(web, say, "a port of the system's", ["--host", web.server.socket_host, "--port", "0"])  # nobody is at the usual one
    ports = re.findall(r"Serving on [\d.]+:(\d+)", read("told.log"))
    say("which is one that is free: %s" % (ports[-1] != ports[0] and int(ports[-1]) > 1023))
    told(web, say, "a unix socket", ["--unix-socket", "told.sock"], address="told.sock")
    started = read("told.log").count("Started monitor thread 'Autoreloader'")
    say("the autoreloader runs unless it is told not to: %d of 5" % started)
    told(web, say, "an option, and --set with another value", channel + ["--no-autoreload", "--set", "engine.autoreload.on=True"])


@probe
def background(web, say):
    """--daemon and --pid-file."""
    made_files()
    log = os.path.abspath("background.log")
    copy = Copy(web, "front", log=log, command=[
        "-m", "enginebus", os.path.join("below", "told.py"), "--host", web.server.socket_host, "--port",
        str(web.server.socket_port + 1), "--daemon", "--pid-file", "told.pid", "--set", "log.error_file=" + log])
    try:
        say("it ends: %s with %s" % (copy.ends(), copy.process.poll()))
        say("and serves: %s" % until(lambda: copy.ask("/").startswith("3 4 ")))
        pid = copy.pid()
        say("under the number in the file: %s" % (read("told.pid") == "%d\n" % pid and pid != copy.process.pid))
        say("whose path is absolute: %s" % (os.path.abspath("told.pid") in read(log)))
        copy.signal("TERM", pid)
        say("ends: %s, and the file with it: %s" % (copy.ends(pid), not os.path.exists("told.pid")))
        lines = re.sub(r"\[.*?\] ENGINE ", "", read("front.log")).split("\n")
        say("the screen has what was said before: %s" % sorted(lines[-4:-1]))
    finally:
        copy.end()
