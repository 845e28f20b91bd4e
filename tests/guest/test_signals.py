"""Signals: which do what, to a process of a terminal and to a daemon, and the handlers of before."""

import os
import signal
import threading

import pytest
from enginebus import signals as module
from enginebus.bus import EXITING, STARTED
from enginebus.signals import ConsoleCtrlHandler, SignalHandler

from .test_bus import fresh, logged

NUMBERS = [signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGUSR1]


@pytest.fixture
def handler():
    bus = fresh()
    bus.lines = logged(bus)
    made = SignalHandler(bus)
    before = [signal.getsignal(number) for number in NUMBERS]
    made.subscribe()
    yield made
    made.unsubscribe()
    assert [signal.getsignal(number) for number in NUMBERS] == before, "the handlers of before are back"


@pytest.mark.parametrize(("number", "state", "caught"), [
    (signal.SIGTERM, EXITING, "Caught signal SIGTERM."), (signal.SIGINT, EXITING, "Caught signal SIGINT."), (signal.SIGUSR1, STARTED, "Caught signal SIGUSR1."),
    (signal.SIGHUP, EXITING, "Caught signal SIGHUP. SIGHUP caught but not daemonized. Exiting."),
])
def test_what_a_signal_does_in_a_process_of_a_terminal(handler, number, state, caught):
    handler.bus.start()
    signal.raise_signal(number)
    assert (handler.bus.state, handler.bus.execv) == (state, False)
    assert caught in handler.bus.lines
    assert ("Bus graceful" in handler.bus.lines) is (number == signal.SIGUSR1)


def test_what_a_signal_does_in_a_daemon(handler, monkeypatch):
    monkeypatch.setattr(handler, "_original_pid", os.getpid() + 1)
    with open(os.devnull) as null:
        monkeypatch.setattr(module.sys, "stdin", null)
        handler.bus.start()
        signal.raise_signal(signal.SIGHUP)
    assert (handler.bus.state, handler.bus.execv) == (EXITING, True)
    assert "Caught signal SIGHUP. SIGHUP caught while daemonized. Restarting." in handler.bus.lines


class NoDescriptor:
    def fileno(self):
        raise ValueError("I/O operation on closed file")


@pytest.mark.parametrize(("stdin", "daemon"), [(None, True), (NoDescriptor(), True), ("terminal", False)])
def test_a_forked_process_is_a_daemon_unless_it_has_a_terminal(handler, monkeypatch, stdin, daemon):
    monkeypatch.setattr(handler, "_original_pid", os.getpid() + 1)
    if stdin == "terminal":
        master, slave = os.openpty()
        with open(slave) as terminal, open(master):
            monkeypatch.setattr(module.sys, "stdin", terminal)
            assert handler._daemonised() is daemon
        return
    monkeypatch.setattr(module.sys, "stdin", stdin)
    assert handler._daemonised() is daemon


def test_each_signal_is_named_when_it_is_listened_for(handler):
    assert handler.bus.lines == [f"Listening for {name}." for name in ("SIGUSR1", "SIGTERM", "SIGINT", "SIGHUP")]


def test_a_platform_without_a_signal_goes_without(monkeypatch):
    bus = fresh()
    lines = logged(bus)
    made = SignalHandler(bus)
    made.handlers["SIGNOSUCH"] = made.handlers["SIGTERM"]
    made.subscribe()
    try:
        assert "Listening for SIGTERM." in lines
        assert "Listening for SIGNOSUCH." not in lines
    finally:
        made.unsubscribe()


def test_only_the_main_thread_sets_handlers():
    bus = fresh()
    lines, before = logged(bus), signal.getsignal(signal.SIGTERM)
    thread = threading.Thread(target=SignalHandler(bus).subscribe)
    thread.start()
    thread.join(10)
    assert lines == ["Signals are left alone: only the main thread can set handlers."]
    assert signal.getsignal(signal.SIGTERM) is before


class Windows:
    """Stands for the part of Windows that takes console handlers."""

    def __init__(self):
        self.kernel32, self.calls = self, []

    def SetConsoleCtrlHandler(self, callback, add):
        self.calls.append((callback, add))


def test_the_console_of_windows(monkeypatch):
    windows, bus = Windows(), fresh()
    lines = logged(bus)
    for name, value in (("windll", windows), ("WINFUNCTYPE", lambda *kinds: lambda function: function), ("c_int", int), ("c_uint", int)):
        monkeypatch.setattr(module, name, value, raising=False)
    ConsoleCtrlHandler(bus).subscribe()
    bus.start()
    bus.start()
    (callback, added), = windows.calls
    assert (added, callback(0)) == (True, 1)
    assert bus.state == EXITING
    assert windows.calls[1:] == [(callback, False)]
    assert lines.index("Set handler for console events.") < lines.index("Console event 0: shutting down bus") < lines.index("Removed handler for console events.")


def test_no_console_elsewhere():
    bus = fresh()
    ConsoleCtrlHandler(bus).subscribe()
    assert not bus.listeners["start"]
