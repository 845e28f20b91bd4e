"""Mutants of a small server in real cells: which are noticed, by what, and what is said of those that are not."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from harness.language.parse_scenario import parse
from harness.targets.load_subjects import BUNDLED

from . import ground, pool
from .attempts import BROKE, KILLED, NOT_REACHED, SURVIVED, Attempts
from .by_hand import Row, mutants
from .cells import Setup
from .generate import generate, read

HERE = Path(__file__).parent
START = {"act": "start", "within": "10s"}
SCENARIOS = {
    "tiny.hello": [START, {"act": "request", "path": "/", "expect": {"status": 200, "body": "hello"}}],
    "tiny.absent": [START, {"act": "request", "path": "/no", "expect": {"status": 404}}],
    "tiny.red": [START, {"act": "request", "path": "/", "expect": {"status": 500}}],
}
ROWS = [
    Row("__init__.py", 'if path == b"/":', 'if path != b"/":', "pages are confused"),
    Row("__init__.py", 'return b"404 Not Found", NAME', 'return b"404 Not Found", b"other"', "a page that nobody reads"),
    Row("__init__.py", "return 2", "return 3", "what nothing calls"),
    Row("__init__.py", "        client.close()\n", "        while True:\n            pass\n", "an answer, and then none"),
    Row("__init__.py", "listening.listen(pause())", "sys.exit(3)", "it does not start"),
    Row("__init__.py", "lambda *_: sys.exit(0)", "lambda *_: None", "it does not stop"),
]
OUTCOMES = {
    "pages are confused": (KILLED, "status"), "a page that nobody reads": (SURVIVED, ""), "what nothing calls": (NOT_REACHED, ""),
    "an answer, and then none": (KILLED, "request"), "it does not start": (KILLED, "ready"), "it does not stop": (KILLED, "stop"),
}


def scenario(name, steps):
    return parse({"format": 1, "id": name, "title": name, "source": ["the tests"], "step": steps}, "tiny.toml")


@pytest.fixture(scope="module")
def package(tmp_path_factory):
    made = tmp_path_factory.mktemp("guest") / "tinyserver"
    made.mkdir()
    shutil.copy(HERE / "tiny.py", made / "__init__.py")
    (made / "__main__.py").write_text("import sys\nimport tinyserver\ntinyserver.serve(sys.argv[1], int(sys.argv[2]))\n")
    return made


@pytest.fixture(scope="module")
def setup(package, target, tmp_path_factory):
    """The small server in an environment like the bundled one's."""
    home, was = tmp_path_factory.mktemp("target") / "env", Path(target.python).parents[1]
    shutil.copytree(was, home, symlinks=True)
    site = home / Path(target.site).relative_to(was)
    shutil.copytree(package, site / "tinyserver")
    subject = replace(
        BUNDLED.load("enginebus"), name="tiny", entry=("-m", "tinyserver"), args=("{host}", "{port}"), ready=("/READY$/",),
        coverage=("tinyserver",), guest=("tinyserver",), patterns={}, exits={"stop": (0,)})
    own = replace(target, id="tiny@here", subject="tiny", python=str(home / "bin" / "python"), site=str(site))
    scenarios = {name: scenario(name, steps) for name, steps in SCENARIOS.items()}
    return lambda folder: Setup(subject, "tinyserver", {"here": own}, scenarios, folder)


@pytest.fixture(scope="module")
def seen(setup):
    with pool.pool(setup, 2) as workers:
        found, scenarios = {}, {name: scenario(name, steps) for name, steps in SCENARIOS.items()}
        ground.survey(workers, {"here": list(scenarios)}, scenarios, lambda python, name, one: found.update({name: one}), print)
        return found


@pytest.fixture(scope="module")
def known(seen):
    return ground.ground(seen)


def test_the_unmutated_server_is_seen(known, package):
    assert set(known.seconds) == {"tiny.hello", "tiny.absent"}, "what is red without a mutant notices none"
    lines = (package / "__init__.py").read_text().splitlines()
    hello, absent = (next(n for n, line in enumerate(lines, 1) if text in line) for text in ("200 OK", "404 Not"))
    assert known.lines["__init__.py"][hello] == {"tiny.hello", "tiny.absent"}, "at its end each asks for / whether it still answers"
    assert known.lines["__init__.py"][absent] == {"tiny.absent"}
    assert not known.blind
    assert known.lines["__main__.py"][3] == {"tiny.hello", "tiny.absent"}


def test_what_is_seen_is_kept_for_what_is_as_it_was(seen, tmp_path):
    file, keys = tmp_path / "kept.json", dict.fromkeys(SCENARIOS, "key")
    ground.keep(file, keys, seen)
    assert ground.ground(ground.recall(file, keys)) == ground.ground(seen)
    assert set(ground.recall(file, {**keys, "tiny.hello": "other"})) == {"tiny.absent", "tiny.red"}
    assert ground.recall(tmp_path / "none.json", keys) == {}


def test_what_is_seen_is_known_by_all_that_decides_it(package, tmp_path):
    subject = BUNDLED.load("enginebus")
    scenarios = {name: scenario(name, steps) for name, steps in SCENARIOS.items()}
    before = ground.keys(scenarios, subject, package)
    assert len(set(before.values())) == 3
    scenarios["tiny.red"] = replace(scenarios["tiny.red"], hash="another")
    after = ground.keys(scenarios, subject, package)
    assert [name for name in before if before[name] != after[name]] == ["tiny.red"]
    other = tmp_path / "tinyserver"
    shutil.copytree(package, other)
    (other / "__main__.py").write_text("")
    assert not set(ground.keys(scenarios, subject, other).values()) & set(after.values())


def test_faults_are_noticed_or_survive_as_they_should(setup, known, package):
    sources, told = read(package), {}
    attempts = Attempts(sources, {"here": known})
    with pool.pool(setup, 2) as workers:
        attempts.run(workers, mutants(sources, ROWS), lambda mutant, found: told.update({mutant.says: found["here"]}))
        folder = workers.folder
    assert {says: (one.outcome, one.key) for says, one in told.items()} == OUTCOMES
    assert told["pages are confused"].by in ("tiny.hello", "tiny.absent")
    assert told["a page that nobody reads"].tried == told["a page that nobody reads"].reach
    assert all(one.seconds < 30 for one in told.values()), "a server that hangs costs little"
    assert not folder.exists()


def test_survivors_are_put_together_and_told_apart(setup, known, package, monkeypatch):
    """With nothing played alone, all of them meet the scenarios in one copy: what one notices is found out."""
    monkeypatch.setattr("tests.mutants.attempts.ALONE", 0)
    sources, told = read(package), {}
    attempts = Attempts(sources, {"here": known})
    rows = [ROWS[0], Row("__init__.py", "return 1\n", "return 2\n", "a longer queue")]
    with pool.pool(setup, 1) as workers:
        attempts.run(workers, mutants(sources, rows), lambda mutant, found: told.update({mutant.says: found["here"].outcome}))
    assert told == {"pages are confused": KILLED, "a longer queue": SURVIVED}


def test_a_worker_that_dies_is_replaced(setup, known, package, monkeypatch):
    sources, told = read(package), {}
    attempts = Attempts(sources, {"here": known})
    rows = mutants(sources, ROWS[:2])
    with pool.pool(setup, 1) as workers:
        send = pool._Worker.send

        def first_dies(worker, known_by, job):
            send(worker, known_by, job)
            if worker.number == 1:
                worker.popen.kill()

        monkeypatch.setattr(pool._Worker, "send", first_dies)
        attempts.run(workers, rows, lambda mutant, found: told.update({mutant.says: found["here"].outcome}))
    assert sorted(told.values()) == sorted([BROKE, SURVIVED]) or sorted(told.values()) == sorted([BROKE, KILLED])


def test_generated_mutants_of_it_are_judged(setup, known, package):
    sources, told = read(package), {}
    chosen = [mutant for mutant in generate(sources) if mutant.file == "__init__.py" and 7 <= mutant.line <= 13]
    attempts = Attempts(sources, {"here": known})
    with pool.pool(setup, 2) as workers:
        attempts.run(workers, chosen, lambda mutant, found: told.update({mutant.id: found["here"].outcome}))
    assert set(told) == {mutant.id for mutant in chosen}
    assert set(told.values()) == {KILLED, SURVIVED}
