"""A subject compared with its oracle: whole answers are compared, and the part that differs is named."""

from dataclasses import replace

import pytest

from harness.model.values import History, Interpreter, Observation, Target
from harness.report.agreement import agreement

OURS = Target("ours@3.13", "ours", "3.13", oracle="theirs")
THEIRS = Target("theirs@3.13", "theirs", "3.13", "2.0")
SCENARIO = {"id": "dispatch.a", "family": "dispatch", "differs": "", "known": []}
STEP = {"number": 2, "act": "request", "args": {"path": "/x"}}
HTML = {"Content-Type": "text/html;charset=utf-8"}


def history(host, seen, step=STEP):
    observations = () if seen is None else (Observation(step["number"], step["act"], 0, 0, seen=seen),)
    return History(cell="c", scenario_hash="", host=host, port=8080, cleanup={}, logs={}, coverage="off", coverage_note="",
                   seconds=0, observations=observations, steps=(step,))


def answer(status, body="", headers=None, reason="OK"):
    error = "ConnectionRefusedError" if status is None else ""
    return {"status": status, "reason": status and reason, "body": body, "headers": headers or {}, "error": error}


def lines(ours, theirs, scenario=SCENARIO, step=STEP):
    stored = {"dispatch.a@ours@3.13": None if ours is None else history("127.1.1.1", ours, step),
              "dispatch.a@theirs@3.13": None if theirs is None else history("127.2.2.2", theirs, step)}
    return agreement([scenario], (OURS, THEIRS), stored.get)


def differing(ours, theirs, step=STEP):
    (line,) = lines(ours, theirs, step=step)
    (found,) = line["answers"]
    assert found["agree"] is (not found["differences"])
    return {item["part"]: (item["ours"], item["theirs"]) for item in found["differences"]}


ERROR = ("<html><head><style>{style}</style></head><h2>404 Not Found</h2><p>{message}</p><pre>{trace}</pre>Powered by {name}"
         "</html>")


def page(message, style="", trace="", name="ours"):
    return answer(404, ERROR.format(message=message, style=style, trace=trace, name=name), HTML)


@pytest.mark.parametrize(("ours", "theirs", "parts"), [
    (answer(200, "hello"), answer(200, "hello"), []),
    (answer(200, "hello"), answer(200, "hello!"), ["body"]),
    (answer(404), answer(400), ["status"]),
    (answer(404, reason="Not Found"), answer(404, reason="Nothing"), ["reason phrase"]),
    # The whole body is compared, however far into it the difference is, and not the first paragraph of any page.
    (answer(200, "x" * 400 + "a"), answer(200, "x" * 400 + "b"), ["body"]),
    (answer(200, "<p>one</p><p>two</p>", HTML), answer(200, "<p>one</p><p>three</p>", HTML), ["body"]),
    (answer(303, "go to http://127.1.1.1:8080/p"), answer(303, "see http://127.2.2.2:8080/p"), ["body"]),
    (answer(303, "to http://127.1.1.1:8080/p"), answer(303, "to http://127.2.2.2:8080/p"), []),
    # The interface of an error page is its message, all of it.
    (page("Missing: b"), page("Missing: b", "p { color: red }", "Traceback", "CherryPy 18.10.0"), []),
    (page("x" * 400 + "a"), page("x" * 400 + "b"), ["body"]),
    (page("a &lt; b"), page("a < b"), []),
    (page("Unexpected query string parameters: a, z"), page("Unexpected query string parameters: z, a"), []),
    (page("a"), answer(404, "a", {"Content-Type": "text/plain"}), ["header content-type"]),
    # Headers: those without a rule are compared; for some only the presence.
    (answer(200, "", {"Content-Type": "text/plain"}), answer(200, "", HTML), ["header content-type"]),
    (answer(200, "", {"Allow": "GET, HEAD"}), answer(200, "", {"allow": "HEAD,GET"}), []),
    (answer(200, "", {"Allow": "GET, HEAD"}), answer(200, "", {"Allow": "GET"}), ["header allow"]),
    (answer(200, "", {"Set-Cookie": "a=1"}), answer(200), ["header set-cookie"]),
    (answer(200, "", {"X-Anything": "1"}), answer(200, "", {"X-Anything": "2"}), ["header x-anything"]),
    (answer(200, "", {"WWW-Authenticate": "Basic"}), answer(200), ["header www-authenticate"]),
    (answer(200, "", {"Content-Length": "5"}), answer(200, "", {"Content-Length": "7"}), []),
    (answer(200, "", {"Content-Length": "5"}), answer(200, "", {"Transfer-Encoding": "chunked"}),
     ["header content-length", "header transfer-encoding"]),
    (answer(200, "", {"ETag": '"1"'}), answer(200, "", {"ETag": '"2"'}), []),
    (answer(200, "", {"ETag": '"1"'}), answer(200), ["header etag"]),
    (answer(200, "", {"Server": "a", "Date": "x"}), answer(200, "", {"Server": "b"}), []),
    (answer(200, "", {"Last-Modified": "Wed, 25 Nov 2026 15:02:06 GMT"}), answer(200), ["header last-modified"]),
    (answer(200, "", {"Expires": "Wed, 25 Nov 2026 15:02:06 GMT"}),
     answer(200, "", {"Expires": "Wed, 25 Nov 2026 15:04:00 GMT"}), []),
    (answer(303, "", {"Location": "http://127.1.1.1:8080/p"}), answer(303, "", {"location": "http://127.2.2.2:8080/p"}), []),
    (answer(303, "", {"Location": "http://127.1.1.1:8080/p"}), answer(303, "", {"Location": "http://127.2.2.2:8080/q"}),
     ["header location"]),
    (answer(303, "", {"Location": "/p"}), answer(303, "", {"Location": "http://127.2.2.2:8080/p"}), ["header location"]),
    # What differs from process to process.
    (answer(200, '{"pid": 12, "port": 8080}'), answer(200, '{"pid": 345, "port": 8080}'), []),
    (answer(200, "<object at 0x7f00>"), answer(200, "<object at 0x80a1>"), []),
    (answer(200, "at 2026-11-25 15:02:06,123"), answer(200, "at 2026-11-25 16:02:06,9"), []),
    # No answer at all.
    (answer(None), answer(None), []),
    (answer(None), answer(500), ["answers", "error"]),
    ({**answer(None), "error": "", "timed_out": True}, answer(None), ["error"]),
])
def test_whole_answers_are_compared(ours, theirs, parts):
    assert list(differing(ours, theirs)) == parts


def test_long_values_are_shown_around_their_first_difference():
    assert differing(answer(404, reason="Not Found"), answer(404, reason="Gone away")) == {
        "reason phrase": ("Not Found", "Gone away")}
    ours, theirs = differing(answer(200, "x" * 400 + "a"), answer(200, "x" * 400 + "b"))["body"]
    assert (ours[-1], theirs[-1], ours == theirs) == ("a", "b", False)
    assert len(ours) < 200
    assert differing(answer(200, "", {"Vary": "Accept"}), answer(200)) == {"header vary": ("accept", "(no such header)")}


RAW = {"number": 1, "act": "raw", "args": {"send": "GET / HTTP/1.1\r\nHost: {host}\r\n\r\n", "until": "close"}}


def raw(*answers, closed=True):
    return {"received": "".join(answers), "status": 200, "responses": len(answers), "closed": closed, "error": ""}


def one(status="200 OK", body="hello", more="", version="1.1"):
    return f"HTTP/{version} {status}\r\nContent-Length: {len(body)}\r\n{more}\r\n{body}"


@pytest.mark.parametrize(("ours", "theirs", "parts"), [
    (raw(one()), raw(one()), []),
    (raw(one(more="Date: x\r\nServer: a\r\n")), raw(one(more="Server: b\r\n")), []),
    (raw(one(more="Connection: close\r\n")), raw(one()), ["header connection"]),
    (raw(one(), closed=False), raw(one()), ["connection"]),
    (raw(one()), raw(one(), one("400 Bad Request")), ["answers"]),
    (raw("HTTP/1.1 100 Continue\r\n\r\n", one()), raw(one()), ["interim answers"]),
    (raw(one(), one("404 Not Found")), raw(one(), one("400 Bad Request")), ["answer 2: status", "answer 2: reason phrase"]),
    (raw("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"),
     raw("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n"), []),
    (raw("garbage"), raw("rubbish"), ["body"]),
    (raw(""), raw(one()), ["answers", "error"]),
])
def test_raw_bytes_are_answers_too(ours, theirs, parts):
    assert list(differing(ours, theirs, RAW)) == parts


def test_an_answer_to_head_has_no_body():
    step = {**RAW, "args": {"send": "HEAD / HTTP/1.1\r\nHost: {host}\r\n\r\nGET / HTTP/1.1\r\nHost: {host}\r\n\r\n"}}
    head = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"
    assert differing(raw(head, one()), raw(head, one()), step) == {}
    assert differing(raw(head, one()), raw(head, one(body="other")), step) == {"answer 2: body": ("hello", "other")}


def test_a_step_that_only_one_of_the_two_reached_is_not_passed_over():
    (line,) = lines(answer(200, "a"), {})
    assert line["answers"][0] == {"interpreter": "3.13", "subject": "ours", "oracle": "theirs", "agree": None,
                                  "ours": "200 a", "theirs": "did not reach this step", "differences": []}
    (line,) = agreement([SCENARIO], (OURS, THEIRS), {
        "dispatch.a@ours@3.13": history("", None), "dispatch.a@theirs@3.13": history("", answer(200, "b"))}.get)
    assert (line["answers"][0]["agree"], line["answers"][0]["ours"]) == (None, "did not reach this step")


def test_a_background_request_is_compared_at_the_step_that_waits_for_its_answer():
    waits = {"number": 3, "act": "wait", "args": {"response": "x"}}
    (line,) = lines(answer(200, "a"), answer(200, "b"), step=waits)
    assert (line["request"], line["answers"][0]["agree"]) == ("the answer to x", False)
    assert lines({}, {}) == [], "when it was sent nothing was answered"


def known(why, step=2, **where):
    return {"step": step, "why": why, "where": where}


@pytest.mark.parametrize(("entries", "reason"), [
    ([known("up#1", subject="theirs")], "up#1"),
    ([known("up#1", subject="ours")], "up#1"),
    ([known("other step", step=3, subject="theirs")], ""),
    ([known("of an older one", subject="theirs", version="<2")], ""),
    ([known("of another server", subject="somebody")], ""),
    ([known("up#12", subject="theirs", version=">=2"), known("up#1", subject="ours"), known("up#12", subject="ours")],
     "up#12; up#1"),
])
def test_a_reason_comes_from_the_scenario_or_from_a_known_failure_of_either_subject(entries, reason):
    scenario = {**SCENARIO, "known": entries}
    assert lines(answer(200, "a"), answer(200, "b"), scenario)[0]["reason"] == reason
    assert lines(answer(200, "a"), answer(200, "b"), {**scenario, "differs": "said"})[0]["reason"] == "said"
    assert lines(answer(200, "a"), answer(200, "a"), {**scenario, "differs": "said"})[0]["reason"] == "", "they agree"


def test_a_reason_holds_for_the_interpreters_on_which_they_differ():
    python = [replace(target, id=target.id.replace("3.13", "2.7"), interpreter_id="2.7") for target in (OURS, THEIRS)]
    stored = {f"dispatch.a@{target.id}": history("", answer(200, body)) for target, body in (
        (OURS, "a"), (THEIRS, "b"), (python[0], "a"), (python[1], "a"))}
    entries = [known("on 2.7 only", subject="theirs", python="<3"), known("on 3", subject="theirs", python=">=3")]
    targets = tuple(replace(target, interpreter=Interpreter("x", "cpython", target.interpreter_id + ".1", "gil", ""))
                    for target in (OURS, THEIRS, *python))
    (line,) = agreement([{**SCENARIO, "known": entries}], targets, stored.get)
    assert ([found["agree"] for found in line["answers"]], line["reason"]) == ([False, True], "on 3")


def test_the_parts_are_in_the_order_of_an_answer():
    found = differing(answer(404, "a", {"X-A": "1"}), answer(301, "b", {"Location": "/b"}))
    assert list(found) == ["status", "header location", "header x-a", "body"]


def test_what_did_not_run_on_both_is_not_compared():
    assert lines(answer(200, "a"), None) == []
    assert lines(answer(200, "a"), answer(200, "a"), {**SCENARIO, "family": "lifecycle"}) == []


def test_the_locked_release_of_the_oracle_is_compared_if_several_editions_ran():
    other = Target("theirs+1.2@3.13", "theirs", "3.13")
    stored = {"dispatch.a@ours@3.13": history("", answer(200, "a")), "dispatch.a@theirs@3.13": history("", answer(200, "a")),
              "dispatch.a@theirs+1.2@3.13": history("", answer(500, "b"))}
    (line,) = agreement([SCENARIO], (OURS, other, THEIRS), stored.get)
    assert [(found["oracle"], found["agree"]) for found in line["answers"]] == [("theirs", True)]
    (line,) = agreement([SCENARIO], (OURS, other), stored.get)
    assert [(found["oracle"], found["agree"]) for found in line["answers"]] == [("theirs+1.2", False)]


@pytest.mark.parametrize(("step", "said"), [
    ({"number": 2, "act": "request", "args": {"path": "/x"}}, "GET /x"),
    ({"number": 2, "act": "request", "args": {"path": "/x", "form": "a=1"}}, "POST /x with a=1"),
    ({"number": 2, "act": "raw", "args": {"send": "GET / HTTP/1.1\r\nHost: h\r\n\r\n"}}, "raw: GET / HTTP/1.1 …"),
    ({"number": 2, "act": "raw", "args": {"send": "\x00\x01"}}, "raw: \\x00\\x01"),
])
def test_a_request_is_named_by_what_is_sent(step, said):
    assert lines(answer(200), answer(200), step=step)[0]["request"] == said


@pytest.mark.parametrize(("family", "compared"), [
    ("dispatch", True), ("parameters", True), ("http", True), ("lifecycle", False), ("sockets", False), ("channel", False)])
def test_which_families_are_compared(family, compared):
    assert bool(lines(answer(200, "a"), answer(200, "b"), {**SCENARIO, "family": family})) is compared
