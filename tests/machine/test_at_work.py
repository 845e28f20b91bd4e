"""Which processes and threads are at work: of the harness, and of the reproducers, which have the same code."""

import os
import threading

import pytest

from harness.machine.at_work import at_work, would_run
from harness.machine.deadlines import Deadline
from harness.reproducer.parts import look

from ..cell.test_idle import RESTS, SPINS, SPINS_IN_A_THREAD, run  # noqa: F401 (a fixture)


@pytest.mark.parametrize(("code", "works"), [(SPINS, True), (SPINS_IN_A_THREAD, True), (RESTS, False)])
def test_a_process_is_at_work_if_one_of_its_threads_is(run, code, works):  # noqa: F811
    pid = run(code).pid
    assert Deadline(10).wait(lambda: at_work(pid) is works, 0.01)


def test_who_asks_is_at_work_and_nobody_is_not():
    assert at_work(os.getpid())
    assert would_run([threading.current_thread()])
    assert not at_work(2**22 + 1), "no process has this pid"
    assert not would_run([threading.Thread()]), "it has not begun"
    assert not would_run([])


def test_a_reproducer_counts_the_time_of_a_process(run):  # noqa: F811
    pid = run(SPINS).pid
    assert Deadline(10).wait(lambda: look.ticks(pid) > 3, 0.01)
    assert look.ticks(2**22 + 1) == 0
