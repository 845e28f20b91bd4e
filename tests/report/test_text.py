import socket
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.report.text import Redactor, bounded, plain


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
