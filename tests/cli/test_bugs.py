"""``server-matrix bugs`` as a user has it: one real play of each verdict, exit codes, narrowing, bad input."""

import json

import pytest

from harness.cli.bugs import exit_code
from harness.language.scenario import Bug
from harness.run.bugs.record import Played
from harness.run.bugs.verdicts import CAUGHT, NOT_CAUGHT, STILL_RED, UNKNOWN, UNPLAYED, Side
from harness.run.exit_code import CRASHED
from harness.run.guardian import LEFT_OVER

from ..conftest import run_harness

PYTHON = "3.8"  # waitress 1.3 runs on it, and each machine that the tests run on has it
SCENARIO = f'''
format = 1
id     = "http.two-lengths"
title  = "A request with two lengths is refused"
source = ["CVE-2019-16792"]
app    = "life"

[[step]]
act = "start"

[[step]]
act    = "raw"
send   = "POST / HTTP/1.1\\r\\nHost: x\\r\\nContent-Length: 5\\r\\nContent-Length: 6\\r\\n\\r\\nabcdef"
until  = "response"
expect = {{ status = 400 }}

[[bug]]
report  = "CVE-2019-16792"
subject = "waitress"
broken  = "1.3.1"
fixed   = "1.4.0"
python  = ["{PYTHON}"]
failing = ["2.status"]
'''
MORE = f'''
[[bug]]
report  = "a release that has it not"
subject = "waitress"
broken  = "1.4.0"
python  = ["{PYTHON}"]

[[bug]]
report  = "a release that has it, too"
subject = "waitress"
broken  = "1.3.0"
fixed   = "1.3.1"
python  = ["{PYTHON}"]

[[bug]]
report  = "not where it is said to be"
subject = "waitress"
broken  = "1.3.1"
fixed   = "1.4.0"
python  = ["{PYTHON}"]
failing = ["1.ready"]

[[bug]]
report  = "a release that there is not"
subject = "waitress"
broken  = "1.3.99"
fixed   = "1.4.0"
python  = ["{PYTHON}"]

[[bug]]
report  = "on a Python that is not here"
subject = "waitress"
broken  = "1.3.1"
fixed   = "1.4.0"
python  = ["3.20"]
'''


@pytest.fixture
def bugs(tmp_path, every_python):
    assert PYTHON in [one.id for one in every_python], f"there is no Python {PYTHON} here: no citation can be played"

    def run(text, *words):
        file = tmp_path / "scenarios" / "http" / "two-lengths.toml"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8")
        return run_harness("bugs", "--scenarios", str(tmp_path / "scenarios"), "--no-bundled-scenarios", "--reports", str(tmp_path / "reports"), *words)

    return run


def test_citations_are_played_on_real_releases(bugs, tmp_path):
    index = tmp_path / "reports" / "index.html"
    index.parent.mkdir()
    index.write_text("the matrix's own", "utf-8")
    done = bugs(SCENARIO + MORE, "--json")
    assert done.returncode == 1, done.stdout + done.stderr
    assert "3 of 6 citations are not what they promise" in done.stderr
    played = {one["bug"]["report"]: one for one in json.loads(done.stdout)["played"]}
    assert {report: one["verdict"] for report, one in played.items()} == {
        "CVE-2019-16792": CAUGHT, "a release that has it not": NOT_CAUGHT, "a release that has it, too": STILL_RED,
        "not where it is said to be": NOT_CAUGHT, "a release that there is not": UNPLAYED,
        "on a Python that is not here": UNPLAYED}
    caught = played["CVE-2019-16792"]
    assert (caught["broken"]["word"], caught["fixed"]["word"]) == ("fail", "pass")
    assert caught["broken"]["cell"] == f"http.two-lengths@waitress+1.3.1@{PYTHON}"
    assert caught["broken"]["reason"] == "step 2: status: expected 400, observed 200"
    assert "does not install" in played["a release that there is not"]["reason"]
    assert "1.3.99" in played["a release that there is not"]["reason"]
    assert played["on a Python that is not here"]["reason"] == "1.3.1: no interpreter 3.20 on this machine"
    assert played["not where it is said to be"]["reason"].endswith("not at 1.ready")

    kept = json.loads((tmp_path / "reports" / "bugs.json").read_text("utf-8"))
    assert kept["played"] == json.loads(done.stdout)["played"]
    assert index.read_text("utf-8") == "the matrix's own"
    assert {path.name for path in (tmp_path / "reports").iterdir()} == {"index.html", "bugs.json", "bugs"}
    assert f"waitress+1.3.1@{PYTHON}" in (tmp_path / "reports" / "bugs" / "index.html").read_text("utf-8")
    (history,) = (tmp_path / "reports" / "bugs" / "data").glob(f"*/cells/{caught['broken']['cell']}/history.json")
    assert json.loads(history.read_text("utf-8"))["observations"][1]["seen"]["status"] == 200

    alone = bugs(SCENARIO)
    assert alone.returncode == 0, alone.stdout + alone.stderr
    assert "1 citation: 1 caught" in alone.stdout
    assert f"caught   CVE-2019-16792  waitress  {PYTHON}     1.3.1 fail  1.4.0 pass" in alone.stdout


def test_no_citation_at_all_is_a_failure(bugs):
    done = bugs(SCENARIO.partition("[[bug]]")[0])
    assert (done.returncode, "no citation was played" in done.stdout) == (1, True)


@pytest.mark.parametrize(("words", "problem"), [
    (["--scenario", "http.two-length"], "Did you mean 'http.two-lengths'?"),
    (["--subject", "waitres"], "Did you mean 'waitress'?"),
    (["-k", "nothing like it"], "-k 'nothing like it': selects none of 1 citation."),
    (["-k", "waitres1.3"], "-k waitres1.3: selects none of 1 citation. Did you mean waitress+1.3.1"),
    (["-k", "lenghts"], "Did you mean"),
    (["--python", "1.1"], f"--python 1.1: selects none of 1 citation. Available: {PYTHON}."),
    (["--subject", "cheroot"], "--subject cheroot: selects none of 1 citation. Available: waitress."),
    (["-k", "length", "--subject", "cheroot"], "-k length --subject cheroot: selects none of 1 citation. Available: waitress."),
    (["--python", "three"], "--python three: must be an id such as 3.8"),
    (["-n", "0"], "give at least 1"),
])
def test_a_bad_argument_is_2_and_nothing_is_written(bugs, tmp_path, words, problem):
    done = bugs(SCENARIO, *words)
    assert (done.returncode, problem in done.stderr) == (2, True), done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "reports").exists()


def test_a_file_that_cannot_be_added_to_is_2_before_anything_is_played(bugs, tmp_path):
    file = tmp_path / "reports" / "bugs.json"
    file.parent.mkdir()
    file.write_text("{", "utf-8")
    done = bugs(SCENARIO)
    assert (done.returncode, "bugs.json: invalid contents" in done.stderr) == (2, True), done.stdout + done.stderr
    assert (file.read_text("utf-8"), list(file.parent.iterdir())) == ("{", [file])


def test_a_table_that_is_wrong_is_2_with_its_place(bugs):
    done = bugs(SCENARIO.replace("broken ", "brokn "))
    assert done.returncode == 2
    assert "scenarios/http/two-lengths.toml: bug 1: unknown key 'brokn'. Did you mean 'broken'?" in done.stderr


def played(verdict):
    bug = Bug(report="r", subject="waitress", broken="1", fixed="2", python=("3.8",))
    side = Side("c", "1", "fail", "red")
    return Played("a.b", "h", bug, "3.8", side, side, verdict, "", "run")


@pytest.mark.parametrize(("verdicts", "driver_code", "strict", "code", "reason"), [
    ([CAUGHT], 1, False, 0, ""),
    ([CAUGHT, CAUGHT], 1, True, 0, ""),
    ([CAUGHT, UNPLAYED], 1, False, 0, ""),
    ([CAUGHT, UNPLAYED], 1, True, 1, "1 cannot be played"),
    ([UNPLAYED], 0, False, 1, "no citation was played"),
    ([], 0, False, 1, "no citation was played"),
    ([CAUGHT, NOT_CAUGHT], 1, False, 1, "1 of 2"),
    ([STILL_RED], 1, False, 1, "1 of 1"),
    ([UNKNOWN, CAUGHT], 1, False, 1, "1 of 2"),
    ([CAUGHT], CRASHED, False, 1, "the harness crashed"),
    ([CAUGHT], LEFT_OVER, False, 1, "processes of the run were left"),
])
def test_exit_codes(verdicts, driver_code, strict, code, reason):
    number, said = exit_code([played(verdict) for verdict in verdicts], driver_code, strict)
    assert number == code
    assert reason in said
