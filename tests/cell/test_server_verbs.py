"""The verbs about a server's process, one by one, against a script that does what it is told."""

import contextlib
import socket
import threading
from types import SimpleNamespace

import pytest

from harness.cell import idle, server_verbs
from harness.cell.port_holders import Holder
from harness.cell.running_cell import TimedOut, Unable
from harness.machine.deadlines import Deadline

from ..scripted import NEVER, SOON, do, late, said, up

ECHO = "signal.signal(signal.SIGUSR1, lambda *_: say('again'))"


def test_new_lines_are_those_since_the_last_act_that_disturbs(scripted):
    cell = scripted()
    server = up(cell, does=ECHO)
    assert do(cell, "wait", log="/^up$/")["seconds"] < SOON
    do(cell, "signal", signal="USR1")
    assert do(cell, "wait", log="/^again$/", new=True)
    assert late(cell, "wait", log="/^up$/", new=True)["waiting_for"] == "a log line /^up$/"
    assert do(cell, "wait", log="/^up$/"), "without new it is a line of the launch"
    assert do(cell, "wait", log="/^again$/", new=True), "a wait disturbs nothing"
    do(cell, "signal", signal="USR1", pid=str(server.pid))
    assert Deadline(SOON).wait(lambda: server.text().count("again") == 2)
    do(cell, "raw", send="x", until="nothing")
    assert late(cell, "wait", log="/^again$/", new=True)["log"].count("again") == 2


def test_the_lines_of_one_server_are_not_new_for_the_other(scripted):
    cell = scripted()
    up(cell, does=ECHO)
    up(cell, "other", 2, ECHO)
    do(cell, "signal", signal="USR1")
    do(cell, "wait", log="/^again$/")
    do(cell, "signal", signal="USR1", server="other")
    assert do(cell, "wait", log="/^again$/", new=True, server="other")
    assert do(cell, "wait", log="/^again$/", new=True), "what disturbs the one does not disturb the other"


def test_a_launch_sees_its_own_lines(scripted):
    cell = scripted()
    up(cell, does="say('first')").stop(10)
    up(cell, does="say('second')")
    assert late(cell, "wait", log="/^first$/")["log"] == "second\nup\n"


def test_a_server_that_ends_has_not_logged_what_was_waited_for(scripted):
    cell = scripted()
    up(cell, does="say('up'); time.sleep(0.3); os._exit(4)")
    with pytest.raises(TimedOut) as caught:
        do(cell, "wait", log="/never/")
    assert (caught.value.seen["running"], caught.value.seen["exit"]) == (False, 4)
    assert do(cell, "wait", log="/^up$/")["exit"] == 4, "what it had logged is there"


def test_patterns_are_waited_for_in_their_order(scripted):
    cell = scripted(patterns={"second": "/^two {port}$/"})
    up(cell, does="say('one'); say('two', sys.argv[2])")
    assert do(cell, "wait", log=["/^one$/", "@second", "/^up$/"])
    assert late(cell, "wait", log=["@second", "/^one$/"])


def test_a_port_is_free_when_it_can_be_bound(scripted):
    cell = scripted()
    with contextlib.closing(Holder(cell.host, cell.port(1), "bound")):
        assert late(cell, "wait", port="free")["waiting_for"] == f"port {cell.port(1)} is free"
        assert do(cell, "wait", port="free", channel=2)
        assert late(cell, "wait", port="listening")
    assert do(cell, "wait", port="free")
    with contextlib.closing(Holder(cell.host, cell.port(2), "listen")):
        assert do(cell, "wait", port="listening", channel=2)
        assert late(cell, "wait", port="listening")


def test_states_are_all_those_of_the_port_but_time_wait(scripted):
    cell = scripted()
    up(cell, does="signal.signal(signal.SIGUSR1, lambda *_: (listener.accept()[0].close(), say('closed')))")
    up(cell, "other", 2)
    assert do(cell, "wait", states=["LISTEN"])["states"] == ["LISTEN"]
    with contextlib.closing(socket.create_connection((cell.host, cell.port(1)))) as client:
        assert do(cell, "wait", states=["LISTEN", "ESTABLISHED"])
        assert late(cell, "wait", states=["LISTEN"])["states"] == ["ESTABLISHED", "LISTEN"]
        assert late(cell, "wait", states=["LISTEN", "ESTABLISHED", "CLOSE_WAIT"])
        assert do(cell, "wait", states=["LISTEN"], channel=2), "a connection to another port is none of this one"
        do(cell, "signal", signal="USR1")
        do(cell, "wait", log="/closed/")
        assert client.recv(1) == b""
    assert do(cell, "wait", states=["LISTEN"]), "what is left is in TIME_WAIT, and nobody's"
    assert do(cell, "wait", states=[], channel=3)["states"] == []


def test_an_exit_is_waited_for_and_one_that_does_not_come_is_late(scripted):
    cell = scripted()
    up(cell, does="signal.signal(signal.SIGTERM, lambda *_: os._exit(7))")
    seen = late(cell, "wait", exit=True)
    assert (seen["running"], seen["exit"], seen["waiting_for"]) == (True, None, "the server exits")
    do(cell, "signal", signal="TERM")
    seen = do(cell, "wait", exit=True)
    assert (seen["exit"], seen["forced"], seen["running"]) == (7, False, False)


def test_an_exit_that_may_be_late_is_brought_about_and_said(scripted):
    cell = scripted()
    server = up(cell, does="signal.signal(signal.SIGTERM, signal.SIG_IGN)")
    do(cell, "signal", signal="TERM")
    seen = do(cell, "wait", within=NEVER, exit=True, late="kill")
    assert (seen["exit"], seen["forced"], server.signals) == (-9, True, ["TERM", "KILL"])


def test_a_stop_is_forced_where_sigterm_does_not_help(scripted):
    cell = scripted()
    up(cell)
    up(cell, "deaf", 2, "signal.signal(signal.SIGTERM, signal.SIG_IGN)")
    seen = do(cell, "stop")
    assert (seen["exit"], seen["forced"], seen["running"]) == (-15, False, False)
    seen = do(cell, "stop", within=NEVER, server="deaf")
    assert (seen["exit"], seen["forced"]) == (-9, True)
    with pytest.raises(Unable, match="had already ended, with -15"):
        do(cell, "stop")


def test_a_kill_is_one(scripted):
    cell = scripted()
    server = up(cell)
    assert do(cell, "kill")["exit"] == -9
    assert server.signals == ["KILL"]
    with pytest.raises(Unable, match="already ended, with -9"):
        do(cell, "kill")


def test_a_signal_is_counted_with_the_server_that_gets_it(scripted):
    cell = scripted()
    main, other = up(cell, does="signal.signal(signal.SIGHUP, lambda *_: say('hup'))"), up(cell, "other", 2, "say('child', child())")
    (child,) = said(other, "child")
    assert do(cell, "signal", signal="HUP") == {"sent": True, "signal": "HUP"}
    assert do(cell, "signal", signal="HUP", pid=str(main.pid))["sent"]
    assert do(cell, "signal", signal="KILL", pid=child)["pid"] == int(child)
    assert do(cell, "signal", signal="TERM", pid=str(other.pid), server="main")["sent"], "a pid says who is meant"
    assert (main.signals, other.signals) == (["HUP", "HUP"], ["TERM"])
    assert do(cell, "wait", exit=True, server="other")["exit"] == -15
    assert do(cell, "wait", gone=child)
    assert do(cell, "signal", signal="HUP", server="other")["sent"] is False
    for pid in (child, "1"):
        with pytest.raises(Unable, match=f"pid {pid} is not a live process of this cell"):
            do(cell, "signal", signal="HUP", pid=pid)


def test_a_process_that_lives_is_not_gone(scripted):
    cell = scripted()
    server = up(cell, does="say('child', child())")
    (child,) = said(server, "child")
    assert late(cell, "wait", gone=child)["waiting_for"] == f"process {child} ends"
    server.send("KILL")
    assert late(cell, "wait", gone=child), "an orphan lives"
    do(cell, "signal", signal="TERM", pid=child)
    assert do(cell, "wait", gone=child)


def test_ready_is_a_line_and_a_socket_of_its_own(scripted):
    cell = scripted()
    server = up(cell)
    assert do(cell, "wait", ready=True)["ready"] is True
    server.stop(10)
    seen = do(cell, "wait", ready=True)
    assert (seen["ready"], seen["exit"], seen["running"]) == (False, -15, False)
    up(cell, "closed", 2, "listener.close()")
    assert late(cell, "wait", ready=True, server="closed")["ready"] is False
    with contextlib.closing(Holder(cell.host, cell.port(2), "listen")):
        assert late(cell, "wait", ready=True, server="closed")["ready"] is False, "another's socket"


def test_a_line_that_is_not_there_yet_is_no_ready_server(scripted):
    cell = scripted(ready=("/^up$/", "/^really$/"))
    up(cell)
    assert late(cell, "wait", ready=True)["ready"] is False


def test_a_server_that_answers_nothing_is_not_ready_where_it_has_no_line(scripted):
    cell = scripted(ready=())
    up(cell)
    assert late(cell, "wait", ready=True)["ready"] is False


def test_a_start_is_on_its_channel_with_its_environment(scripted):
    cell = scripted()
    seen = do(cell, "start", channel=3, environment={"DOES": "say('mine', sys.argv[2])"})
    assert (seen["ready"], seen["running"], seen["exit"]) == (True, True, None)
    assert said(cell.server("main"), "mine") == [str(cell.port(3))]
    assert do(cell, "start", server="other", background=True) == {
        "pid": cell.server("other").pid, "running": True, "ready": None, "exit": None}
    seen = do(cell, "start", server="failing", channel=2, environment={"DOES": "sys.exit(70)"})
    assert (seen["ready"], seen["exit"]) == (False, 70)


def test_idle_is_no_processor_time_for_a_moment(scripted, monkeypatch):
    cell = scripted()
    up(cell)
    used = iter([1.0, 1.1, 1.2] + [1.3] * 10_000)
    looks = []
    monkeypatch.setattr(idle.server_process, "cpu_seconds", lambda pid: looks.append(next(used)) or looks[-1])
    assert do(cell, "wait", idle=True)["seconds"] >= idle.IDLE_SECONDS
    assert looks[-2:] == [1.3, 1.3]
    monkeypatch.setattr(idle.server_process, "cpu_seconds", lambda pid: looks.append(0) or len(looks))
    assert late(cell, "wait", idle=True)["waiting_for"] == "the server is idle"


def test_a_server_is_not_idle_while_threads_of_the_cell_have_yet_to_send(scripted, monkeypatch):
    cell = scripted()
    up(cell)
    volley, request = threading.Thread(), threading.Thread()
    cell.volleys["load"] = SimpleNamespace(threads=[volley])
    cell.backgrounds["slow"] = SimpleNamespace(thread=request)
    asked = []
    monkeypatch.setattr(idle, "would_run", lambda threads: asked.append(list(threads)) or len(asked) < 3)
    assert do(cell, "wait", idle=True)["running"]
    assert asked[0] == [volley, request]
    monkeypatch.setattr(idle, "would_run", lambda threads: True)
    assert late(cell, "wait", idle=True)["waiting_for"] == "the server is idle"
    cell.volleys.clear()
    cell.backgrounds.clear()


def test_what_was_seen_of_a_server(scripted):
    cell = scripted()
    server = up(cell)
    seen = server_verbs.state_of(cell, server, Deadline(5))
    assert seen == {"pid": server.pid, "running": True, "exit": None, "log": "up\n", "seconds": seen["seconds"], "forced": False}
    assert server_verbs.state_of(cell, server, Deadline(5), False)["ready"] is False


def test_a_server_that_never_rests_is_ended_with_its_children_where_the_step_says_so(scripted):
    cell = scripted()
    server = cell.launch("main", 1, "", {"DOES": "child()\nwhile True: pass"})
    late(cell, "wait", idle=True)
    assert server.running
    seen = do(cell, "wait", within=NEVER, idle=True, late="kill")
    assert (seen["forced"], seen["exit"]) == (True, -9)
    assert Deadline(10).wait(lambda: not cell.family(), 0.05)


def test_a_signal_to_the_group_reaches_children_too(scripted):
    cell = scripted()
    up(cell, does="signal.signal(signal.SIGUSR1, lambda *_: say('told', os.getpid()))\nchild()")
    assert do(cell, "signal", signal="USR1", group=True) == {"sent": True, "signal": "USR1"}
    assert Deadline(10).wait(lambda: len(set(said(cell.servers["main"], "told"))) == 2)
