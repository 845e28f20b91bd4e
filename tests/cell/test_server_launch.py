"""A measured launch: each of its images counts, and what became of its data is said. Real processes, on several Pythons."""

import json
import subprocess
from dataclasses import replace
from pathlib import Path

import coverage
import pytest

from harness.cell.measured_images import data_files
from harness.cell.server_launch import MEASURED, How, Launch, launch_argv, overall, unmeasured
from harness.language.parse_scenario import parse
from harness.machine import interpreters, server_process
from harness.machine.certificates import Certificate
from harness.machine.deadlines import Deadline
from harness.machine.server_process import ServerProcess
from harness.model.values import Target
from harness.targets import provision
from harness.targets.load_subjects import BUNDLED

PYTHONS = ("2.7", "3.6", "3.13", interpreters.current())  # the oldest, one whose coverage is old, and the newest

BEGIN = """
import os, signal, sys
import enginebus
from enginebus._compat import original_argv
argv = original_argv()
first = not os.path.exists("again")
open("again", "w").close()
"""
AGAIN = "if first: os.execv(argv[0], argv)\n"
SIGKILL = "os.kill(os.getpid(), signal.SIGKILL)\n"
DATA_CLASS = "import coverage\ncoverage.CoverageData.write = "

#: What a program does after it was imported -> the state of its data, what is said of it, and the files that it leaves.
PROGRAMS = {
    "returns": ("", "data", "", 1),
    "exits with a status": ("sys.exit(3)", "data", "", 1),
    "executes itself anew": (AGAIN, "data", "", 2),
    "executes itself anew, by another name": ("if first: os.execvpe(argv[0], argv, os.environ)", "data", "", 2),
    "executes itself anew, unseen": (
        "import posix\nif first: posix.execv(argv[0], argv)", "lost",
        "launch 1 (main): image 1 of 2 was replaced by exec before its data were saved", 1),
    "executes another program": (
        "os.execv('/bin/true', ['true'])", "lost", "launch 1 (main): the image that replaced image 1 of 1 was not measured", 1),
    "cannot execute another program": (
        "try:\n    os.execv('/no/such', ['x'])\nexcept OSError:\n    import enginebus.ports\n", "data", "", 1),
    "cannot execute another program, and is killed": (
        f"try:\n    os.execv('/no/such', ['x'])\nexcept OSError:\n    {SIGKILL}", "lost",
        "launch 1 (main): a signal ended image 1 of 1 before its data were saved", 1),
    "is killed": (SIGKILL, "lost", "launch 1 (main): a signal ended image 1 of 1 before its data were saved", 0),
    "is killed after it executed itself": (
        AGAIN + SIGKILL, "lost", "launch 1 (main): a signal ended image 2 of 2 before its data were saved", 1),
    "is killed while it saves": (
        f"{DATA_CLASS}lambda self: {SIGKILL}", "lost", "a signal ended image 1 of 1 before its data were saved", 1),
    "cannot save": (
        f"{DATA_CLASS}lambda self: 1 / 0", "broken", "image 1 of 1 exited on its own without saving data", 1),
    "cannot save before it executes itself": (
        f"{DATA_CLASS}lambda self: 1 / 0\n" + AGAIN.replace("argv)", "argv)\nelse: " + SIGKILL, 1), "lost",
        "image 1 of 2 was replaced by exec before its data were saved; launch 1 (main): a signal ended image 2 of 2", 1),
    "leaves at once": ("os._exit(0)", "broken", "launch 1 (main): image 1 of 1 exited on its own without saving data", 0),
    "has a child that returns": ("if os.fork(): os.wait()", "data", "", 2),
    "has a child that returns, and is killed": (
        "if os.fork():\n    os.wait()\n    " + SIGKILL, "lost", "a signal ended image 1 of 1 before its data were saved", 1),
    "has a child that executes another program": (
        "if not os.fork(): os.execv('/bin/true', ['true'])\nos.wait()", "data", "", 1),
    "has a child that executes itself": (
        "if first and not os.fork(): os.execv(argv[0], argv)\nif first: os.wait()", "data", "", 2),
    "has a child that executes itself and leaves": (
        "if first and not os.fork(): os.execv(argv[0], argv)\nif first: os.wait()\nelse: os._exit(0)\n", "lost",
        "image 2 of 2, a separate process, ended before its data were saved", 1),
}


@pytest.fixture(scope="session")
def targets(every_python, cache):
    """The bundled server on those of PYTHONS that are here."""
    here = [i for i in every_python if i.id in PYTHONS]
    made = provision.provision([(BUNDLED.load("enginebus"), i.id, i, "") for i in here], cache)
    assert all(target.ready for target in made)
    return {target.interpreter_id: target for target in made}


@pytest.fixture
def launched(targets, tmp_path):
    """Run a program as a measured launch, to its end."""
    def run(python: str, body: str, number: int = 1) -> Launch:
        if python not in targets:
            pytest.skip(f"there is no Python {python} on this machine")
        script = tmp_path / "program.py"
        script.write_text(BEGIN + body)
        (tmp_path / "again").unlink(missing_ok=True)
        subject = replace(BUNDLED.load("enginebus"), entry=(str(script),), args=("{port}",))
        launch = Launch.prepare(tmp_path / "cell", number, "main", "a.b@s@x", targets[python], subject, "")
        argv = launch_argv(subject, targets[python], launch, How(values={"host": "127.0.0.1", "port": "1"}, app=None))
        launch.process = ServerProcess("main", argv, tmp_path, server_process.environment(tmp_path, "r"), tmp_path / "main.log")
        assert Deadline(30).wait(lambda: not launch.process.running)
        return launch
    return run


@pytest.mark.parametrize("python", dict.fromkeys(PYTHONS))
@pytest.mark.parametrize("does", PROGRAMS)
def test_each_image_counts(launched, python, does):
    body, state, says, files = PROGRAMS[does]
    launch = launched(python, body)
    found, note = overall([launch])
    assert (found, says in note) == (state, True), (found, note, launch.process.text())
    assert bool(note) == (state != "data")
    assert len(data_files(launch.folder)) == files


@pytest.mark.parametrize("python", dict.fromkeys(PYTHONS))
def test_lines_after_an_exec_that_failed_are_in_the_data(launched, python):
    launch = launched(python, PROGRAMS["cannot execute another program"][0])
    (file,) = data_files(launch.folder)
    data = coverage.CoverageData(str(file))
    data.read()
    reached = {Path(name).name for name in data.measured_files() if data.lines(name)}
    assert {"ports.py", "bus.py"} <= reached
    assert data.measured_contexts() == {"a.b@s@x"}


@pytest.mark.parametrize("damage", ["cut", "empty", "other", "gone"])
def test_data_that_cannot_be_read_are_no_data(launched, damage):
    launch = launched(interpreters.current(), "")
    (file,) = data_files(launch.folder)
    content = file.read_bytes()
    if damage == "gone":
        file.unlink()
    else:
        file.write_bytes({"cut": content[:len(content) // 2], "empty": b"", "other": b"no data at all"}[damage])
    state, note = overall([launch])
    assert state == "broken"
    assert damage == "gone" or file.name in note, "the file is named"


def test_two_launches_are_told_apart(launched):
    both = [launched(interpreters.current(), ""), launched(interpreters.current(), AGAIN + SIGKILL, 2)]
    assert overall(both) == ("lost", "launch 2 (main): a signal ended image 2 of 2 before its data were saved")
    both.append(launched(interpreters.current(), "os._exit(0)", 3))
    state, note = overall(both)
    assert state == "broken", "the worst of them"
    assert "launch 2 (main): a signal" in note, "and the others are not passed over"
    assert "launch 3 (main): image 1 of 1 exited" in note


@pytest.mark.parametrize(("exit_code", "state", "says"), [
    (-9, "lost", "a signal ended it before measurement began"), (None, "lost", "a signal ended it before measurement began"),
    (1, "broken", "it exited with 1 before measurement began"),
])
def test_a_launch_that_left_no_mark(tmp_path, exit_code, state, says):
    class Ended:
        exit = exit_code
        pid = 1
    found, note = overall([Launch(1, "main", tmp_path, "c", process=Ended())])
    assert (found, note.partition(": ")[2].startswith(says)) == (state, True), note


def test_what_a_program_sees_of_itself_is_what_it_sees_unmeasured(targets, tmp_path):
    """sys.path[0], sys.argv and __main__, of a script and of a module."""
    (tmp_path / "shown.py").write_text(
        "import json, sys\nprint(json.dumps([sys.path[0], sys.argv, __name__, sys.modules['__main__'].__file__]))\n")
    for target in targets.values():
        for entry in (("-m", "shown"), (str(tmp_path / "shown.py"),)):
            subject = replace(BUNDLED.load("enginebus"), entry=entry, args=("--version", "-m", "x"))
            seen = []
            for off in ("", "not this time"):
                launch = Launch.prepare(tmp_path / f"{target.id}{len(entry)}", 1, "main", "c", target, subject, off)
                argv = launch_argv(subject, target, launch, How(values={"host": "127.0.0.1", "port": "1"}, app=None))
                done = subprocess.run(argv, cwd=tmp_path, capture_output=True, text=True, check=False)
                told = json.loads(done.stdout.splitlines()[0])
                told[3] = str(tmp_path / told[3])  # 2.7 tells a relative one
                told[1][0] = str(tmp_path / told[1][0])
                seen.append(told)
            assert seen[0] == seen[1], (target.id, entry)


def test_why_a_launch_is_not_measured(targets, tmp_path):
    scenario = parse({"format": 1, "id": "a.b", "title": "t", "paper": "unexposed", "app": "tree",
                      "step": [{"act": "start"}]}, "f.toml")
    subject, target = BUNDLED.load("enginebus"), targets[interpreters.current()]
    assert unmeasured(True, scenario, subject, target) == ""
    for found, why in [
        (unmeasured(False, scenario, subject, target), "--no-coverage"),
        (unmeasured(True, replace(scenario, coverage=False), subject, target), "coverage = false"),
        (unmeasured(True, scenario, BUNDLED.load("wsgiref"), target), "wsgiref"),
        (unmeasured(True, scenario, subject, replace(target, coverage="", interpreter_id="pypy3.11")), "on pypy3.11"),
    ]:
        assert why in found
        launch = Launch.prepare(tmp_path, 1, "main", "c", target, subject, found)
        assert overall([launch]) == ("off", f"not measured: {found}")
        assert str(MEASURED) not in launch_argv(subject, target, launch, How(values={"host": "h", "port": "1"}, app=None))
    assert overall([]) == ("off", "not measured: no server was launched")


def test_nothing_of_the_user_s_environment_gets_into_a_launch(targets, tmp_path):
    subject, target = BUNDLED.load("enginebus"), targets[interpreters.current()]
    for off in ("", "not this time"):
        launch = Launch.prepare(tmp_path / (off or "on"), 1, "main", "c", target, subject, off)
        argv = launch_argv(subject, target, launch, How(values={"host": "127.9.8.7", "port": "8123"}, app=tmp_path / "an_app.py"))
        assert argv[:3] == [target.python, "-s", "-E"]
        assert argv[3:6] == ([str(MEASURED), str(launch.folder), "c"] if not off else argv[3:6])
        assert {"127.9.8.7", "8123"} <= set(" ".join(argv).replace(":", " ").replace("=", " ").split())


@pytest.mark.parametrize(("given", "expected"), [
    ({}, ["args", "h", "1", "app", "/apps/app.py", "/s"]), ({"channel": "default"}, ["default"]), ({"reload": True}, ["reload"]),
    ({"reload": True, "channel": "default"}, ["reload"]),
    ({"certificate": Certificate(Path("/c"), Path("/k"), Path("/a"))}, ["tls", "/c", "/k"]),
])
def test_which_arguments_a_launch_has(given, expected):
    subject = replace(
        BUNDLED.load("enginebus"), entry=("-m", "x"), args=("args", "{host}", "{port}", "{app_module}", "{app}", "{folder}"),
        default_channel_args=("default",), tls_args=("tls", "{certificate}", "{key}"), reload_args=("reload",), folder=Path("/s"))
    target, launch = Target("s@1", "s", "1", python="/python"), Launch(1, "main", None, "c", "off")
    argv = launch_argv(subject, target, launch, How(values={"host": "h", "port": "1"}, app=Path("/apps/app.py"), **given))
    assert argv == ["/python", "-s", "-E", "-m", "x", *expected]
