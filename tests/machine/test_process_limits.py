"""Limits of a process that has just begun."""

import resource
import subprocess
import sys

from harness.machine.process_limits import limit_descriptors

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
