"""What installers say, and what it means: not for this Python, or did not install."""

import pytest

from harness.targets import installer
from harness.targets.installer import MAX_SENTENCE, InstallError, excludes_this_python, is_not_offered, sentence

UV_EXCLUDED = """error: No solution found when resolving dependencies
  cause: Because the current Python version (3.8.18) does not satisfy Python>=3.9.0 and waitress==3.0.2 depends on Python>=3.9.0, we can conclude that waitress==3.0.2 cannot be used.
         And because only waitress<=3.0.2 is available and you require waitress==3.0.2, we can conclude that your requirements are unsatisfiable."""
UV_DEPENDENCY = """error: No solution found when resolving dependencies
  cause: Because the current Python version (3.8.18) does not satisfy Python>=3.9 and click==8.2.0 depends on Python>=3.9, we can conclude that click==8.2.0 cannot be used.
         And because uvicorn==0.31.1 depends on click>=8.2 …"""
UV_RANGE = """error: No solution found when resolving dependencies
  cause: Because the current Python version (3.6.15) does not satisfy Python>=3.7 and granian<=0.3.2 depends on Python>=3.7, we can conclude that granian<=0.3.2 cannot be used."""
UV_NO_WHEEL = "error: x\n  cause: Because granian==0.3.0 has no wheels with a matching Python ABI tag (e.g., `cp36m`) …"
UV_ABSENT = """error: No solution found when resolving dependencies
  cause: Because there is no version of waitress==99 and you require waitress==99, we can conclude that your requirements are unsatisfiable."""
UV_UNREACHABLE = """error: Request failed after 3 retries in 9.7s
  cause: Failed to fetch: http://127.0.0.1:9/simple/waitress/
  cause: error sending request for url (http://127.0.0.1:9/simple/waitress/)
  cause: tcp connect error
  cause: Connection refused (os error 111)"""
PIP_NOTHING = """DEPRECATION: Python 2.7 reached the end of its life
WARNING: Url 'file:///x' is ignored: it is neither a file nor a directory.
ERROR: Could not find a version that satisfies the requirement granian (from versions: none)
ERROR: No matching distribution found for granian"""
UV_BUILD = """error: The build backend returned an error
  cause: Call to `x` failed (exit status: 1)
         [stderr]
         Traceback
         no build"""
PIP_BUILD = """    ERROR: Command errored out with exit status 1:
     command: python
    Complete output (7 lines):
    TypeError: 'encoding' is an invalid keyword argument for this function
    ----------------------------------------
ERROR: Command errored out with exit status 1: python setup.py egg_info Check the logs for full command output."""


@pytest.mark.parametrize(("output", "project", "excluded"), [
    (UV_EXCLUDED, "waitress", True), (UV_EXCLUDED, "Waitress", True), (UV_RANGE, "granian", True), (UV_NO_WHEEL, "granian", True),
    (UV_DEPENDENCY, "uvicorn", False), (UV_ABSENT, "waitress", False), (UV_UNREACHABLE, "waitress", False),
    (PIP_NOTHING, "granian", False), ("", "granian", False),
])
def test_a_project_that_is_not_for_this_python_is_told_from_one_that_fails(output, project, excluded):
    assert excludes_this_python(output, project) is excluded


@pytest.mark.parametrize(("output", "excluded"), [
    ("ERROR: Package u'waitress' requires a different Python: 2.7.18 not in '>=3.9'", True),
    ("ERROR: Package 'click' requires a different Python: 2.7.18 not in '>=3.9'", False),
    ("ERROR: waitress-9.0-py3-none-any.whl is not a supported wheel on this platform.", True),
    ("ERROR: waitress-9.0-1-cp313-cp313-win32.whl is not a supported wheel on this platform.", True),
    ("ERROR: waitress-9.0-py2.py3-none-win32.whl is not a supported wheel on this platform.", False),
    ("ERROR: click-9.0-py3-none-any.whl is not a supported wheel on this platform.", False),
])
def test_what_pip_of_2_7_says_of_sources_and_wheels_for_others(output, excluded):
    assert excludes_this_python(output, "waitress") is excluded


def test_what_pip_does_not_offer():
    assert is_not_offered(PIP_NOTHING, "granian")
    assert not is_not_offered(PIP_NOTHING, "uvicorn")
    assert not is_not_offered(PIP_BUILD, "uvicorn")


@pytest.mark.parametrize(("output", "said"), [
    (UV_ABSENT, "Because there is no version of waitress==99"),
    (UV_UNREACHABLE, "Failed to fetch: http://127.0.0.1:9/simple/waitress/: Connection refused (os error 111)"),
    (PIP_NOTHING, "Could not find a version that satisfies the requirement granian"),
    (PIP_BUILD, "Command errored out with exit status 1: TypeError: 'encoding' is an invalid keyword argument for this function"),
    (UV_BUILD, "Call to `x` failed (exit status: 1): no build"),
    (UV_BUILD + "\n         hint: try another", "Call to `x` failed (exit status: 1): no build"),
    (UV_BUILD.replace("no build", ""), "Call to `x` failed (exit status: 1)"),
    ("", "the installer printed nothing"), ("one line", "one line"),
])
def test_one_sentence_of_what_an_installer_says(output, said):
    assert sentence(output).startswith(said)
    assert len(sentence(output)) <= MAX_SENTENCE


@pytest.mark.parametrize(("command", "problem", "output"), [
    (["/bin/sh", "-c", "echo one; echo two >&2; exit 3"], "question failed", "one\ntwo\n"),
    (["/bin/sh", "-c", "echo one; exit 1"], "question failed", "one\n"),
    (["/bin/sh", "-c", "echo one; kill -9 $$"], "question failed", "one\n"),
    (["/no/such/installer"], "question could not be started", "No such file"),
])
def test_a_command_that_fails_is_an_error_with_its_output(command, problem, output):
    with pytest.raises(InstallError) as caught:
        installer.run("question", command)
    assert str(caught.value) == problem
    assert output in caught.value.output


def test_a_command_that_comes_to_no_end_is_an_error(monkeypatch):
    monkeypatch.setattr(installer, "INSTALL_SECONDS", 0.5)
    with pytest.raises(InstallError, match=r"question took more than 0\.5 s"):
        installer.run("question", ["/bin/sh", "-c", "exec sleep 60"])


def test_a_command_that_succeeds_gives_its_output():
    assert installer.run("question", ["/bin/sh", "-c", "echo one; echo two >&2"]) == "one\ntwo\n"


@pytest.mark.parametrize(("code", "newer"), [(0, True), (1, False), (2, False)])
def test_only_a_release_that_the_index_has_is_one_for_newer_pythons(monkeypatch, code, newer):
    """No answer is no release: otherwise an index that cannot be reached would excuse what did not install."""
    monkeypatch.setattr(installer, "uv", lambda: ["/bin/sh", "-c", f"exit {code}"])
    assert installer.is_for_newer("waitress==3.0.2") is newer


def test_a_narrow_terminal_does_not_break_what_is_read(monkeypatch):
    """uv breaks its lines for COLUMNS, which a shell may have exported: a release for newer Pythons would be a broken one."""
    monkeypatch.setenv("COLUMNS", "40")
    with pytest.raises(InstallError) as caught:
        installer.run("question", [*installer.uv(), "pip", "install", "--no-config", "--dry-run", "--offline", "--no-index",
                                   "a-project-that-is-nowhere==3"])
    assert "you require a-project-that-is-nowhere==3, we can conclude that" in caught.value.output
