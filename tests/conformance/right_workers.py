"""A small server with worker processes, managed by signals as gunicorn's are, or wrong in one way.

``right_workers.py HOST PORT [APP] [--wrong WAY]``; it takes gunicorn's settings from GUNICORN_CMD_ARGS, as far as the checks use
them. A worker is a right_life.Server, and loads its application from life.py, once a check has written one. An APP cannot be loaded.
"""

import argparse
import contextlib
import os
import select
import signal
import socket
import sys
import time

from right_life import WAY, Server, application, say, wrong

BOOT_FAILED = 3
BEAT = 0.2


def settings():
    """What GUNICORN_CMD_ARGS says."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--pid", default="")
    for name, value in (("--workers", 1), ("--timeout", 30), ("--max-requests", 0), ("--graceful-timeout", 3)):
        parser.add_argument(name, type=int, default=value)
    return parser.parse_args(os.environ.get("GUNICORN_CMD_ARGS", "").split())


def load():
    """The application as it is now."""
    if len(sys.argv) > 3 and sys.argv[3].endswith("failing.py"):
        raise RuntimeError("failed on purpose")
    with open("life.py", encoding="utf-8") as file:
        code = file.read()
    if "import spawn" in code:  # as it is in every cell, from harness/guest/apps
        return application
    names = {}
    exec(code, names)
    return lambda path, query: names["answer"](path, query)[2]


class Worker:
    """A worker, as its parent sees it."""

    def __init__(self, pid, beats, generation):
        self.pid, self.beats, self.generation = pid, beats, generation
        self.seen, self.ready, self.told = time.monotonic(), False, 0.0


class Master:
    """It keeps so many workers on one socket."""

    def __init__(self, host, port):
        self.cfg, self.wanted, self.workers, self.generation = settings(), 0, {}, 0
        self.wanted, self.ending, self.successor, self.code = self.cfg.workers, "", 0, 0
        self.loaded = load() if wrong("keeps-code") else None
        self.parent = int(os.environ.pop("UPGRADE_PARENT", "0"))
        given = os.environ.pop("UPGRADE_FD", "")
        self.listener = socket.socket(fileno=int(given)) if given else None
        self.pidfile = self.cfg.pid + (".2" if self.parent else "")
        if self.cfg.pid and not wrong("usr2-again") and self.taken():
            say(f"server.pid: pid file of a server that runs: {self.cfg.pid}")
            sys.exit(1)
        if self.listener is None:
            self.listener = socket.create_server((host, int(port)), backlog=128)
        self.asked, self.asks = os.pipe()
        self.signals = []

    def taken(self):
        """Whether the PID file is that of a living server."""
        try:
            with open(self.pidfile, encoding="ascii") as file:
                pid = int(file.read())
            if not wrong("stale-blocks"):
                os.kill(pid, 0)
        except (OSError, ValueError):
            return False
        return not wrong("overwrites-pid")

    def own_pid(self, name):
        """Write the PID file under a name."""
        if self.cfg.pid:
            self.pidfile = name
            with open(name + "~", "w", encoding="ascii") as file:
                file.write(f"{os.getpid()}\n")
            os.replace(name + "~", name)

    def drop_pid(self):
        """Remove the PID file, if it is ours still."""
        if not self.cfg.pid or wrong("pid-stays"):
            return
        name = self.cfg.pid if wrong("child-removes-pid") else self.pidfile
        with contextlib.suppress(OSError, ValueError):
            with open(name, encoding="ascii") as file:
                ours = int(file.read()) == os.getpid()
            if ours or wrong("removes-any") or wrong("child-removes-pid"):
                os.unlink(name)

    def run(self):
        """Work until a signal ends it."""
        for name in ("TERM", "INT", "QUIT", "HUP", "USR2", "TTIN", "TTOU", "CHLD"):
            signal.signal(getattr(signal, "SIG" + name), self.note)
        self.own_pid(self.pidfile)
        while not self.ending:
            self.care()
            select.select([self.asked], [], [], 0.05)
            while select.select([self.asked], [], [], 0)[0]:
                os.read(self.asked, 1)
            while self.signals:
                getattr(self, "on_" + self.signals.pop(0).lower())()
        return self.finish()

    def note(self, number, frame):
        """Remember a signal."""
        self.signals.append(signal.Signals(number).name[3:])
        os.write(self.asks, b"x")

    def on_term(self):
        """End, and let the workers finish."""
        self.ending = "TERM"

    def on_int(self):
        """End at once."""
        self.ending = "QUIT"

    on_quit = on_int

    def on_chld(self):
        """Somebody has ended: ``care`` asks who."""

    def on_hup(self):
        """Start new workers; ``care`` ends the old ones when those are ready."""
        self.generation += 1
        self.wanted += 1 if wrong("hup-adds") and self.generation > 1 else 0
        if wrong("hup-rebinds"):
            address = self.listener.getsockname()
            self.listener.close()
            self.tell(signal.SIGTERM, self.workers.values())
            time.sleep(0.3)
            self.listener = socket.create_server(address, backlog=128)
        if wrong("hup-kills"):
            self.tell(signal.SIGKILL, self.workers.values())

    def on_ttin(self):
        """One worker more."""
        self.wanted += 0 if wrong("deaf-to-ttin") else 1

    def on_ttou(self):
        """One worker less, but not none."""
        self.wanted = max(0 if wrong("ttou-to-none") else 1, self.wanted - 1)

    def on_usr2(self):
        """A new program on the same socket, unless there is one."""
        if self.successor and not wrong("usr2-again"):
            say("there is a new program already")
            return
        os.set_inheritable(self.listener.fileno(), True)
        changed = {"UPGRADE_PARENT": str(os.getpid()), "UPGRADE_FD": str(self.listener.fileno())}
        self.successor = os.posix_spawn(sys.executable, [sys.executable, *sys.argv], {**os.environ, **changed})

    def tell(self, number, workers):
        """Send workers a signal, once."""
        for worker in workers:
            worker.told = worker.told or time.monotonic()
            with contextlib.suppress(ProcessLookupError):
                os.kill(worker.pid, number)

    def spawn(self):
        """A new worker."""
        beats, told = os.pipe()
        pid = os.fork()
        if not pid:
            self.work(told)
        os.close(told)
        os.set_blocking(beats, False)
        self.workers[pid] = Worker(pid, beats, self.generation)

    def work(self, told):
        """What a worker does."""
        signal.set_wakeup_fd(-1)
        for name in ("HUP", "USR2", "TTIN", "TTOU", "CHLD"):
            signal.signal(getattr(signal, "SIG" + name), signal.SIG_DFL)
        try:
            app = self.loaded or load()
        except Exception as problem:
            say(repr(problem))
            os._exit(BOOT_FAILED)
        server = Server(self.listener, app, shared=True, most=self.cfg.max_requests)
        server.handle()
        signal.signal(signal.SIGQUIT, lambda number, frame: os._exit(0))
        parent = os.getppid()
        signal.signal(signal.SIGALRM, lambda number, frame: os.write(told, b"x") if os.getppid() == parent else os._exit(0))
        signal.setitimer(signal.ITIMER_REAL, BEAT, BEAT)
        os.write(told, b"r")
        say("worker is ready")
        server.run()
        say("Worker exiting")
        os._exit(0)

    def care(self):
        """Reap, replace, and end those that are too many, too old, or hang."""
        self.reap()
        now, serving = time.monotonic(), [one for one in self.workers.values() if not one.told]
        for worker in self.workers.values():
            with contextlib.suppress(BlockingIOError):
                worker.ready = bool(os.read(worker.beats, 99)) or worker.ready
                worker.seen = now
            if now - worker.seen <= self.cfg.timeout or wrong("no-timeout"):
                continue
            if now - worker.seen > self.cfg.timeout + 1:
                self.tell(signal.SIGKILL, [worker])
            else:
                say("WORKER TIMEOUT")
                self.tell(signal.SIGABRT, [worker])
        new = [one for one in serving if one.generation == self.generation]
        if len(new) >= self.wanted and all(one.ready for one in new):
            old = [one for one in serving if one.generation != self.generation]
            self.tell(signal.SIGTERM, old + new[self.wanted:])
            self.replace_parent()
        for _ in range(0 if self.refused() else self.wanted - len(new)):
            self.spawn()
        if new and all(one.ready for one in new) and not self.parent and not getattr(self, "said", False):
            self.said = True
            say("ready")

    def refused(self):
        """Whether no further worker is wanted: the new application cannot be loaded, or this is the mistake."""
        return getattr(self, "failed", -1) == self.generation or (wrong("not-replaced") and getattr(self, "said", False))

    def replace_parent(self):
        """Take over the PID file once the program before this one has gone."""
        if self.parent and os.getppid() != self.parent:
            self.parent = 0
            if self.cfg.pid and not wrong("pid-not-renamed"):
                old = self.pidfile
                self.own_pid(self.cfg.pid)
                os.unlink(old)

    def reap(self):
        """Note who has ended; where no worker can load the application, give up."""
        with contextlib.suppress(ChildProcessError):
            while (ended := os.waitpid(-1, os.WNOHANG))[0]:
                pid, status = ended
                if pid == self.successor:
                    self.successor = 0
                worker = self.workers.pop(pid, None)
                if worker is None or os.waitstatus_to_exitcode(status) != BOOT_FAILED:
                    continue
                self.failed = self.generation
                if not any(one.ready for one in self.workers.values()) or wrong("broken-app-ends-it"):
                    self.ending, self.code = "TERM", 0 if wrong("fails-with-0") else BOOT_FAILED

    def finish(self):
        """End the workers, by force those that are late."""
        if wrong("closes-at-end"):
            self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        end = time.monotonic() + self.cfg.graceful_timeout
        self.tell(getattr(signal, "SIG" + self.ending), self.workers.values())
        while self.workers and time.monotonic() < end:
            self.reap()
            time.sleep(0.02)
        if not wrong("leaves-hung-ones"):
            self.tell(signal.SIGKILL, self.workers.values())
        self.drop_pid()
        return self.code


if __name__ == "__main__":
    assert WAY is not None
    master = Master(*sys.argv[1:3])
    sys.exit(master.run())
