"""The names of errors are those that the client makes: none is missing in the table, and none is there for nothing."""

import builtins
import re
import socket
import ssl

import pytest

from harness.language.error_names import (
    NAMES,
    NAMES_OF_RAW,
    OF_CONNECTING,
    OF_THE_ANSWER,
    OF_THE_CONNECTION,
    OF_THE_CONTENT,
    OF_THE_SYSTEM,
    named,
    problem_of_name,
)

from ..conftest import ROOT

MADE = re.compile(r'Wrong\("(\w+)"\)|_line\(\w+, "(\w+)"\)|_line\(\w+ - \w+, "(\w+)"\)')


def test_what_is_no_http_has_a_name():
    text = "".join((ROOT / f"harness/cell/{name}.py").read_text() for name in ("http_framing", "http_answers"))
    assert {name for groups in MADE.findall(text) for name in groups if name} == set(OF_THE_ANSWER)


def test_what_cannot_be_decoded_has_a_name():
    text = (ROOT / "harness/cell/http_content.py").read_text()
    assert set(re.findall(r'"(\w+ContentEncoding)"', text)) == set(OF_THE_CONTENT)


def test_what_is_wrong_with_a_connection_has_a_name():
    text = (ROOT / "harness/cell/http_client.py").read_text()
    assert set(re.findall(r'^(?:CLOSED|UNASKED) = "(\w+)"|"(\w+Disconnected)"', text, re.MULTILINE)) == {
        ("ConnectionClosed", ""), ("UnaskedAnswer", ""), ("", "RemoteDisconnected")}
    assert set(OF_THE_CONNECTION) == {"ConnectionClosed", "UnaskedAnswer", "RemoteDisconnected"}
    assert set(NAMES) - set(NAMES_OF_RAW) == set(OF_THE_CONNECTION)


@pytest.mark.parametrize("name", [*OF_CONNECTING, *OF_THE_SYSTEM])
def test_what_the_system_says_is_an_error_of_its_own(name):
    kind = next(getattr(place, name) for place in (builtins, ssl, socket) if hasattr(place, name))
    assert issubclass(kind, OSError)
    assert kind.__name__ == name


@pytest.mark.parametrize(("expected", "problem"), [
    ("IncompletRead", "unknown error 'IncompletRead'. Did you mean 'IncompleteRead'?"), ("badheader", "Did you mean 'BadHeader'"),
    ("/Incomplet$/", "'/Incomplet$/' matches no error of a client. Available: BadChunk, "), ("IncompleteRead ", "unknown error"),
    *((name, "") for name in ("", "IncompleteRead", "{name}", "/Incomplete|x/", "/^$/", "/{name}/"))])
def test_a_name_that_no_error_has(expected, problem):
    said = problem_of_name(expected, NAMES)
    assert problem in said
    assert bool(problem) == bool(said)


def test_a_name_is_one_of_several():
    assert named("/^Bad/", ["IncompleteRead", "BadHeader"])
    assert not named("/^Bad/", ["IncompleteRead"])
