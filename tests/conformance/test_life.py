"""The checks of lifecycles on two small servers that are right, and on the same servers with one mistake."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from harness.machine.first_process import no_first_process

from .playing import family, result, subject, without_a_way
from .ways_life import OF_ONE, OF_WORKERS, QUICKER, RECORDED, SHORTER

HERE = Path(__file__).parent
ONE, WORKERS = HERE / "right_life.py", HERE / "right_workers.py"
CHECKS = {name.removeprefix("lifecycle."): check for name, check in family("lifecycle").items()}
for _name, _args in QUICKER.items():
    _steps = (replace(step, args={**step.args, **{key: value for key, value in _args.items() if key in step.args}}) for step in CHECKS[_name].steps)
    CHECKS[_name] = replace(CHECKS[_name], steps=tuple(_steps))
WAYS = {**OF_ONE, **OF_WORKERS}


def server(name, way=""):
    """The small server that a check is played on; the bundled one's name stands for a grace that is shorter than 14 s."""
    if name in OF_WORKERS:
        return subject(WORKERS, way, args=("{host}", "{port}", "{app}", *(("--wrong", way) if way else ())), apps={"failing": Path("failing.py")},
                       capabilities=("fork-workers",), exits={"stop": (0, -15), "interrupt": (0, -2)})
    return subject(ONE, way, name="enginebus" if name == "drain.time-is-bounded-as-a-whole" else "small", exits={"stop": (0, -15), "interrupt": (0, -2)})


@pytest.fixture(autouse=True)
def possible(request):
    """A machine on which no process can be the first of a namespace has no such cells, either."""
    if "first-process" in request.node.name and (why := no_first_process()):
        pytest.skip(why)


@pytest.mark.parametrize("name", [*WAYS, *RECORDED])
def test_the_right_server_passes(name):
    found = result(CHECKS[name], server(name))
    assert found.word == ("recorded" if name in RECORDED else "pass"), found.reason


@pytest.mark.parametrize("name", WAYS)
def test_the_check_is_red_in_its_way(name):
    check = CHECKS[name]
    if name in SHORTER:
        check = replace(check, steps=tuple(replace(step, within=min(step.within, SHORTER[name])) for step in check.steps))
    found = result(check, server(name, WAYS[name]))
    assert found.word in ("fail", "timeout"), found.reason
    failing = {failure.step for verdict in (found.behaviour, found.cleanup) for failure in verdict.failures}
    assert name == "workers.none-starts" or 1 not in failing, f"it did not even start: {found.reason}"


def test_each_check_has_its_way():
    mine = {name for name in CHECKS if name.partition(".")[0] in {way.partition(".")[0] for way in WAYS}}
    assert without_a_way(mine - set(RECORDED), WAYS) == ([], [])


@pytest.mark.parametrize(("file", "ways"), [(ONE, OF_ONE), (WORKERS, OF_WORKERS)], ids=["one", "workers"])
def test_each_mistake_of_the_server_is_some_checks_way(file, ways):
    code = file.read_text("utf-8")
    known = set(re.findall(r'wrong\("([^"]+)"\)', code)) | set(re.findall(r'"([a-z-]+)": (?:GRACE|3600)', code))
    known |= {f"no-teardown-on-{name}" for name in ("term", "int")} if file == ONE else {"recycle-half"}
    assert known - ({"recycle-half"} if file == ONE else set()) == set(ways.values())
