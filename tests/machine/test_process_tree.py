"""The descendants of a process, with real ones: grandchildren, zombies, children of threads, and what psutil says of them."""

import os
import signal
import subprocess
import sys
import threading

import psutil
import pytest

from harness.machine import process_tree
from harness.machine.deadlines import Deadline
from harness.machine.process_tree import child_pids, descendant_pids

FAMILY = """
import os, sys, threading, time
def child():
    pid = os.fork()
    if not pid:
        if not os.fork():
            time.sleep(60)
        time.sleep(60)
child()                                # a child and a grandchild of the main thread
thread = threading.Thread(target=child)
thread.start()                         # and of another thread, which goes on
thread.join() if len(sys.argv) > 1 else None
if not os.fork():
    os._exit(0)                        # a zombie: nobody waits for it
print("ready", flush=True)
time.sleep(60)
"""


@pytest.fixture
def family():
    process = subprocess.Popen([sys.executable, "-c", FAMILY], stdout=subprocess.PIPE, start_new_session=True)
    assert process.stdout.readline() == b"ready\n"
    yield process.pid
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    process.stdout.close()


def settled(family):
    """Wait until the family is complete: two children with a child each, and a zombie."""
    def states():
        return sorted(p.status() == psutil.STATUS_ZOMBIE for p in psutil.Process(family).children(recursive=True))

    assert Deadline(10).wait(lambda: states() == [False] * 4 + [True])


def test_all_generations_are_found_and_zombies_are_not(family):
    settled(family)
    assert len(child_pids(family)) == 3, "the zombie is a child, but no live descendant"
    by_psutil = [p.pid for p in psutil.Process(family).children(recursive=True) if p.status() != psutil.STATUS_ZOMBIE]
    assert sorted(descendant_pids(family)) == sorted(by_psutil)


def test_the_child_of_a_thread_is_a_descendant():
    begun, go_on = threading.Event(), threading.Event()
    made = []

    def fork():
        made.append(subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"]))
        begun.set()
        go_on.wait(30)

    thread = threading.Thread(target=fork)
    thread.start()
    assert begun.wait(30)
    try:
        assert made[0].pid in child_pids(os.getpid())
        assert made[0].pid in descendant_pids(os.getpid())
    finally:
        go_on.set()
        thread.join()
        made[0].kill()
        made[0].wait()
    assert made[0].pid not in child_pids(os.getpid())


def test_a_process_that_is_gone_has_no_descendants():
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    assert (child_pids(gone.pid), descendant_pids(gone.pid)) == ([], [])


def test_where_the_kernel_keeps_no_lists_psutil_is_asked(family, monkeypatch):
    settled(family)
    before = sorted(descendant_pids(family))
    monkeypatch.setattr(process_tree, "lists_children", lambda: False)
    monkeypatch.setattr(process_tree, "_walk", lambda *_: pytest.fail("it was read all the same"))
    assert sorted(descendant_pids(family)) == before
    assert len(child_pids(family)) == 3
    assert descendant_pids(2 ** 22 + 1) == []


def test_a_walk_during_which_something_ended_is_repeated(monkeypatch):
    walks = [([1], {"5"}), ([1, 2], {"5", "6"}), ([1, 2, 3], {"5", "6"})]
    monkeypatch.setattr(process_tree, "_walk", lambda pid: walks.pop(0))
    assert descendant_pids(9) == [1, 2, 3]
    assert walks == []
    rest = iter(range(100))
    monkeypatch.setattr(process_tree, "_walk", lambda pid: ([number := next(rest)], {str(number)}))
    assert descendant_pids(9) == [process_tree.ROUNDS], "and not for ever"
