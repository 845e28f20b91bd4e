"""Monitors: a thread while the bus is started; source files that change; requests that take long."""

import os
import sys
import threading
import types

import pytest
from enginebus import monitors as module
from enginebus.bus import EXITING, STOPPED
from enginebus.monitors import Autoreloader, Monitor, TimeoutMonitor

from .fakes import Clock
from .live import in_time
from .test_bus import fresh, logged


class Counting(Monitor):
    name = "Counting"
    frequency = 0.01

    def __init__(self, bus, does=lambda: None):
        super().__init__(bus)
        self.ran, self.does = 0, does

    def run(self):
        self.ran += 1
        self.does()


def live(name):
    return [thread for thread in threading.enumerate() if thread.name == name]


@pytest.fixture
def bus():
    bus = fresh()
    bus.lines = logged(bus)
    yield bus
    if bus.state not in (STOPPED, EXITING):
        bus.stop()


def test_it_runs_on_a_thread_of_its_own_while_the_bus_is_started(bus):
    monitor = Counting(bus)
    monitor.subscribe()
    assert not live("Counting")
    for _ in range(2):
        bus.start()
        bus.start()
        (thread,) = live("Counting")
        assert thread.daemon
        before = monitor.ran
        in_time(lambda before=before: monitor.ran > before + 2)
        bus.stop()
        assert not live("Counting")
    bus.stop()
    assert [line for line in bus.lines if "thread" in line] == ["Started monitor thread 'Counting'.", "Stopped thread 'Counting'."] * 2


def test_one_that_is_off_does_not_run(bus):
    monitor = Counting(bus)
    monitor.on = False
    monitor.subscribe()
    bus.start()
    assert not live("Counting")


def test_one_that_fails_says_so_and_goes_on(bus):
    monitor = Counting(bus, lambda: 1 / 0)
    monitor.subscribe()
    bus.start()
    in_time(lambda: monitor.ran > 1)
    bus.stop()
    assert any(line.startswith("Error in monitor thread 'Counting'\nTraceback") and "ZeroDivisionError" in line for line in bus.lines)


def test_one_that_stops_the_bus_does_not_wait_for_itself(bus):
    monitor = Counting(bus, bus.stop)
    monitor.subscribe()
    bus.start()
    in_time(lambda: bus.state == STOPPED and not live("Counting"))
    assert monitor.ran == 1
    assert not [line for line in bus.lines if line.startswith("Error")]


def test_a_monitor_does_something():
    with pytest.raises(NotImplementedError):
        Monitor(fresh()).run()


@pytest.fixture
def source(tmp_path, monkeypatch):
    file = tmp_path / "mine.py"
    file.write_text("1")
    loaded = types.ModuleType("mine_for_the_test")
    loaded.__file__ = str(file) + "c"
    monkeypatch.setitem(sys.modules, "mine_for_the_test", loaded)
    return file


def test_the_files_of_all_modules(source):
    files = Autoreloader(fresh()).files()
    assert {str(source), module.__file__} <= files
    assert not [file for file in files if file.endswith((".pyc", ".pyo"))]


@pytest.mark.parametrize("change", [lambda file: os.utime(file, (1, 1)), lambda file: file.unlink()])
def test_a_file_that_changed_or_vanished_restarts_once(bus, source, change):
    reloader = Autoreloader(bus)
    reloader.files = lambda: {str(source)}
    bus.start()
    reloader.run()
    reloader.run()
    assert not bus.execv
    change(source)
    reloader.run()
    assert (bus.execv, bus.state) == (True, EXITING)
    assert bus.lines.count(f"Restarting because {source} changed.") == 1


def test_a_module_that_is_loaded_later_is_no_change(bus, source):
    reloader = Autoreloader(bus)
    reloader.files = set
    reloader.run()
    reloader.files = lambda: {str(source)}
    reloader.run()
    assert not bus.execv


def test_what_changed_before_the_start_is_of_no_interest(bus, source):
    reloader = Autoreloader(bus)
    reloader.files, reloader.frequency = lambda: {str(source)}, 1000
    reloader.run()
    os.utime(source, (1, 1))
    reloader.start()
    reloader.run()
    reloader.stop()
    assert not bus.execv


def test_a_request_that_takes_long_is_reported_once(bus, monkeypatch):
    clock = Clock()
    monkeypatch.setattr(module.time, "time", clock)
    monitor = TimeoutMonitor(bus)
    monitor.timeout = 10
    monitor.begin(1, "GET /slow HTTP/1.1")
    clock.now += 5
    monitor.begin(2, "GET /other HTTP/1.1")
    clock.now += 5
    monitor.run()
    assert bus.lines == [], "10 seconds are not more than 10"
    clock.now += 1
    monitor.run()
    monitor.run()
    assert bus.lines == ["'GET /slow HTTP/1.1' has run for 11 seconds"]
    monitor.end(2)
    monitor.end(1)
    monitor.end(3)
    clock.now += 100
    monitor.run()
    assert len(bus.lines) == 1


def test_how_often_they_look():
    assert (Autoreloader.frequency, TimeoutMonitor.frequency, TimeoutMonitor.timeout) == (1, 60, 300)
