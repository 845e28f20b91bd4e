"""The app "engine" in the background: a copy that becomes a daemon, and is restarted and ended by signals."""
import os
import re
import subprocess
import sys

from engine_acts import write
from engine_copies import Copy, alive, read, until
from engine_probes import probe


def engine_lines(path):
    """What the engine says in a log, without dates, folders, numbers of processes and addresses of objects."""
    lines = re.findall(r"^\[[^]]*\] ENGINE (.*)$", read(path).replace(os.getcwd() + "/", ""), re.MULTILINE)
    return [re.sub(r"\b0x[0-9a-f]+", "0x", re.sub(r"(PID:?) \d+", r"\1 N", line)) for line in lines]


def forks(path):
    """What a log says of forks, sorted: a process that forks says so while its child goes on."""
    return sorted(line for line in engine_lines(path) if line.startswith("Forking"))


@probe
def daemon(web, say):
    """From the start to the end of a daemon."""
    log = os.path.abspath("daemon.log")
    copy = Copy(web, "before", log=log, environment={
        "FIRST": "daemon %s; pid-file %s" % (log, os.path.abspath("daemon.pid"))})  # 3.2.4 goes to the root folder
    try:
        say("the process that was started ends: %s, with %s" % (copy.ends(), copy.process.poll()))
        say("it serves: %s" % copy.serves())
        first = copy.pid()
        say("as another process: %s" % (first != copy.process.pid))
        say("whose number is in the file: %s" % (read("daemon.pid").strip() == str(first)))
        session, leader, streams = re.match("session (.*) leader (.*) streams (.*)", copy.ask("/placed")).groups()
        say("in a session of its own: %s; it can get no terminal, as the leader could: %s; streams %s" % (
            session not in (str(os.getsid(0)), str(os.getpid())), leader, streams))
        copy.signal("USR1", first)
        say("reloads: %s" % until(lambda: "Bus graceful" in read("daemon.log")))
        copy.signal("HUP", first)
        until(lambda: read("daemon.pid").strip() not in ("", str(first)))
        say("after SIGHUP it serves: %s" % copy.serves())
        second = copy.pid()
        say("as a new process: %s, whose number is in the file: %s" % (
            second != first and copy.ends(first), read("daemon.pid").strip() == str(second)))
        copy.signal("TERM", second)
        say("SIGTERM ends it: %s" % copy.ends(second))
        say("and the file is gone: %s" % (not os.path.exists("daemon.pid")))
        say("forks: %s; once more: %s" % (forks("before.log"), forks("daemon.log")))
        for name in ("before", "daemon"):
            for line in engine_lines(name + ".log"):
                if not line.startswith("Forking"):
                    say("%s: %s" % (name, line))
    finally:
        copy.end()


@probe
def pid_files(web, say):
    """PID files that are not as they were left."""
    for name, change in (("another's", "write own.pid 1"), ("no file", "remove own.pid"), ("as it was", "state unchanged"),
                         ("left by a process that is dead", "state unchanged")):
        if name.startswith("left"):
            dead = subprocess.Popen([sys.executable, "-c", ""])
            dead.wait()
            write("own.pid", "%d\n" % dead.pid)
        copy = Copy(web, "pid", environment={"FIRST": "umask 022; pid-file own.pid", "LISTENERS": "stop 90 %s" % change})
        try:
            copy.serves()
            say("%s: written: %s, mode %o" % (
                name, read("own.pid").strip() == str(copy.pid()), os.stat("own.pid").st_mode & 0o777))
            copy.signal("TERM")
            say("%s: ends: %s with %s; then it has: %r" % (name, copy.ends(), copy.process.poll(), read("own.pid")))
        finally:
            copy.end()
            if os.path.exists("own.pid"):
                os.remove("own.pid")
    for line in engine_lines("pid.log"):
        if "own.pid" in line:
            say(line)
    copy = Copy(web, "nowhere", environment={"FIRST": "pid-file nowhere/own.pid"})
    try:
        say("a folder that is not there: ends: %s with %s" % (copy.ends(), copy.process.poll()))
    finally:
        copy.end()


@probe
def daemon_twice(web, say):
    """A daemon whose engine is started once more stays what it is."""
    log = os.path.abspath("again.log")
    copy = Copy(web, "twice", log=log, environment={"FIRST": "linger 60; umask 022; daemon %s; pid-file twice.pid" % log})
    try:
        copy.ends()
        say("it serves: %s" % copy.serves())
        pid = copy.pid()
        copy.ask("/do?what=start")
        say("as the same process: %s" % (copy.pid() == pid and alive(pid)))
        say("its file is a line: %s" % (read("twice.pid") == "%d\n" % pid))
        say("what it writes others may read, and not write: %o" % (os.stat(log).st_mode & 0o777))
        say("its umask is the one that it was started with: %o" % (os.stat("twice.pid").st_mode & 0o777))
        copy.signal("TERM", pid)
        say("SIGTERM ends it: %s" % copy.ends(pid))
        say("forks: %s; once more: %s" % (forks("twice.log"), forks("again.log")))
        for name in ("twice", "again"):
            for line in engine_lines(name + ".log"):
                if "emon" in line or "amon" in line:
                    say("%s: %s" % (name, line))
    finally:
        copy.end()



@probe
def hang_ups(web, say):
    """What SIGHUP is to a process in the background that has a terminal, or no input."""
    for what in ("terminal", "no-input"):
        log = os.path.abspath(what + ".log")
        copy = Copy(web, "front-" + what, log=log, environment={
            "FIRST": "daemon %s; pid-file %s.pid" % (log, what), "LISTENERS": "start 66 %s" % what})
        try:
            copy.ends()
            copy.serves()
            first = copy.pid()
            copy.signal("HUP", first)
            say("%s: its process ends or is another one: %s" % (what, copy.ends(first)))
            if what == "no-input":
                say("%s: serves again: %s" % (what, copy.serves()))
                copy.signal("TERM", copy.pid())
                copy.ends(copy.pids[-1])
            for line in engine_lines(log):
                if "HUP" in line and "Listening" not in line or "Re-" in line:
                    say("%s: %s" % (what, line.partition(" /")[0]))
        finally:
            copy.end()
