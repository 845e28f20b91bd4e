"""A server's log file: its text, its size, and a server that removes it at any moment."""

from pathlib import Path

import pytest

from harness.language.text_matching import CUT, MAX_KEPT
from harness.machine.server_log import log_size, open_log, read_log
from harness.verdict.tracebacks import Tracebacks


class Vanishing(type(Path())):
    """A log that its server removes after somebody has asked whether it is there."""

    def exists(self, **more):
        there = super().exists(**more)
        self.unlink(missing_ok=True)
        return there


def test_a_long_log_is_cut_and_says_so(tmp_path):
    (tmp_path / "log").write_bytes(b"x" * (MAX_KEPT + 10))
    assert read_log(tmp_path / "log") == "x" * MAX_KEPT + CUT


def test_a_log_is_read_from_an_offset(tmp_path):
    (tmp_path / "log").write_bytes(b"one\ntwo\n")
    assert (read_log(tmp_path / "log", 4), log_size(tmp_path / "log")) == ("two\n", 8)


@pytest.mark.parametrize(("read", "nothing"), [(log_size, 0), (read_log, ""), (open_log, None)])
def test_a_log_that_was_removed_is_empty(tmp_path, read, nothing):
    assert read(tmp_path / "log") == nothing


@pytest.mark.parametrize(("read", "whole"), [(log_size, 4), (read_log, "one\n")])
def test_a_log_that_vanishes_while_it_is_looked_at_is_no_error(tmp_path, read, whole):
    file = Vanishing(tmp_path / "log")
    file.write_bytes(b"one\n")
    assert read(file) == whole


def test_a_log_that_vanishes_while_it_is_searched_is_a_problem_and_no_error(tmp_path):
    file, looks = Vanishing(tmp_path / "log"), Tracebacks()
    file.write_bytes(b"Traceback (most recent call last):\n")
    looks.look(1, "main", file)
    assert len(looks.found()) == 1
    file.unlink(missing_ok=True)
    looks.look(2, "main", file)
    assert looks.problems == [{"step": 2, "server": "main", "problem": "it was removed, so its contents are unknown"}]
    assert [one["said"] for one in looks.found()] == [""]
