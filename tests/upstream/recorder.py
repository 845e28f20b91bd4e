"""A pytest plugin that runs inside the tests' own process: what each test came to, as lines of JSON."""

import faulthandler
import fnmatch
import json
import os

TEST_SECONDS = 60

_report = open(os.environ["UPSTREAM_RESULTS"], "a", encoding="utf-8")  # noqa: SIM115  # open until the process ends
_stacks = open(os.environ["UPSTREAM_RESULTS"] + ".stacks", "a", encoding="utf-8")  # noqa: SIM115
_done = os.environ["UPSTREAM_DONE"].split("\n")
_omit = os.environ["UPSTREAM_OMIT"].split("\n")


def _say(kind, test, text=""):
    _report.write(json.dumps([kind, test, text]) + "\n")
    _report.flush()


def name_of(nodeid):
    """``test_core.ErrorTests.test_gc`` for ``cherrypy/test/test_core.py::ErrorTests::test_gc``."""
    return nodeid.rpartition("/")[2].replace(".py::", ".").replace("::", ".")


def pytest_collection_modifyitems(items):
    """Leave out what has run already, or is not to run; report which is which."""
    names = {item: name_of(item.nodeid) for item in items if name_of(item.nodeid) not in _done}
    omitted = {item for item, name in names.items() if any(fnmatch.fnmatchcase(name, pattern) for pattern in _omit)}
    items[:] = [item for item in names if item not in omitted]
    for item, name in names.items():
        _say("omitted" if item in omitted else "planned", name)


def pytest_runtest_logstart(nodeid):
    """A test that hangs ends the process, with the stacks of its threads."""
    _say("started", name_of(nodeid))
    faulthandler.dump_traceback_later(TEST_SECONDS, exit=True, file=_stacks)


def pytest_runtest_logreport(report):
    """The worst of set-up, call and tear-down is what a test came to."""
    if report.when == "call" or report.outcome != "passed":
        _say(report.outcome, name_of(report.nodeid), "" if report.passed else str(report.longrepr))


def pytest_runtest_logfinish(nodeid):
    """It came to its end."""
    faulthandler.cancel_dump_traceback_later()
    _say("finished", name_of(nodeid))


def pytest_collectreport(report):
    """A module that cannot be imported is a difference of its own."""
    if report.failed:
        _say("failed", name_of(report.nodeid), str(report.longrepr))
