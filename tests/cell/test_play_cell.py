"""Small scenarios, driven against the real bundled server on the Python that runs the tests."""

from dataclasses import replace
from types import SimpleNamespace

import pytest
from coverage import CoverageData

from harness.cell import play_cell
from harness.cell.idle import IDLE_SECONDS
from harness.cell.job import CellJob
from harness.cell.measured_images import data_files
from harness.cell.running_cell import TimedOut, Unable
from harness.cell.saved_values import saved
from harness.language.parse_scenario import parse
from harness.machine import port_probes, server_process
from harness.machine.addresses import claim_own

from ..conftest import HEAD, ROOT
from ..scripted import TARGET, subject

ASK = {"act": "request", "path": "/", "expect": {"status": 200}}
STEPS = parse({"format": 1, "id": "a.b", "title": "t", "paper": "unexposed", "step": [
    {"act": "start"}, {**ASK, "save": {"one": "pid", "two": "json:/a"}}, {**ASK, "server": "main"}, {"act": "start", "server": "other"},
    {"act": "stop", "server": "other"}]}, "f.toml")
READY, BODY = {"ready": True}, {"status": 500, "pid": 7, "body": '{"a": "x"}'}


def stepped(monkeypatch, *happens):
    """Do STEPS, of which each sees or raises what is given; return the observations, the looks, and the values."""
    cell = SimpleNamespace(values={}, clock=iter(range(100)).__next__, transcript=None,
                           save=lambda step, seen: cell.values.update(saved(step, seen)))

    def perform(cell, step):
        cell.transcript = SimpleNamespace(entries=[{"text": f"bytes of step {step.number}"}])
        what = happens[step.number - 1]
        if isinstance(what, Exception):
            raise what
        return what

    monkeypatch.setattr(play_cell, "perform", perform)
    observations, looks = [], []
    play_cell.do_steps(cell, SimpleNamespace(look=looks.append), observations, STEPS.steps)
    return observations, looks, cell.values


@pytest.mark.parametrize(("happens", "done"), [
    ((READY, BODY, {"status": 500}, READY, {}), 5),                       # what does not hold stops nothing
    ((READY, BODY, Unable("no")), 3), ((READY, BODY, TimedOut("an answer")), 3), ((Unable("no"),), 1),
    (({"ready": False},), 1), (({"ready": None},), 1), (({},), 1), ((READY, BODY, {}, {"ready": False}), 4),
    ((READY, {"pid": 7, "body": "no JSON"}), 2), ((READY, {"body": '{"a": 1}'}), 2), ((READY, {}), 2),
])
def test_steps_are_done_until_there_is_nothing_to_go_on_with(monkeypatch, happens, done):
    observations, looks, _ = stepped(monkeypatch, *happens)
    assert [observation.step for observation in observations] == looks == list(range(1, done + 1))


def test_what_is_observed_of_a_step_is_its_own(monkeypatch):
    observations, _, values = stepped(monkeypatch, READY, BODY, {"status": 404}, READY, TimedOut("it ends", {"running": True}))
    assert values == {"one": "7", "two": "x"}
    assert [o.seen for o in observations] == [READY, BODY, {"status": 404}, READY, {"running": True, "waiting_for": "it ends"}]
    assert [o.wire[0]["text"] for o in observations] == [f"bytes of step {n}" for n in range(1, 6)]
    assert [(o.act, o.server, o.timeout, o.unable) for o in observations] == [
        ("start", "main", False, ""), ("request", "main", False, ""), ("request", "main", False, ""), ("start", "other", False, ""),
        ("stop", "other", True, "")]
    assert [(o.at, o.seconds) for o in observations] == [(0, 1), (2, 1), (4, 1), (6, 1), (8, 1)]
    (observation,), _, _ = stepped(monkeypatch, Unable("it is gone"))
    assert (observation.unable, observation.timeout, observation.seen) == ("it is gone", False, {})


@pytest.fixture
def driven(tmp_path):
    """Drive some steps against the script of tests/scripted.py."""
    assert server_process.become_subreaper()

    def run(*steps, **top):
        scenario = replace(parse({"format": 1, "id": "a.b", "title": "t", "paper": "unexposed", "step": list(steps)}, "f.toml"), **top)
        history = play_cell.play(CellJob("a.b@script@x", scenario, TARGET, subject(tmp_path), "run", tmp_path / "cell", tmp_path, False))
        assert server_process.descendants() == []
        assert list(tmp_path.glob("cell-*")) == [], "its folder is removed"
        return history

    yield run
    server_process.become_subreaper(False)


def does(code, server="main", channel=1):
    return {"act": "start", "server": server, "channel": channel, "environment": {"DOES": code}}


def test_a_history_holds_all_of_a_cell(driven, tmp_path):
    history = driven(does("serve(); say('first')"), {**ASK, "save": {"answer": "body"}}, {"act": "stop"}, does("say('second')"),
                     does("say('another')", "other", 2))
    assert (history.error, history.cell, history.coverage, len(history.steps)) == ("", "a.b@script@x", "off", 5)
    assert history.logs == {"main": "first\nup\nasked /\nsecond\nup\n", "other": "another\nup\n"}
    assert (history.values["answer"], history.values["port2"], history.values["host"]) == ("/", str(history.port + 1), history.host)
    assert [observation.step for observation in history.observations] == [1, 2, 3, 4, 5]
    assert [(end["server"], end["step"], end["exit"]) for end in history.cleanup["ends"]] == [("main", 3, -15), ("main", 0, -15), ("other", 0, -15)]
    assert history.observations[-1].at + history.observations[-1].seconds <= history.seconds
    assert history.ledger[-1]["lines"] == {"main": 5, "other": 2}
    assert [observation.seen["pid"] for observation in history.observations if observation.act == "start"] == [
        end["pid"] for end in history.cleanup["ends"]]


def test_an_address_is_given_back(driven, monkeypatch):
    claims = []
    monkeypatch.setattr(play_cell.addresses, "claim_own", lambda loopback: claims.append(claim_own(loopback)) or claims[-1])
    driven(does(""))
    (claim,) = claims
    assert claim._lock.fileno() == -1


def test_errors_of_the_steps_and_of_the_cleanup_are_both_said(driven, monkeypatch):
    def fails(text):
        def fail(*_):
            raise LookupError(text)
        return fail

    monkeypatch.setattr(play_cell, "do_steps", fails("the steps broke"))
    history = driven(does(""))
    assert "the steps broke" in history.error
    assert history.cleanup
    monkeypatch.setattr(play_cell, "clean_up", fails("the cleanup broke"))
    history = driven(does(""))
    assert "the steps broke" in history.error
    assert "the cleanup broke" in history.error
    assert history.cleanup == {}


def test_a_cell_that_breaks_in_its_cleanup_leaves_no_server(driven, monkeypatch):
    monkeypatch.setattr(play_cell, "clean_up", lambda *_: 1 / 0)
    history = driven(does(""), does("", "other", 2))
    assert ("ZeroDivisionError" in history.error, len(history.observations)) == (True, 2)


def test_a_cell_without_a_channel_says_so(driven, monkeypatch):
    monkeypatch.setattr(play_cell.addresses, "claim_own", lambda loopback: (_ for _ in ()).throw(RuntimeError("no free channel")))
    history = driven(does(""))
    assert (history.error, history.observations, history.cleanup, history.cell) == ("no free channel", (), {}, "a.b@script@x")


def test_the_default_channel_is_waited_for_and_one_that_another_program_has_is_said(driven, monkeypatch):
    turns = []
    monkeypatch.setattr(play_cell.addresses, "claim_default", lambda: turns.append(1) or (claim_own(False) if len(turns) > 2 else None))
    assert driven(does(""), channel="default").error == ""
    assert len(turns) == 3
    monkeypatch.setattr(play_cell, "DEFAULT_CHANNEL_SECONDS", 0.0)
    turns.clear()
    assert "was in use by other cells" in driven(does(""), channel="default").error
    monkeypatch.setattr(play_cell, "VANISH_SECONDS", 0.0)
    monkeypatch.setattr(play_cell.port_probes, "bind_state", lambda *_: "held")
    assert "held by another program" in driven(does(""), channel="default").error


def test_a_cell_is_recorded_and_leaves_nothing(run_cell):
    history, result = run_cell(
        '[[step]]\nact="start"\n[[step]]\nact="request"\npath="/"\nexpect={status=200, body="hello"}\n'
        '[[step]]\nact="sockets"\nexpect={listeners=["main"], bind="held"}')
    assert result.word == "pass", result.reason
    assert [o.act for o in history.observations] == ["start", "request", "sockets"]
    assert history.observations[1].wire
    assert "Bus EXITED" in history.logs["main"]
    assert history.cleanup["stopped"][0]["exit"] == 0
    assert port_probes.bind_state(history.host, history.port) == "free"


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


#: It has ended, and no step says so: a scenario with a step that does would be refused.
ENDED = '[[step]]\nact="start"\n[[step]]\nact="signal"\nsignal="KILL"\n[[step]]\nact="wait"\nport="free"\n'


def test_a_step_that_cannot_be_done_says_why(run_cell):
    _, result = run_cell(ENDED + '[[step]]\nact="stop"')
    assert result.word == "fail"
    assert "had already ended" in result.reason


def test_only_the_cell_s_own_processes_get_signals(run_cell):
    _, result = run_cell(
        '[[step]]\nact="start"\n[[step]]\nact="request"\npath="/echo"\nheaders={X-Echo="1"}\nexpect={status=200}\n'
        'save={parent="body"}\n[[step]]\nact="request"\npath="/"\nexpect={status=200}\n')
    assert result.word == "pass"
    _, result = run_cell(
        '[[step]]\nact="start"\n[[step]]\nact="sample"\nsave={other="threads"}\n'  # a number, and the pid of something else
        '[[step]]\nact="signal"\nsignal="TERM"\npid="{other}"\n')
    assert result.word == "fail"
    assert "not a live process of this cell" in result.reason


def test_the_harness_s_own_error_is_an_error_and_the_cell_is_cleaned_up(run_cell, monkeypatch):
    from harness.cell import step_verbs
    monkeypatch.setitem(step_verbs.ACTS, "request", lambda *_: 1 / 0)
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
    _, result = run_cell(ENDED + idle)
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
    assert "no '../tree.py'" in result.reason
    _, result = run_cell('[[step]]\nact="start"\n' + save.format(file="tree.py", within="1500ms"))  # no reload: nothing notices
    assert result.behaviour.outcome == "timeout"


def test_new_lines_are_those_since_the_last_act_that_disturbs(run_cell):
    wait = '[[step]]\nact="wait"\nlog="/Bus STARTED/"\nwithin="500ms"\n{new}'
    ask = '[[step]]\nact="start"\n[[step]]\nact="request"\npath="/"\nexpect={status=200}\n'
    assert run_cell(ask + wait.format(new=""))[1].word == "pass"
    assert run_cell(ask + wait.format(new="new=true"))[1].behaviour.outcome == "timeout"


ASKED = '[[step]]\nact="start"\n[[step]]\nact="request"\npath="%s"\nexpect={status=200}\n'


@pytest.mark.parametrize(("path", "how", "said"), [
    ("/go-wrong", "deaf", "no answer to GET / within"), ("/go-wrong", "closes", "no answer to GET / within"), ("/", "deaf", "")])
def test_a_server_that_was_only_asked_must_answer_whoever_asks_next(dying, monkeypatch, path, how, said):
    monkeypatch.setattr(play_cell, "ANSWER_SECONDS", 1.0)
    history, result = dying(ASKED % path, how)
    assert said in history.cleanup["silent"]
    assert [failure.key for failure in result.cleanup.failures] == ["answers"] * bool(said)


def test_one_that_a_step_has_stopped_need_not(dying):
    history, result = dying(ASKED % "/" + '[[step]]\nact="stop"\n')
    assert ("silent" in history.cleanup, result.word) == (False, "pass")
