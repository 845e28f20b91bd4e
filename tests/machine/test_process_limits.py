"""Limits of a process that has just begun."""

import resource
import subprocess
import sys

import pytest

from harness.machine.first_process import as_first_process, no_first_process
from harness.machine.process_limits import Impossible, limit_descriptors, started

COUNTS = "import os, sys\nsys.stdin.read()\nfound = 0\ntry:\n    while True:\n        os.dup(0)\nexcept OSError:\n    print(len(os.listdir('/proc/self/fd')))\n"


def test_a_process_has_as_many_descriptors_as_it_may():
    child = subprocess.Popen([sys.executable, "-c", COUNTS.replace("print(len(os.listdir('/proc/self/fd')))", "os.close(3); print(os.dup(0) < 40)")],
                             stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert limit_descriptors(child.pid, 40)
    assert resource.prlimit(child.pid, resource.RLIMIT_NOFILE) == (40, 40)
    assert child.communicate("")[0].strip() == "True"


def test_one_that_has_ended_is_left_alone():
    child = subprocess.Popen([sys.executable, "-c", ""])
    child.wait()
    assert limit_descriptors(child.pid, 40)


@pytest.mark.skipif(no_first_process() != "", reason=no_first_process())
def test_a_process_can_be_the_first_of_a_namespace_and_later_ones_are_not_in_it():
    asks = [sys.executable, "-c", "import os; print(os.getpid())"]
    first = as_first_process(lambda: subprocess.Popen(asks, stdout=subprocess.PIPE, text=True))
    assert first.communicate()[0] == "1\n"
    assert subprocess.run(asks, capture_output=True, text=True, check=True).stdout != "1\n"


def test_what_the_system_refuses_is_said(monkeypatch):
    def refused(start):
        raise PermissionError(1, "not permitted")

    monkeypatch.setattr("harness.machine.process_limits.as_first_process", refused)
    with pytest.raises(Impossible, match="first of a namespace here: not permitted"):
        started({"first_process": True}, lambda: None)


def test_a_failure_to_start_is_the_callers():
    with pytest.raises(FileNotFoundError):
        as_first_process(lambda: subprocess.Popen(["/nowhere/at/all"]))
