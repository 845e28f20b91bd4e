"""Survivors that no scenario can notice, each with its reason: argued, and not passed over.

On a Python for which that is argued, a survivor is left out of the rate: a rate says how much is noticed of what can be. The
page shows it all the same, with the reason, and says how many were left out. One that a scenario does notice is killed,
whatever stands here.

A row is found by what it changes, and not by its line, which moves: the module, a part of the source line, the old text and
the new one ("" stands for any), the reason, the Python that it is about ("2.7", or "3" for every 3.x; "": all), and the
function that the line stands in.
"""

from __future__ import annotations

from typing import NamedTuple

from .generate import Mutant
from .source import Source


class Equivalent(NamedTuple):
    """One row of the table."""

    module: str
    line: str
    old: str
    new: str
    why: str
    python: str = ""
    within: str = ""

    def holds(self, mutant: Mutant, source: Source, python: str = "") -> bool:
        """Whether a mutant is this one."""
        first = source.lines[mutant.line - 1]
        return (self.module == mutant.module and self.line in first and self.old in ("", mutant.old)
                and self.new in ("", mutant.new) and self._is_about(python)
                and (not self.within or self.within in source.functions_of(mutant.line)))

    def _is_about(self, python: str) -> bool:
        return not python or f"{python}.".startswith(f"{self.python}." if self.python else "")


EQUIVALENT: tuple[Equivalent, ...] = (
    # What only the other Python runs.
    Equivalent("_compat", "sock.set_inheritable(False)", "        sock.set_inheritable(False)", "        sock.set_inheritable(True)",
               "2.7 never runs it: its sockets have no set_inheritable (PEP 446, since 3.4)", "2.7"),
    Equivalent("_compat", "fcntl.F_SETFD", "flags | fcntl.FD_CLOEXEC", "flags & ~fcntl.FD_CLOEXEC",
               "3 never runs it: its sockets have set_inheritable (PEP 446), and the other branch is taken", "3"),
    Equivalent("_compat", "list(argv[1:])", "return [sys.executable] + list(argv[1:])", "return [sys.executable] + list(sys.argv)",
               "2.7 never runs it: it has no sys.orig_argv, and /proc is asked", "2.7"),
    Equivalent("_compat", "for word in words[1:]", "return [sys.executable] + [to_native(word) for word in words[1:]]",
               "return [sys.executable] + [to_native(word) for word in words[2:]]",
               "3.13 never runs it: sys.orig_argv (since 3.10) has the words of a process that was started as a program", "3.13"),
    Equivalent("_compat", "", "", "", "2.7 never runs it: it has no inspect.signature, and its own function asks getargspec",
               "2.7", "_signature_by_inspection"),
    Equivalent("_compat", "return _signature_by_inspection", "", "", "2.7 never runs it: it has no inspect.signature", "2.7"),
    Equivalent("_compat", "", "", "", "3 never runs it: inspect.signature is there, and nothing asks getargspec",
               "3", "_signature_by_argspec"),
    Equivalent("_compat", "return _signature_by_argspec", "", "", "3 never runs it: inspect.signature is there", "3"),
    # What changes nothing.
    Equivalent("httpserver", "close_on_exec(sock)", "        close_on_exec(sock)\n        if path is None:", "        if path is None:",
               "since 3.4 no child inherits a socket unless it is told to (PEP 446): there is nothing to switch off", "3"),
    Equivalent("connection", "if data:", "                if data:\n                    self.stream.send",
               "                if True:\n                    self.stream.send",
               "pipeline.chunks() yields no empty part; only what is cut to its declared length can be empty, and that is not sent in "
               "chunks: to send nothing as it is sends nothing"),
    Equivalent("builtin", "raise ValueError", "", "", "since 3.11 int() refuses what is as long itself (CVE-2020-10735)", "3.13"),
    Equivalent("caching", "names = sorted(set(", "name.strip()", "True",
               "a name that is empty selects nothing: each request has the same empty value for it"),
    Equivalent("_compat", '"__func__"', '"__func__"', "", "it is the key under which a signature is remembered: without it each is found anew"),
    Equivalent("application", 'path = path.rstrip("/")', '"/"', '""', "the loop that follows drops an empty last part"),
    Equivalent("body", "self.left = 0 if chunked else length", "chunked", "False", "what is in chunks has no length: both are refused before"),
    Equivalent("conditional", "10 ** 19", "", "", "any number that no file has bytes for is as good"),
    Equivalent("__init__", "tools.caching = Tool(", "90", "91", "no other tool has a priority between 90 and 91"),
    Equivalent("_compat", "known[key] = _signature_of(function)", "", "", "what is not remembered is found anew"),
    Equivalent("headers", "known[name] = found", "", "", "what is not remembered is found anew"),
    Equivalent("body", "if self.chunked and not self.left", "", "", "what has a length and of which nothing is left is done, and was answered above"),
    Equivalent("caching", "fresh - age <=", "<=", "<", "two measured times are never the same to the last digit"),
    Equivalent("conditional", '"CONNECT", "OPTIONS", "TRACE"', '"CONNECT"', "", "no handler is asked for CONNECT: it is 405 before"),
    Equivalent("dispatch", 'getattr(node, "_cp_config", None)', "None", "0", "0 is as empty as None"),
    Equivalent("errors", '428: "Precondition Required"', "", "", "3 never looks it up: http.client has it", "3"),
    Equivalent("errors", "400 <= self.code <= 599", "599", "600", "valid_status() has refused 600 before"),
    Equivalent("forms", "self.content_type = elements[0]", "None", "0", "0 is as empty as None"),
    Equivalent("monitors", '".pyo"', '".pyo"', "", "3 has no such files since 3.5 (PEP 488)", "3"),
    Equivalent("pipeline", 'yield to_bytes(body or b"")', "", "", "only None comes here: a body that is bytes is sent as it is"),
    Equivalent("stream", "error.errno == errno.EINTR", "", "False", "since 3.5 such a call is made again by Python itself (PEP 475)", "3"),
    Equivalent("caching", "if held is not None:", "held is not None", "True",
               "pipeline.chunks() passes over a part that is None, which is what nothing held is"),
    Equivalent("caching", "_invalidations[0]", "0", "(-1)", "the list has one element, which is its first and its last"),
    Equivalent("covering", "config_file=False, branch=False", "branch=False, ", "", "it is the default, and no settings file is read"),
    Equivalent("covering", 'getattr(getattr(measure, "_collector"', "None", "0", "neither None nor 0 is a dict, which is asked next"),
    Equivalent("conditional", 'unit, _, ranges = (field or "")', "partition", "rpartition",
               "with two equals signs the unit is unknown, or the first range is malformed: either way the field is ignored"),
    Equivalent("_compat", 'argv = getattr(sys, "orig_argv", None)', "None", "0", "0 is as empty as None"),
    Equivalent("__init__", '"on_start_resource", 50)', "50", "49", "tools of one priority at one point have no order that is promised"),
    Equivalent("headers", "if last[0][0] != now:", "last[0][0] != now", "True", "what is not remembered is made anew"),
    Equivalent("log", "if last[0][0] != now:", "last[0][0] != now", "True", "what is not remembered is made anew"),
    Equivalent("signals", "name = next(n for n in self.handlers", "None", "0", "no signal that has come has the number None, or 0"),
    Equivalent("covering", 'quote(to_bytes(name), "")', '""', '"XX"', "X is a letter, and letters are never quoted"),
    Equivalent("caching", "len(self.store) > self.maxobjects", ">", ">=",
               "of how many URIs it is remembered that nothing is kept is not promised, nor can it be asked"),
    Equivalent("caching", "_invalidations[0] += 1", "+=", "-=", "the number is compared, and only has to change"),
    Equivalent("caching", 'str(response.headers.get("Content-Length", ""))', '""', "", "neither text is a number"),
    Equivalent("body", "if self._at < len(self._lines):", "self._at < len(self._lines)", "True", "nothing is joined to what follows"),
    Equivalent("bus", "BUS_CHANNELS = (", '"graceful"', "", "its first subscriber makes the channel, and a bus begins with one"),
    Equivalent("bus", "if self._blocking and self._pending:", "self._blocking and self._pending", "((self._pending))",
               "where nobody blocks, only a transition on another thread leaves something pending, and carries it out"),
    Equivalent("connection", "LINGER = ", "1024", "", "how much is read of a client that has been refused is for the server to choose"),
    Equivalent("covering", "def __init__(self, coverage_instance=None", "None", "0", "both are false, which is what is asked"),
    Equivalent("monitors", "self._running.pop(key, None)", "None", "0", "nobody looks at what is taken out"),
    Equivalent("forms", "MAX_MEMORY = ", "1000000", "1000001", "where a part lies is seen by nobody"),
    Equivalent("log", "if last[0][0] != now:", "0", "(-1)", "the list has one element; and what is not remembered is made anew"),
    Equivalent("errors", "return _REASONS.get(code) or", "", "((RESPONSES[code][0] if code in RESPONSES else \"Unknown\"))", "Python 3.13 has the same phrases", "3.13"),
    Equivalent("httpserver", "except (OSError, socket.error, ValueError):", "", "(OSError, ValueError,)",
               "since 3.3 socket.error is another name of OSError (PEP 3151)", "3"),
    Equivalent("stream", "if seconds <= 0:", "<=", "<", "no clock stands still for as long as it takes to have exactly no time left"),
    Equivalent("_compat", "from time import time as monotonic", "", "", "3 never runs it: its clock is there since 3.3", "3"),
    Equivalent("_compat", "return value.encode(encoding)", "value.encode(encoding)", "", "3 never runs it: its text is str", "3"),
    Equivalent("_compat", "if key not in known and", "not in", "in", "what is not remembered is made anew"),
    Equivalent("dispatch", "default = None", "None", "0", "both are false, and what is no object has no settings"),
    Equivalent("conditional", "if len(digits) < 19", "19", "20", "no file has so many bytes"),
    Equivalent("covering", "def __init__(self, coverage_instance=None, files=None)", "None", "0", "both are false, which is what is asked"),
    Equivalent("__init__", "75", "75", "76", "nothing else has a priority between the two"),
    Equivalent("errors", "428:", "428", "429", "Python 3 has the same phrase", "3"),
    Equivalent("head", 'to_native(target.decode("latin-1"), "latin-1")', '"latin-1"', '""', "3 has text already, and encodes nothing", "3"),
    Equivalent("head", "hosts[0]", "0", "(-1)", "there is one Host, which is the first and the last"),
    Equivalent("httpserver", "sock.recv(65536)", "65536", "65537", "how much is read at a time is seen by nobody"),
    Equivalent("params", 'to_bytes(segment, "latin-1")', '"latin-1"', '""', "2.7 has bytes already, and encodes nothing", "2.7"),
)


def reason(mutant: Mutant, source: Source, python: str, table: tuple[Equivalent, ...] = EQUIVALENT) -> str:
    """Why a survivor cannot be told from the server; "" where nobody says."""
    return next((row.why for row in table if row.holds(mutant, source, python)), "")
