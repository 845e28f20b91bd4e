"""The family ``wire``, on a small server that is right, and on the same server with one mistake."""

import re
from pathlib import Path

import pytest

from .playing import family, result, subject, without_a_way
from .ways_wire import WAYS

HERE = Path(__file__).parent
SERVER = HERE / "right_wire.py"
CHECKS = family("wire")
JUDGED = [name for name, check in CHECKS.items() if check.grade != "record"]


@pytest.mark.parametrize("name", CHECKS)
def test_the_right_server_passes(name):
    found = result(CHECKS[name], subject(SERVER))
    assert found.word == ("recorded" if CHECKS[name].grade == "record" else "pass"), found.reason


@pytest.mark.parametrize("name", JUDGED)
def test_the_check_is_red_in_its_way(name):
    found = result(CHECKS[name], subject(SERVER, WAYS[name])).behaviour
    assert found.outcome == "fail", found.reason
    assert all(failure.step > 1 for failure in found.failures), found.reason


def test_each_check_has_its_way():
    assert without_a_way(JUDGED, WAYS) == ([], [])


def test_each_mistake_of_the_server_is_some_checks_way():
    code = "".join(path.read_text("utf-8") for path in HERE.glob("right_wire*.py"))
    known = set(re.findall(r"""wrong\(["']([^"']+)["']\)""", code)) - {"name"}
    known |= set(re.findall(r'\("(host-[a-z-]+)", "', code))
    assert known == set(WAYS.values())
