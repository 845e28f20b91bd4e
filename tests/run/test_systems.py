"""Systems in ids: what is renamed where runs of several are merged, and which expected failures are about which."""

import pytest

from harness.language.expected_failures import ExpectedFailure
from harness.model.values import CellResult, Interpreter, Target, Verdict
from harness.report.axis import explain
from harness.run import systems


@pytest.mark.parametrize(("said", "name"), [("Linux", "linux"), ("Darwin", "macos"), ("Windows", "windows"), ("FreeBSD", "freebsd"), ("", "unknown")])
def test_what_a_system_is_called(said, name):
    assert systems.named(said) == name


def test_ids_with_the_system_in_them():
    assert systems.target_on("waitress+lt2@3.13", "windows") == "waitress+lt2@3.13-windows"
    assert systems.cell_on("a.b@s@2.7", "linux") == "a.b@s@2.7-linux"


@pytest.mark.parametrize(("targets", "system", "here"), [
    (("s@3.13-windows",), "windows", ("s@3.13",)), (("s@3.13-windows",), "linux", ()), (("s@3.13",), "linux", ("s@3.13",)), (("s",), "macos", ("s",)),
    (("gunicorn-gthread", "s@2.7-linux"), "linux", ("gunicorn-gthread", "s@2.7")), (("s@2.7-linux", "t@2.7"), "windows", ("t@2.7",)),
])
def test_an_expected_failure_may_be_about_one_system(targets, system, here):
    found = systems.expected_on((ExpectedFailure("a.b", targets, "why"),), system)
    assert [entry.targets for entry in found] == ([here] if here else [])


def test_a_failure_on_one_system_only_is_explained():
    targets = tuple(Target(f"s@{python}-{system}", "s", f"{python}-{system}", "1", Interpreter(python, "cpython", f"{python}.1", "gil", "", system=system))
                    for python in ("3.12", "3.13") for system in ("linux", "windows"))
    results = {f"a.b@{target.id}": CellResult(f"a.b@{target.id}", "ran", "", Verdict("fail" if target.interpreter.system == "windows" else "pass"), Verdict("pass"))
               for target in targets}
    assert explain("a.b", targets, results) == "windows only"
