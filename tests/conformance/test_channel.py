"""The checks of kinds of channels: green on a small right server, red on one that is wrong in one way."""

import pytest

from harness.machine import addresses

from ..conftest import GUEST, ROOT
from . import right_channel
from .playing import family, result, subject, without_a_way
from .ways_channel import RECORDS, WAYS

SCRIPT = ROOT / "tests" / "conformance" / "right_channel.py"
CHECKS = {name: check for name, check in family("channel").items() if check.table.split(".")[1] in (
    "unix-path", "unix-path-taken", "ipv6", "system-port", "handed-over", "handed-over-unix", "notify")}
#: What else must be seen to fail, where a way is red for a second reason that hides the first.
KEYS = {"channel.notify.ready": "notified_absent", "channel.unix-path-taken.foreign-file": "content", "channel.handed-over.other-pid": "received"}


def small(wrong=""):
    tail = ("--app", "{app}", *(("--wrong", wrong) if wrong else ()))
    on = {"unix_args": ("--unix", "{socket}", *tail), "ipv6_args": ("{host}", "{port}", *tail), "handed_over_args": ("{host}", "{port}", *tail)}
    return subject(SCRIPT, args=("{host}", "{port}", *tail), channel_args=on, apps={"failing": GUEST / "apps" / "failing.py"})


def possible(name):
    if CHECKS[name].channel == "ipv6" and addresses.no_ipv6():
        pytest.skip(addresses.no_ipv6())


def test_every_check_has_a_way_and_every_way_a_check():
    assert without_a_way(set(CHECKS) - set(RECORDS), WAYS) == ([], [])
    assert set(WAYS.values()) == set(right_channel.WAYS)
    assert {name for name, check in CHECKS.items() if check.grade == "record"} == set(RECORDS)




@pytest.mark.parametrize("name", sorted(CHECKS))
def test_a_right_server_passes(name):
    possible(name)
    found = result(CHECKS[name], small())
    assert found.word in ("pass", "recorded"), found.reason


@pytest.mark.parametrize("name", sorted(WAYS))
def test_a_wrong_one_is_red(name):
    possible(name)
    found = result(CHECKS[name], small(WAYS[name]))
    failures = found.behaviour.failures if found.behaviour else ()
    assert failures, f"{WAYS[name]}: {found.word} {found.reason}"
    if name in KEYS:
        assert KEYS[name] in [failure.key for failure in failures]
