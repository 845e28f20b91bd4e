"""Which processes the command ends, and which it never ends."""

import os

import psutil
import pytest

from harness.ports import free
from harness.ports.channels import HolderProcess, holder, look
from harness.ports.free import end, in_order, refusal

ME = psutil.Process().username()


@pytest.mark.parametrize(("process", "because"), [
    (HolderProcess(1, user=ME), "system's own"),
    (HolderProcess(os.getpid(), user=ME), "this very command"),
    (HolderProcess(2 ** 22 + 1, user="somebody else"), "belongs to somebody else"),
    (HolderProcess(2 ** 22 + 1), "an unknown user"),
])
def test_these_are_never_ended(process, because):
    assert because in refusal(process)


def test_nor_is_any_ancestor():
    """The current ancestors: a shell that started this in the background may have ended meanwhile."""
    ancestors = [process.pid for process in psutil.Process().parents() if process.pid > 1]
    assert ancestors, "this test has a parent"
    for pid in ancestors:
        assert "ancestor" in refusal(HolderProcess(pid, user=ME))


@pytest.mark.parametrize(("manners", "how"), [((), "SIGTERM"), (("ignore",), "SIGKILL")])
def test_a_holder_is_ended_gently_first(port, holding, manners, how):
    process, _ = holding(*manners)
    seen = look().at(port).holders[process.pid]
    assert refusal(seen) == ""
    assert end(seen, term_seconds=0.5).how == how
    assert process.wait(5) == {"SIGTERM": -15, "SIGKILL": -9}[how]
    assert end(seen).how == "had already ended"


def test_a_pid_that_now_belongs_to_another_process_is_left_alone(port, holding):
    process, _ = holding()
    before = holder(process.pid)
    stale = HolderProcess(before.pid, before.name, before.user, before.created - 5)
    assert end(stale).how == "had already ended"
    assert process.poll() is None


def test_parents_go_first():
    family = [HolderProcess(3, parent=2), HolderProcess(2, parent=1), HolderProcess(9, parent=1), HolderProcess(4, parent=3)]
    assert [one.pid for one in in_order(family)] == [2, 9, 3, 4]


def test_an_ancestor_of_an_ancestor_is_an_ancestor(monkeypatch):
    class Here(psutil.Process):
        def parents(self):
            return [psutil.Process(os.getppid()), type("Far", (), {"pid": 2 ** 22 + 7})()]

    monkeypatch.setattr(free.psutil, "Process", Here)
    assert "ancestor" in refusal(HolderProcess(2 ** 22 + 7, user=ME))
    assert refusal(HolderProcess(2 ** 22 + 8, user=ME)) == ""
