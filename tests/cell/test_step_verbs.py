"""The verbs that speak to a server, driven against one that says what it is told to, byte for byte; and those that look at it."""

import contextlib
import json
import os
import socket

import pytest

from harness.cell.port_holders import Holder
from harness.cell.running_cell import Unable
from harness.language.text_matching import MAX_KEPT
from harness.machine.deadlines import Deadline

from ..scripted import do, late, said, up


def sent(cell):
    """The first line of what the last step sent, and the last of what it received, as its transcript has them."""
    text = {way: "".join(entry["text"] for entry in cell.transcript.entries if entry["direction"] == way) for way in ("sent", "received")}
    return text["sent"].partition("\r\n")[0], text["received"].rpartition("\r\n")[2]


def asked(path, method="GET"):
    return f"{method} {path} HTTP/1.1", path


NOTHING = ("", "")


def test_each_step_shows_its_own_bytes_and_a_step_that_sends_nothing_shows_none(scripted):
    cell = scripted()
    do(cell, "start", environment={"DOES": "serve()"})
    assert sent(cell) == NOTHING
    do(cell, "request", path="/one", keep="a")
    assert sent(cell) == asked("/one")
    do(cell, "sockets")
    assert sent(cell) == NOTHING
    do(cell, "raw", send="GET /two HTTP/1.1\r\n\r\n", keep="a")
    assert sent(cell) == asked("/two")
    do(cell, "request", path="/three", keep="a")
    assert sent(cell) == asked("/three")
    do(cell, "request", path="/slow", background=True, step_id="later")
    assert sent(cell) == NOTHING, "its bytes are those of the step that waits"
    do(cell, "request", path="/four", method="POST")
    assert sent(cell) == asked("/four", "POST")
    do(cell, "wait", response="later")
    assert sent(cell) == asked("/slow")
    for act, args in (("processes", {}), ("disconnect", {}), ("wait", {"states": ["LISTEN"]}), ("stop", {})):
        do(cell, act, **args)
        assert sent(cell) == NOTHING, act


def test_a_step_that_is_late_shows_its_bytes_too(scripted):
    cell = scripted()
    up(cell, does="serve()")
    do(cell, "request", path="/one", keep="a")
    late(cell, "request", path="/never", keep="a")
    assert sent(cell) == ("GET /never HTTP/1.1", "")
    do(cell, "request", path="/never", background=True, step_id="later", within=0.3)
    late(cell, "wait", response="later")
    assert sent(cell) == ("GET /never HTTP/1.1", "")


def test_a_step_sees_the_lines_that_were_logged_meanwhile_and_no_others(scripted):
    cell = scripted()
    up(cell, does="serve()")
    up(cell, "other", 2, "serve()")
    assert do(cell, "request", path="/one")["log"] == "asked /one\n"
    assert do(cell, "request", path="/two")["log"] == "asked /two\n"
    assert do(cell, "raw", send="GET /three HTTP/1.1\r\n\r\n")["log"] == "asked /three\n"
    assert do(cell, "request", path="/four", server="other")["log"] == "asked /four\n"
    assert late(cell, "request", path="/never")["log"] == "asked /never\n"
    assert "log" not in do(cell, "raw", send="x", until="nothing", server="nobody", channel=2)


def test_a_request_goes_to_the_channel_of_its_server_unless_it_names_one(scripted):
    cell = scripted()
    up(cell, does="serve()")
    up(cell, "other", 3, "serve()")
    do(cell, "request", path="/to-other", server="other")
    do(cell, "request", path="/to-main", server="other", channel=1)
    do(cell, "request", path="/to-third", server="nobody", channel=3)
    do(cell, "request", path="/to-first", server="nobody")
    assert [said(cell.server(name), "asked") for name in ("main", "other")] == [["/to-main", "/to-first"], ["/to-other", "/to-third"]]


def test_what_a_request_is_by_itself(scripted):
    cell = scripted()
    up(cell, does="serve()")
    for args, line in (({}, "GET"), ({"body": "x"}, "POST"), ({"form": "a=1"}, "POST"), ({"form": "a=1", "method": "PUT"}, "PUT")):
        do(cell, "request", path="/", **args)
        assert sent(cell)[0] == f"{line} / HTTP/1.1"
    text = "".join(entry["text"] for entry in cell.transcript.entries)
    assert "Content-Type: application/x-www-form-urlencoded\r\n" in text
    do(cell, "request", path="/", form="a=1", headers={"Content-Type": "x/y"})
    assert "form-urlencoded" not in "".join(entry["text"] for entry in cell.transcript.entries)


def test_only_what_is_kept_stays_open(scripted):
    cell = scripted()
    up(cell, does="serve()")
    do(cell, "request", path="/")
    do(cell, "raw", send="GET / HTTP/1.1\r\n\r\n")
    assert do(cell, "wait", states=["LISTEN"])
    do(cell, "request", path="/", keep="a")
    do(cell, "raw", send="GET / HTTP/1.1\r\n\r\n", keep="b")
    assert do(cell, "sockets")["established"] == 2
    assert do(cell, "disconnect") == {"connections": 2}
    assert do(cell, "wait", states=["LISTEN"])
    assert do(cell, "disconnect") == {"connections": 0}


def test_the_sockets_of_a_port_are_its_own(scripted):
    cell = scripted()
    up(cell, does="serve()")
    up(cell, "other", 2, "connection = None\ndef take(*_):\n    global connection\n    connection = listener.accept()[0]\n    child(connection)\n    "
       "say('taken')\nsignal.signal(signal.SIGUSR1, take)")
    do(cell, "request", path="/", keep="a")
    with contextlib.closing(socket.create_connection((cell.host, cell.port(2)))):
        do(cell, "signal", signal="USR1", server="other")
        do(cell, "wait", log="/taken/", server="other")
        first, second, third = (do(cell, "sockets", channel=n) for n in (1, 2, 3))
        assert (first["listeners"], first["established"], first["bind"], first["connect"]) == (["main"], 1, "held", "accepted")
        assert (second["listeners"], second["established"]) == (["other"], 1), "who holds a connection does not listen"
        assert (third["listeners"], third["established"], third["bind"], third["connect"]) == ([], 0, "free", "refused")
        assert {row["local"].rpartition(":")[2] for row in third["table"]} == {str(cell.port(1)), str(cell.port(2))}
        assert sorted(row["holders"] for row in second["table"] if row["state"] == "ESTABLISHED" and row["local"].endswith(str(cell.port(2)))) == [
            ["other", "descendant"]]


def test_the_processes_of_a_cell_and_what_they_are(scripted):
    cell = scripted()
    server = up(cell, does="say('child', child()); say('more', child())")
    up(cell, "other", 2)
    cell.values["child"] = said(server, "child")[0]
    seen = do(cell, "processes")
    assert (seen["roles"], seen["running"]) == (["child", "descendant", "main", "other"], ["main", "other"])
    assert {row["role"]: row["parent"] for row in seen["table"]} == {"main": "harness", "other": "harness", "child": "main", "descendant": "main"}
    do(cell, "kill")
    seen = do(cell, "processes")
    assert (seen["roles"], seen["running"]) == (["child", "orphan", "other"], ["other"])


def test_a_holder_is_one_to_a_channel_and_goes_when_it_is_released(scripted):
    cell = scripted()
    seen = do(cell, "hold", how="listen", channel=2)
    assert (seen["taken"], seen["held"], seen["connect"], [row["holders"] for row in seen["table"]]) == (True, True, "accepted", [["harness"]])
    with pytest.raises(Unable, match=f"already holds port {cell.port(2)}"):
        do(cell, "hold", how="bound", channel=2)
    with pytest.raises(Unable, match="does not hold this port"):
        do(cell, "release")
    assert do(cell, "release", channel=2) == {"released": True}
    assert do(cell, "wait", port="free", channel=2)
    do(cell, "hold", how="bound", lasts="300ms")
    assert do(cell, "wait", port="free")
    with contextlib.closing(Holder(cell.host, cell.port(3), "listen")), pytest.raises(Unable, match="cannot take port"):
        do(cell, "hold", how="bound", channel=3)


def test_a_file_is_saved_until_the_server_says_so(scripted):
    cell = scripted()
    app = cell.work / "app.py"
    app.touch()
    os.utime(app, (1, 1))
    up(cell, does=f"def look():\n    while os.stat({str(app)!r}).st_mtime < 3: time.sleep(0.01)\n    say('noticed')\n"
       "threading.Thread(target=look, daemon=True).start()")
    seen = do(cell, "touch", file="app.py", until="/noticed/")
    assert (seen["times"] >= 2, seen["log"], app.stat().st_mtime >= 3) == (True, "noticed\n", True)
    assert late(cell, "touch", file="app.py", until="/noticed/")["log"] == "", "what was logged before is not of this step"
    with pytest.raises(Unable, match=r"no 'other\.py'"):
        do(cell, "touch", file="other.py", until="/x/")


def test_names_are_filled_into_the_arguments_and_at_signs_are_left(scripted):
    cell = scripted(patterns={"named": "/^asked .named$/"})
    up(cell, does="serve()")
    cell.values["child"] = "a/b"
    do(cell, "request", path="/{child}/{unknown}")
    assert said(cell.server("main"), "asked") == ["/a/b/{unknown}"]
    do(cell, "request", path="/@named")
    assert do(cell, "wait", log="/asked .@named/")
    do(cell, "request", path="/named")
    assert do(cell, "wait", log="@named", new=True)


def test_an_answer_is_waited_for_by_its_name(scripted):
    cell = scripted()
    up(cell, does="serve()")
    for name in ("one", "two"):
        do(cell, "request", path=f"/{name}", background=True, step_id=name)
    assert [do(cell, "wait", response=name)["body"] for name in ("two", "one")] == ["/two", "/one"]
    with pytest.raises(Unable, match="no request 'three' was sent"):
        do(cell, "wait", response="three")
    do(cell, "request", path="/never", background=True, step_id="never")
    assert late(cell, "wait", response="never")["waiting_for"] == "an answer to 'never'"
    cell.server("main").send("KILL")
    assert Deadline(30).wait(lambda: not cell.backgrounds["never"].thread.is_alive())
    assert do(cell, "wait", response="never")["error"]

#: Answers by path. A path "/once/…" closes the connection after its answer, without saying so.
SPEAKS = '''
import json, socket, sys, threading, time

ANSWERS = {path: text.encode("latin-1") for path, text in json.loads(ANSWERS_HERE).items()}


def serve(connection):
    with connection:
        received = b""
        while True:
            while b"\\r\\n\\r\\n" not in received:
                more = connection.recv(65536)
                if not more:
                    return
                received += more
            head, _, received = received.partition(b"\\r\\n\\r\\n")
            path = head.split(b" ")[1].decode()
            answer = ANSWERS.get(path, b"HTTP/1.1 404 Not Found\\r\\nContent-Length: 0\\r\\n\\r\\n")
            if path == "/loud":
                print("x\\n" * 600_000, flush=True)
            for at in range(0, len(answer), 1 if path == "/trickle" else len(answer) or 1):
                connection.sendall(answer[at:at + 1] if path == "/trickle" else answer)
                time.sleep(0.1 if path == "/trickle" else 0)
            if path.startswith("/once") or b" HTTP/1.0" in head.split(b"\\r\\n")[0]:
                return


listener = socket.create_server((sys.argv[1], int(sys.argv[2])))
while True:
    threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()
'''


def ok(body, more=""):
    return f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\n{more}\r\n{body}"


@pytest.fixture
def ask(run_cell, tmp_path):
    """Run some steps against a server with these answers; return the history and the behaviour's verdict."""
    def run(answers, steps, whole=False):
        script = tmp_path / "speaks.py"
        script.write_text(SPEAKS.replace("ANSWERS_HERE", repr(json.dumps(answers))), "utf-8")
        history, result = run_cell('[[step]]\nact="start"\n' + steps, ready=(), entry=(str(script),), args=("{host}", "{port}"),
                                   exits={"stop": (-15,)})
        assert whole or result.status == "ran", result.reason
        return history, result if whole else result.behaviour

    return run


def request(path, expect, more=""):
    return f'[[step]]\nact="request"\npath="{path}"\n{more}\nexpect={{{expect}}}\n'


def raw(send, expect, more=""):
    return f'[[step]]\nact="raw"\nsend={json.dumps(send)}\n{more}\nexpect={{{expect}}}\n'


REDIRECT = "HTTP/1.1 302 Found\r\nLocation: {}\r\nContent-Length: 4\r\n\r\nhere"


def test_names_and_values_are_filled_into_what_is_said_of_a_body(ask):
    body = 'body={{some_line=["@bus-started", "/^{}$/"], absent="{{port}}x"}}'
    text = "x ENGINE Bus STARTED\n127.0.0.1x8080"
    for line, outcome in (("127.0.0.1x8080", "pass"), ("{host}", "fail")):
        _, verdict = ask({"/": ok(text)}, request("/", body.format(line)))
        assert verdict.outcome == outcome, verdict.reason


def test_a_log_that_is_too_long_to_be_searched_is_said_and_not_waited_for(ask):
    wait = '[[step]]\nact="wait"\nlog="/never/"\nwithin="20s"\n'
    _, verdict = ask({"/loud": ok("hello")}, request("/loud", "status=200") + wait)
    assert f"/never/ cannot be judged: only the first {MAX_KEPT} bytes" in verdict.reason
    assert verdict.outcome == "fail"


@pytest.mark.parametrize("where", ["/other", "http://["])
def test_a_redirect_s_body_is_seen_as_it_was_sent(ask, where):
    _, verdict = ask({"/": REDIRECT.format(where)}, request("/", 'status=302, body="here"') + request("/", 'body=""'))
    assert verdict.reason == "step 3: body: expected , observed here"


@pytest.mark.parametrize(("answer", "error"), [
    ("HTTP/1.1 200 OK\r\nno colon here\r\nContent-Length: 5\r\n\r\nhello", "BadHeader"),
    ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n", "IncompleteRead"),
])
def test_an_answer_that_is_none_is_an_error_and_has_no_status(ask, answer, error):
    history, verdict = ask({"/once": answer}, request("/once", f'error="{error}"'))
    assert verdict.outcome == "pass", verdict.reason
    assert history.observations[1].seen["status"] is None


def test_a_body_that_is_not_coded_as_it_says_is_shown_as_it_was_sent(ask):
    history, verdict = ask({"/": ok("hello", "Content-Encoding: gzip\r\n")}, request("/", 'error="BadContentEncoding"'))
    assert verdict.outcome == "pass", verdict.reason
    assert history.observations[1].seen["body"] == "hello"


def test_an_interim_answer_is_not_the_answer(ask):
    hints = "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n"
    steps = (request("/", 'status=200, body="hello", interim=[100, 103]', 'keep="one"') +
             request("/x", "status=404", 'keep="one"'))
    _, verdict = ask({"/": hints + ok("hello")}, steps)
    assert verdict.outcome == "pass", verdict.reason
    _, verdict = ask({"/": hints + ok("hello")}, raw("GET / HTTP/1.1\r\n\r\n", "status=200, responses=1, interim=[100, 103]"))
    assert verdict.outcome == "pass", verdict.reason
    _, verdict = ask({"/": hints[:25]}, raw("GET / HTTP/1.1\r\n\r\n", "responses=0, interim=[100]", 'until="interim"'))
    assert verdict.outcome == "pass", verdict.reason


HEAD = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"


def test_an_answer_to_head_has_no_body(ask):
    two = "HEAD / HTTP/1.1\r\n\r\nGET /body HTTP/1.1\r\n\r\n"
    answers = {"/": HEAD, "/body": ok("hello")}
    _, verdict = ask(answers, raw("HEAD / HTTP/1.1\r\n\r\n", "status=200, responses=1", 'within="3s"'))
    assert verdict.outcome == "pass", verdict.reason
    _, verdict = ask(answers, raw(two, "status=200, responses=2", 'within="3s"'))
    assert verdict.outcome == "pass", verdict.reason
    _, verdict = ask({"/once": HEAD + "hello"}, raw("HEAD /once HTTP/1.1\r\n\r\n", 'responses=1, error=""', 'until="close"'))
    assert verdict.outcome == "fail", "a body after HEAD is no answer, and not passed over"


def test_what_is_outstanding_on_a_connection_carries_over(ask):
    steps = (raw("HEAD / HTTP/1.1\r\nHo", "", 'until="nothing"\nkeep="one"') +
             raw("st: x\r\n\r\n", "status=200, responses=1", 'keep="one"\nwithin="3s"') +
             raw("GET /body HTTP/1.1\r\n\r\n", "status=201, responses=1", 'keep="one"\nwithin="3s"'))
    _, verdict = ask({"/": HEAD, "/body": ok("hello").replace("200", "201")}, steps)
    assert verdict.outcome == "pass", verdict.reason


def test_a_raw_answer_that_is_not_whole_is_none(ask):
    half = "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf"
    _, verdict = ask({"/once": half}, raw("GET /once HTTP/1.1\r\n\r\n", 'responses=0, closed=true, error="IncompleteRead"',
                                          'until="close"'))
    assert verdict.outcome == "pass", verdict.reason
    _, verdict = ask({"/once": half}, raw("GET /once HTTP/1.1\r\n\r\n", "status=200", 'until="close"'))
    assert verdict.outcome == "fail"


BACKGROUND = request("/slow", "", 'background=true\nid="later"').replace("expect={}", "")
WAIT = '[[step]]\nact="wait"\nresponse="later"\nexpect={status=200}\n'


def text_of(observation, direction):
    return "".join(entry["text"] for entry in observation.wire if entry["direction"] == direction)


def test_the_bytes_of_a_request_in_the_background_are_those_of_the_step_that_waits(ask):
    history, verdict = ask({"/slow": ok("slow"), "/": ok("hello")}, BACKGROUND + request("/", 'body="hello"') + WAIT)
    assert verdict.outcome == "pass", verdict.reason
    _, sent, other, waited = history.observations
    assert sent.wire == ()
    assert text_of(other, "received") == ok("hello")
    assert (text_of(waited, "sent").splitlines()[0], text_of(waited, "received")) == ("GET /slow HTTP/1.1", ok("slow"))


def test_a_request_in_the_background_keeps_others_off_its_connection(ask):
    keep = 'keep="one"'
    _, verdict = ask({"/slow": "HTTP/1.1 100 Continue\r\n\r\n"}, BACKGROUND.replace("id=", f"{keep}\nid=") +
                     request("/", "status=200", keep) + '[[step]]\nact="wait"\nresponse="later"\nexpect={status=200}\n')
    assert "is in use: the background request 'later' has no answer yet" in verdict.reason


def test_a_kept_connection_that_the_server_closed_is_not_opened_again(ask):
    keep = 'keep="one"'
    answers = {"/once": ok("hello"), "/": ok("hello"), "/last": ok("bye", "Connection: close\r\n")}
    again = request("/", 'error="ConnectionClosed"', keep)
    for first in ("/once", "/last"):
        history, verdict = ask(answers, request(first, "status=200", keep) + again * 2)
        assert verdict.outcome == "pass", verdict.reason
        assert history.observations[2].seen["status"] is None
        assert text_of(history.observations[2], "received") == ""
    _, verdict = ask(answers, request("/", "status=200", keep) * 2)
    assert verdict.outcome == "pass", verdict.reason
    _, verdict = ask(answers, request("/last", "status=200", keep) + request("/", "status=200", 'keep="two"'))
    assert verdict.outcome == "pass", verdict.reason


def test_a_kept_connection_is_one_for_requests_and_raw_bytes(ask):
    keep = 'keep="one"'
    _, verdict = ask({"/": ok("hello")}, request("/", "status=200", keep) +
                     raw("GET / HTTP/1.1\r\n\r\n", "responses=1", keep) +
                     '[[step]]\nact="disconnect"\nexpect={connections=1}\n')
    assert verdict.outcome == "pass", verdict.reason
    _, verdict = ask({"/": ok("hello")}, request("/", "status=200", keep) + request("/", "status=200", keep + "\nchannel=2"))
    assert "goes to port" in verdict.reason


def test_what_cannot_stand_in_a_request_is_said(ask):
    saved = request("/", "status=200", 'save={word="body"}')
    _, verdict = ask({"/": ok("a b")}, saved + request("/{word}", "status=200"))
    assert "needs percent-encoding; the verb raw sends any bytes" in verdict.reason
    _, verdict = ask({"/": ok("\u20ac".encode().decode("latin-1"))}, saved + raw("{word}", "status=200"))
    assert "each character must be a byte (up to U+00FF), not '€'" in verdict.reason


def test_an_answer_that_trickles_is_over_at_the_deadline(ask):
    """Each byte comes in time, and the whole never: the deadline is the step's, and not the next byte's."""
    history, verdict = ask({"/trickle": ok("x" * 1000)}, request("/trickle", "status=200", 'within="1s"'))
    assert verdict.outcome == "timeout"
    assert history.observations[1].seconds < 20


def test_what_was_not_kept_of_an_answer_is_not_called_good(ask):
    big = {"/once": ok("x" * MAX_KEPT + "\ngarbage")}
    for expect in ('body={every_line="/^x+$/"}', 'body={absent="/garbage/"}', 'body={some_line="/^garbage$/"}', 'body="/x+/"'):
        _, result = ask(big, request("/once", expect), whole=True)
        assert result.word == "fail"
        assert f"a text of more than {MAX_KEPT} bytes; the part that was kept does not decide" in result.reason
    _, result = ask(big, raw("GET /once HTTP/1.1\r\n\r\n", 'received={absent="/garbage/"}', 'until="close"'), whole=True)
    assert result.word == "fail"
    _, verdict = ask(big, request("/once", "status=200, closed=false"))
    assert verdict.outcome == "pass", "the rest is read, and the answer is whole"
