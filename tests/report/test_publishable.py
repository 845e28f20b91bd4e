import socket
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.report.publishable import MAX_SHOWN, Redactor, bounded, plain


@pytest.mark.parametrize(("text", "shown"), [
    ("\x1b[31mred\x1b[0m", "red"), ("\x1b]0;title\x07x", "x"), ("\x1b]8;;http://x\x1b\\link", "link"), ("a\x00b", "a␀b"),
    ("tab\tline\n", "tab\tline\n"), ("\x7f", "␡"), ("\u202eevil", "\ufffdevil"), ("é€", "é€"), ("\x1b", "␛"),
])
def test_escapes_are_stripped(text, shown):
    assert plain(text) == shown


@given(st.text())
def test_nothing_that_a_terminal_obeys_is_left(text):
    assert not any(ord(c) < 32 and c not in "\n\t\r" for c in plain(text))


@given(st.text(max_size=300), st.integers(20, 100))
def test_a_cut_is_shown(text, limit):
    shown = bounded(text, limit)
    assert (shown == text) if len(text) <= limit else ("characters cut" in shown)


def test_this_machine_s_names_are_redacted():
    redact = Redactor(Path("/somewhere/repo"))
    assert redact.text("/somewhere/repo/x") == "<repository>/x"
    assert redact.text(f"{Path.home()}/.pyenv") == "~/.pyenv"
    if len(socket.gethostname()) > 3:
        assert socket.gethostname() not in redact.text(f"on {socket.gethostname()}!")
    assert redact.everything({"a": ["/somewhere/repo", 1, None]}) == {"a": ["<repository>", 1, None]}
    assert redact.everything(({"text": "/somewhere/repo \x1b[1m"},)) == [{"text": "<repository> "}]


TEXTS = st.builds(
    lambda text, times: text * times, st.text(st.sampled_from('a"\\\n\x1b\b\x7f\u202e€/'), min_size=1, max_size=9),
    st.sampled_from([1, 1, 1, MAX_SHOWN // 3, MAX_SHOWN]))
VALUES = st.recursive(st.none() | st.integers() | TEXTS | st.just("/somewhere/repo"),
                      lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3))


@given(VALUES)
def test_the_fast_path_changes_what_the_slow_one_does(value):
    """Redactor.json checks the whole text first; it must not pass anything that a check of each value changes."""
    redact = Redactor(Path("/somewhere/repo"))
    assert redact.json(value) == redact.dumps(redact.everything(value))


@pytest.mark.parametrize("piece", ["a", '"', "\\", 'a"', '\\"', 'aaaaaaaaa"', "é"])
@pytest.mark.parametrize("before", ["", "x" * 100, 'x"' * MAX_SHOWN])
def test_a_long_text_is_found_wherever_it_is(piece, before):
    redact = Redactor(Path("/somewhere/repo"))
    value = [bounded(before), {"key": piece * (MAX_SHOWN // len(piece) + 1)}, "end"]
    assert redact.json(value) == redact.dumps(redact.everything(value))
    assert "characters cut" in redact.json(value)


def test_a_host_with_the_name_of_a_key_changes_no_key(monkeypatch):
    monkeypatch.setattr(socket, "gethostname", lambda: "coverage")
    redact = Redactor(Path("/somewhere/repo"))
    assert redact.json({"coverage": "on coverage, in /somewhere/repo"}) == '{"coverage":"on <host>, in <repository>"}'


@pytest.mark.parametrize("length", [0, 9, 10])
def test_a_text_that_fits_is_shown_whole(length):
    assert bounded("x" * length, 10) == "x" * length


def test_both_ends_of_a_text_that_is_too_long_are_shown():
    assert bounded("a" * 6 + "b" * 5, 10) == "aaaaa\n[… 1 characters cut …]\nbbbbb"


def test_the_innermost_folder_names_what_is_in_it(monkeypatch):
    monkeypatch.setattr(Path, "home", lambda: Path("/homes/me"))
    redact = Redactor(Path("/homes/me/work/repo"))
    assert redact.text("/homes/me/work/repo/x /homes/me/y") == "<repository>/x ~/y"
    assert redact.json(["/homes/me/work/repo/x"]) == '["<repository>/x"]'
