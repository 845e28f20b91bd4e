"""The wire table against the bundled server, on every Python that was found."""

import re

import pytest

from . import run, servers
from .table import BY_ID, apply


def pytest_generate_tests(metafunc):
    if "version" in metafunc.fixturenames:
        metafunc.parametrize("version", servers.pythons(), scope="module")


@pytest.fixture(scope="module")
def results(version, tmp_path_factory):
    """All rows, played once against one server: it must live through them all."""
    log = tmp_path_factory.mktemp("wire") / "log"
    with servers.serving("enginebus", version, log) as address:
        found = {row.id: (played, faults) for row, played, faults in run.run(apply("enginebus"), address)}
    return found, log.read_text("utf-8", "replace")


@pytest.mark.parametrize("name", list(BY_ID))
def test_row(results, name):
    played, faults = results[0][name]
    row = BY_ID[name]
    assert not faults, f"{row.source}\nsent {row.sent}\ngot  {played}\n" + "\n".join(f"{fault.level}: {fault.text}" for fault in faults)


def test_every_row_was_played(results):
    assert list(results[0]) == list(BY_ID)
    assert all(played is not None for played, _ in results[0].values())


def test_no_traceback_but_that_of_a_handler(results):
    """What a client sends is no error of the server's: the log has the tracebacks of /boom, and no other."""
    raised = re.findall(r"^[A-Za-z_.]*(?:Error|Exception)\b.*", results[1], re.MULTILINE)
    assert set(raised) == {"RuntimeError: boom on purpose"}
    assert results[1].count("Traceback (most recent call last)") == len(raised)
