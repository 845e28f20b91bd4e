"""Small scenarios, driven against the real bundled server on the Python that runs the tests."""

import pytest
from coverage import CoverageData

from harness import probes
from harness.images import data_files
from harness.server_acts import IDLE_SECONDS

from .conftest import HEAD, ROOT


def test_a_cell_is_recorded_and_leaves_nothing(run_cell):
    history, result = run_cell(
        '[[step]]\nact="start"\n[[step]]\nact="request"\npath="/"\nexpect={status=200, body="hello"}\n'
        '[[step]]\nact="sockets"\nexpect={listeners=["main"], bind="held"}')
    assert result.word == "pass", result.reason
    assert [o.act for o in history.observations] == ["start", "request", "sockets"]
    assert history.observations[1].wire
    assert "Bus EXITED" in history.logs["main"]
    assert history.cleanup["stopped"][0]["exit"] == 0
    assert probes.bind_state(history.host, history.port) == "free"


def test_a_failed_expectation_is_red_and_the_cell_is_cleaned_up(run_cell):
    _, result = run_cell('[[step]]\nact="start"\n[[step]]\nact="request"\npath="/"\nexpect={status=404}')
    assert (result.behaviour.outcome, result.cleanup.outcome) == ("fail", "pass")


def test_a_port_that_somebody_else_accepts_on_does_not_make_a_server_ready(run_cell):
    history, result = run_cell(
        '[[step]]\nact="hold"\nhow="listen"\n[[step]]\nact="start"\nexpect={ready=false, exit="@port-held"}', ready=())
    assert history.observations[0].seen["connect"] == "accepted"
    assert result.word == "pass", result.reason


def test_a_server_without_a_ready_line_is_ready_when_it_holds_its_port(run_cell):
    _, result = run_cell('[[step]]\nact="start"\n[[step]]\nact="request"\npath="/"\nexpect={status=200}', ready=())
    assert result.word == "pass", result.reason


def test_a_step_past_its_deadline_is_a_timeout(run_cell):
    history, result = run_cell(
        '[[step]]\nact="start"\n[[step]]\nact="wait"\nlog="/never/"\nwithin="200ms"\n[[step]]\nact="stop"')
    assert result.word == "timeout"
    assert len(history.observations) == 2, "nothing is done after a deadline has passed"


def test_a_child_that_is_left_is_a_cleanup_failure_unless_it_was_declared(run_cell):
    steps = ('[[step]]\nact="start"\n[[step]]\nact="request"\npath="/spawn/fork"\nexpect={status=200}\n'
             'save={child="json:/pid"}')
    history, result = run_cell(steps)
    assert (result.behaviour.outcome, result.cleanup.outcome) == ("pass", "fail")
    assert {failure.key for failure in result.cleanup.failures} >= {"processes"}
    assert "child" in history.cleanup["processes"][0]
    history, result = run_cell('leaves=["child"]\n' + steps)
    assert result.word == "pass", result.reason
    assert "child" in history.cleanup["removed"][0]


def test_a_step_that_cannot_be_done_says_why(run_cell):
    _, result = run_cell('[[step]]\nact="start"\n[[step]]\nact="kill"\n[[step]]\nact="stop"')
    assert result.word == "fail"
    assert "had already ended" in result.reason


def test_only_the_cell_s_own_processes_get_signals(run_cell):
    _, result = run_cell(
        '[[step]]\nact="start"\n[[step]]\nact="request"\npath="/echo"\nheaders={X-Echo="1"}\nexpect={status=200}\n'
        'save={parent="body"}\n[[step]]\nact="request"\npath="/"\nexpect={status=200}\n')
    assert result.word == "pass"
    _, result = run_cell(
        '[[step]]\nact="start"\n[[step]]\nact="request"\npath="/two?a=1&b=2"\nexpect={status=200}\nsave={pid="body"}\n'
        '[[step]]\nact="signal"\nsignal="TERM"\npid="1"\n')
    assert result.word == "fail"
    assert "no living process of this cell" in result.reason


def test_the_harness_s_own_error_is_an_error_and_the_cell_is_cleaned_up(run_cell, monkeypatch):
    from harness import acts
    monkeypatch.setitem(acts.ACTS, "request", lambda *_: 1 / 0)
    history, result = run_cell('[[step]]\nact="start"\n[[step]]\nact="request"\npath="/"\nexpect={status=200}')
    assert result.word == "error"
    assert "ZeroDivisionError" in result.reason
    assert history.cleanup["stopped"][0]["exit"] == 0


RESTART = """[[step]]
act="start"
[[step]]
act="request"
path="/restart"
expect={status=200}
[[step]]
act="wait"
log=["@re-executes", "@bus-started"]
"""


@pytest.mark.parametrize(("steps", "state", "note"), [
    ('[[step]]\nact="start"\n[[step]]\nact="stop"', "data", ""),
    ('[[step]]\nact="start"\n[[step]]\nact="kill"', "lost",
     "launch 1 (main): a signal ended image 1 of 1 before its data were saved"),
    (RESTART + '[[step]]\nact="stop"', "data", ""),
    (RESTART + '[[step]]\nact="kill"', "lost", "launch 1 (main): a signal ended image 2 of 2 before its data were saved"),
])
def test_coverage_states(run_cell, steps, state, note):
    history, result = run_cell(steps, measure=True)
    assert (history.coverage, history.coverage_note) == (state, note)
    assert result.word == "pass", result.reason


def test_a_restart_in_place_leaves_the_lines_that_it_reached_before(run_cell, tmp_path):
    history, _ = run_cell(RESTART, measure=True)
    assert history.coverage == "data"
    reached = []
    for file in data_files(tmp_path / "cell"):
        data = CoverageData(str(file))
        data.read()
        (name,) = (name for name in data.measured_files() if name.endswith("bus.py"))
        source = (ROOT / "harness" / "guest" / "enginebus" / "bus.py").read_text("utf-8").splitlines()
        reached.append({source[line - 1].strip() for line in data.lines(name)})
    first, second = sorted(reached, key=lambda lines: "os.execv(argv[0], argv)" not in lines)
    assert "os.execv(argv[0], argv)" in first - second


def test_a_cell_that_is_not_measured_says_why(run_cell):
    history, _ = run_cell('[[step]]\nact="start"\n', measure=True, head=HEAD + "coverage = false\n")
    assert history.coverage == "off"
    assert "coverage = false" in history.coverage_note


def test_a_server_that_had_to_be_killed_is_recorded_and_not_judged(run_cell):
    late = '[[step]]\nact="wait"\nexit=true\nlate="kill"\nwithin="300ms"\nobserve={"it ended" = "exit"}'
    history, result = run_cell('[[step]]\nact="start"\n' + late)
    assert result.word == "pass", result.reason
    assert (history.observations[-1].seen["exit"], history.observations[-1].seen["forced"]) == (-9, True)
    history, _ = run_cell('[[step]]\nact="start"\n[[step]]\nact="signal"\nsignal="TERM"\n' + late.replace("300ms", "10s"))
    assert (history.observations[-1].seen["exit"], history.observations[-1].seen["forced"]) == (0, False)


def test_idle_is_a_server_that_lives_and_uses_no_time(run_cell):
    idle = '[[step]]\nact="wait"\nidle=true\nwithin="10s"'
    history, result = run_cell('[[step]]\nact="start"\n' + idle)
    assert result.word == "pass", result.reason
    assert history.observations[-1].seen["seconds"] >= IDLE_SECONDS
    _, result = run_cell('[[step]]\nact="start"\n[[step]]\nact="kill"\n' + idle)
    assert "has already ended" in result.reason


def test_clients_go_and_the_states_of_their_sockets_are_waited_for(run_cell):
    keep = '[[step]]\nact="start"\n[[step]]\nact="request"\npath="/"\nkeep="one"\nexpect={status=200}\n'
    states = '[[step]]\nact="wait"\nstates=["LISTEN"]\nwithin="%s"'
    _, result = run_cell(keep + states % "500ms")
    assert result.word == "timeout", "a client that is connected is an ESTABLISHED socket"
    _, result = run_cell(keep + '[[step]]\nact="disconnect"\nexpect={connections=1}\n' + states % "10s")
    assert result.word == "pass", result.reason


def test_workers_are_their_server_while_it_lives_and_orphans_afterwards(run_cell):
    steps = ('leaves=["child"]\n[[step]]\nact="start"\n[[step]]\nact="request"\npath="/spawn/multiprocessing_spawn"\n'
             'expect={status=200}\nsave={child="json:/pid"}\n[[step]]\nact="processes"\nexpect={roles=%s}\n'
             '[[step]]\nact="kill"\n[[step]]\nact="processes"\nexpect={roles=["child", "orphan"]}')  # the tracker of resources
    for more, role in (((), "descendant"), (("fork-workers",), "main")):
        _, result = run_cell(steps % f'["child", "main", "{role}"]', capabilities=("object-dispatch", *more))
        assert result.behaviour.outcome == "pass", result.reason


LISTENS = """
import socket, sys
listener = socket.create_server((sys.argv[1], int(sys.argv[2])))
if sys.argv[3] == "answers":
    while True:
        connection, _ = listener.accept()
        connection.recv(1000)
        connection.sendall(b"HTTP/1.0 503 Not now\\r\\n\\r\\n")
        connection.close()
import time
time.sleep(60)
"""


@pytest.mark.parametrize(("does", "ready"), [("answers", True), ("nothing", False)])
def test_a_server_that_says_nothing_is_ready_when_it_answers_and_not_when_it_listens(run_cell, tmp_path, does, ready):
    script = tmp_path / "listens.py"
    script.write_text(LISTENS)
    history, result = run_cell(
        '[[step]]\nact="start"\nwithin="3s"\n[[step]]\nact="kill"', ready=(), entry=(str(script),),
        args=("{host}", "{port}", does))
    assert history.observations[0].seen["ready"] is ready
    assert result.behaviour.outcome == ("pass" if ready else "timeout")


RELOAD = HEAD + "reload = true\n"


def test_a_saved_file_restarts_the_server_and_one_that_is_not_there_is_said(run_cell):
    save = '[[step]]\nact="touch"\nfile="{file}"\nuntil="/Restarting because .*tree/"\nwithin="{within}"\n'
    history, result = run_cell(
        '[[step]]\nact="start"\n' + save.format(file="tree.py", within="20s") +
        '[[step]]\nact="wait"\nlog=["@re-executes", "@bus-started"]\nnew=true\n'
        '[[step]]\nact="request"\npath="/"\nexpect={status=200}\n', head=RELOAD)
    assert result.word == "pass", result.reason
    assert history.observations[1].seen["times"] >= 1
    _, result = run_cell('[[step]]\nact="start"\n' + save.format(file="../tree.py", within="2s"), head=RELOAD)
    assert "there is no '../tree.py'" in result.reason
    _, result = run_cell('[[step]]\nact="start"\n' + save.format(file="tree.py", within="1500ms"))  # no reload: nothing notices
    assert result.behaviour.outcome == "timeout"


def test_new_lines_are_those_since_the_last_act_that_disturbs(run_cell):
    wait = '[[step]]\nact="wait"\nlog="/Bus STARTED/"\nwithin="500ms"\n{new}'
    ask = '[[step]]\nact="start"\n[[step]]\nact="request"\npath="/"\nexpect={status=200}\n'
    assert run_cell(ask + wait.format(new=""))[1].word == "pass"
    assert run_cell(ask + wait.format(new="new=true"))[1].behaviour.outcome == "timeout"
