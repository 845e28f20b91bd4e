"""What a cell's servers had, sample by sample, on the cell's clock."""

import subprocess
import sys

import psutil

from harness.deadlines import Deadline
from harness.ledger import _elsewhere, family_counts


def test_a_cell_s_ledger_follows_its_server(run_cell):
    history, result = run_cell(
        '[[step]]\nact="start"\n[[step]]\nact="request"\npath="/slow?seconds=1.2"\nexpect={status=200}\n[[step]]\nact="stop"\n')
    assert result.word == "pass", result.reason
    times = [entry["at"] for entry in history.ledger]
    assert times == sorted(times)
    assert times[-1] <= history.seconds
    assert max(entry["descriptors"] for entry in history.ledger) >= 4
    assert max(entry["threads"] for entry in history.ledger) >= 2
    assert history.ledger[-1]["descriptors"] == 0
    lines = [entry["lines"].get("main", 0) for entry in history.ledger]
    assert lines == sorted(lines)
    assert lines[-1] == history.logs["main"].count("\n")
    states = [entry["states"] for entry in history.ledger if "states" in entry]
    assert any(found.get("LISTEN") == 1 and found.get("ESTABLISHED") for found in states)


def test_an_entry_is_a_change(run_cell):
    history, _ = run_cell('[[step]]\nact="start"\n[[step]]\nact="wait"\nidle=true\n')
    for before, after in zip(history.ledger, history.ledger[1:], strict=False):
        assert any(before.get(key) != value for key, value in after.items() if key != "at")


def test_the_kernel_and_psutil_count_the_same():
    code = ("import os, threading\nos.fork() or os.execvp('sleep', ['sleep', '60'])\n"
            "print('ready', flush=True)\nthreading.Event().wait(60)")
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout.readline() == "ready\n"
        try:
            # the child may still open its locale's files between the two looks
            assert Deadline(10).wait(lambda: family_counts([process.pid]) == _elsewhere([process.pid]), 0.05)
            assert family_counts([process.pid])["children"] == 1
        finally:
            for child in psutil.Process(process.pid).children():
                child.kill()
            process.kill()
    assert family_counts([2 ** 22 + 1]) == {"descriptors": 0, "threads": 0, "children": 0}
