"""What is noticed of a cell's servers after each step, on launches and logs made by hand."""

from types import SimpleNamespace

import pytest

from harness.cell.server_watch import Watch

TRACE = "Traceback (most recent call last):\n  x\nValueError: {}\n"


class Process:
    """A process that ends when it is told to."""

    def __init__(self, pid):
        self.pid, self.exit, self.signals = pid, None, []


@pytest.fixture
def cell(tmp_path):
    """Two servers of which one was launched twice, and a launch that came to no process."""
    launches = [SimpleNamespace(number=n, server=name, process=process) for n, (name, process) in enumerate(
        [("main", Process(11)), ("main", Process(12)), ("other", Process(13)), ("other", None)], 1)]
    servers = {}
    for name in ("main", "other"):
        log = tmp_path / f"{name}.log"
        log.write_text("begins\n")
        servers[name] = SimpleNamespace(name=name, log=log)
    return SimpleNamespace(launches=launches, servers=servers)


def test_an_end_is_of_the_step_after_which_it_was_first_seen(cell):
    watch = Watch(cell)
    watch.look(1)
    cell.launches[0].process.exit = 3
    watch.look(2)
    cell.launches[2].process.exit = 0
    watch.look(3)
    cell.launches[1].process.exit = -15
    cell.launches[1].process.signals.append("TERM")
    watch.look(0)
    assert [(end["launch"], end["server"], end["pid"], end["exit"], end["step"], end["signals"]) for end in watch.ends()] == [
        (1, "main", 11, 3, 2, []), (2, "main", 12, -15, 0, ["TERM"]), (3, "other", 13, 0, 3, [])]


def test_the_logs_of_all_servers_are_looked_through_after_each_step(cell):
    watch = Watch(cell)
    for step, name in ((1, "main"), (2, "other"), (3, "main"), (0, "other")):
        with cell.servers[name].log.open("a") as log:
            log.write(TRACE.format(step))
        watch.look(step)
    assert [(one["step"], one["server"], one["said"]) for one in watch.tracebacks()] == [
        (1, "main", "ValueError: 1"), (2, "other", "ValueError: 2"), (3, "main", "ValueError: 3"), (0, "other", "ValueError: 0")]


def test_the_last_step_is_remembered(cell):
    watch = Watch(cell)
    assert watch.step == 0
    watch.look(4)
    assert watch.step == 4
