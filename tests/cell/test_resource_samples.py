"""What a cell's servers had, sample by sample, on the cell's clock."""

import subprocess
import sys
from types import SimpleNamespace

import psutil

from harness.cell.resource_samples import CELLS_AT_ONCE, CORE_SHARE, Ledger, _elsewhere, family_counts
from harness.machine import socket_table
from harness.machine.deadlines import Deadline


def test_a_cell_s_ledger_follows_its_server(run_cell):
    history, result = run_cell(
        '[[step]]\nact="start"\n[[step]]\nact="request"\npath="/slow?seconds=3"\nexpect={status=200}\n[[step]]\nact="stop"\n')
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


class Sampled(Ledger):
    """A ledger whose samples are taken by hand."""

    def __init__(self, cell, workers=1):
        super().__init__(cell, workers)
        self._sockets_due = float("inf")

    def sample(self):
        self._sample()
        return self.entries[-1] if self.entries else None


def by_hand(tmp_path, *names):
    """A cell of servers that are logs, and of which the clock goes on at each look."""
    servers = {}
    for name in names:
        (tmp_path / name).touch()
        servers[name] = SimpleNamespace(name=name, log=tmp_path / name, pid=2 ** 22 + 1, popen=SimpleNamespace(returncode=None))
    return SimpleNamespace(servers=servers, clock=iter(map(float, range(99))).__next__, host="127.0.0.1", base_port=1)


def test_the_socket_table_is_not_read_before_there_is_a_server(tmp_path):
    cell = by_hand(tmp_path)
    ledger = Ledger(cell, 1)
    ledger._sample()
    assert ["states" in entry for entry in ledger.entries] == [False]
    cell.servers.update(by_hand(tmp_path, "main").servers)
    ledger._sample()
    assert ["states" in entry for entry in ledger.entries] == [False, True]


def test_lines_are_counted_from_the_beginning_and_whole(tmp_path):
    cell = by_hand(tmp_path, "main", "other")
    ledger = Sampled(cell)
    seen = []
    for name, text in (("main", "one\ntwo\n"), ("other", "x\n"), ("main", "thr"), ("main", "ee\n"), ("main", "")):
        with (tmp_path / name).open("a") as log:
            log.write(text)
        ledger.sample()
        seen.append(ledger.entries[-1]["lines"])
    assert seen == [{"main": 2, "other": 0}, {"main": 2, "other": 1}, {"main": 2, "other": 1}, {"main": 3, "other": 1}, {"main": 3, "other": 1}]
    assert [entry["at"] for entry in ledger.entries] == [0.0, 1.0, 3.0], "what has not changed is no entry"
    assert ledger.taken == 5


def test_the_socket_table_is_looked_at_when_it_is_due_and_at_the_end(tmp_path, monkeypatch):
    asked = []
    monkeypatch.setattr(socket_table, "states", lambda host, ports: asked.append((host, ports)) or {"LISTEN": len(asked)})
    ledger = Sampled(by_hand(tmp_path, "main"))
    ledger.sample()
    assert asked == []
    ledger._sockets_due = 1.0
    assert ledger.sample()["states"] == {"LISTEN": 1}
    assert asked == [("127.0.0.1", range(1, 10))]
    ledger._sockets_due = float("inf")
    ledger.start()
    entries = ledger.stop()
    assert entries[-1]["states"] == {"LISTEN": 2}, "the last sample has the sockets, whenever it comes"


def test_only_servers_that_live_are_counted(tmp_path, monkeypatch):
    cell = by_hand(tmp_path, "main", "other")
    counted = []
    monkeypatch.setattr("harness.cell.resource_samples.family_counts", lambda pids: counted.append(pids) or {})
    cell.servers["other"].pid, cell.servers["other"].popen.returncode = 7, 0
    Sampled(cell).sample()
    cell.servers["other"].popen.returncode = None
    Sampled(cell).sample()
    assert counted == [[2 ** 22 + 1], [2 ** 22 + 1, 7]]


def test_the_share_of_a_core_is_that_of_all_workers_together(tmp_path):
    cell = by_hand(tmp_path)
    assert [Ledger(cell, workers)._share for workers in (1, 4)] == [CORE_SHARE, CORE_SHARE / 4]
    assert Ledger(cell)._share == CORE_SHARE / CELLS_AT_ONCE


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
