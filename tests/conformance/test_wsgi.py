"""The checks of the family wsgi in both directions: green on a right server, red on one that is wrong in one way."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from .playing import family, result, subject, without_a_way
from .ways_wsgi import WAYS

SERVER = Path(__file__).with_name("right_wsgi.py")
SOURCES = [SERVER, *SERVER.parent.glob("right_wsgi_*.py")]
CHECKS = family("wsgi")
JUDGED = {name: check for name, check in CHECKS.items() if check.grade != "record"}
TLS = ("--tls", "{certificate}", "{key}")


def server(wrong=""):
    """The small server, which can speak TLS as well."""
    made = subject(SERVER, wrong)
    return replace(made, tls_args=(*made.args, *TLS))


def hurried(check):
    """The check with less patience for a close() that never comes: the small server is quick."""
    return replace(check, steps=tuple(replace(step, within=2.0) if step.act == "wait" and "log" in step.args else step
                                      for step in check.steps))


@pytest.mark.parametrize("name", CHECKS)
def test_the_right_server_passes(name):
    played = result(CHECKS[name], server())
    assert (played.word, played.reason) in (("pass", ""), ("recorded", ""))


@pytest.mark.parametrize("name", sorted(WAYS))
def test_a_mistake_is_seen(name):
    played = result(hurried(CHECKS[name]), server(WAYS[name]))
    assert played.behaviour is not None, played.reason
    assert played.behaviour.outcome in ("fail", "timeout")
    assert all(failure.step > 1 for failure in played.behaviour.failures)  # it was ready


def test_each_check_has_a_way_and_each_way_a_check():
    assert without_a_way(JUDGED, WAYS) == ([], [])


def test_each_way_of_the_server_is_used():
    there = {way for source in SOURCES for way in re.findall(r'wrong\("([^"]+)"\)', source.read_text("utf-8"))}
    assert there == set(WAYS.values())


def test_the_family_is_large_enough():
    assert len(JUDGED) >= 30
