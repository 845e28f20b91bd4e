"""The player and the table, tried on servers that are wrong on purpose."""

import re
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest

from . import player, run, wrong
from .model import (
    HOST,
    LEVELS,
    NEXT,
    NEXT_SEEN,
    HalfClose,
    Interim,
    Leave,
    Outcome,
    get,
    head,
    post,
    refused,
    reply,
    row,
    saw,
    served,
)
from .reading import read
from .table import BY_ID, ROWS, apply

SERVED = row("a.served", "9112 3", "must", get(), Outcome((reply(200),), "open", ()))
REFUSED = row("a.refused", "9112 3", "should", get(), refused(400))
EITHER = row("a.either", "9112 3", "may", get(), Outcome((reply(200),), "", None))


@pytest.fixture(autouse=True)
def impatient(monkeypatch):
    monkeypatch.setattr(player, "PATIENCE", 1.5)


def faults(one, talk, **more):
    with wrong.wrong(talk, **more) as address:
        return run.one(one, address, 1)[2]


def texts(one, talk, **more):
    return " / ".join(f"{fault.level}: {fault.text}" for fault in faults(one, talk, **more))


# -- the table as such


def test_the_table_is_large_and_each_row_cites_a_section():
    assert len(ROWS) >= 150
    assert all(re.fullmatch(r"RFC (9110|9112|6585), section \d+(\.\d+)*", one.source) for one in ROWS)
    assert Counter(one.level for one in ROWS)["must"] >= 150
    assert [one.id for one in ROWS if one.handler] == [one.id for one in ROWS if one not in apply("waitress")]


@pytest.mark.parametrize("level", LEVELS)
def test_a_row_s_level_is_its_fault_s(level):
    assert faults(row("a.b", "9112 3", level, get(), refused(400)), wrong.always(wrong.HELLO * 2))[0].level == level


def test_no_row_is_green_on_every_wrong_server(monkeypatch):
    """Closing, refusing and serving everything are each right for some rows; none may be right whatever a server does."""
    monkeypatch.setattr(player, "PATIENCE", 0.3)
    leaves = {one.id for one in ROWS if any(isinstance(step, Leave) for step in one.send)}
    green = {one.id for one in ROWS} - leaves
    for talk in (wrong.always(b""), wrong.always(wrong.BAD), wrong.again(wrong.HELLO)):
        with wrong.wrong(talk) as address, ThreadPoolExecutor(30) as pool:
            quick = [(pool.submit(run.one, one, address, number)) for number, one in enumerate(ROWS) if not one.crowd and one.id in green]
            green -= {done.id for done, _, found in (future.result() for future in quick) if found}
    assert green <= {one.id for one in ROWS if one.crowd}
    with wrong.wrong(wrong.always(b""), calls=wrong.BAD) as address, ThreadPoolExecutor(10) as pool:
        gone = [BY_ID[name] for name in leaves]
        assert all(found for _, _, found in pool.map(lambda one: run.one(one, address, 1), gone)), "who leaves sees the server afterwards"


def test_rows_that_must_be_served_are_red_where_all_is_refused():
    red = [one for one in ROWS if not any(len(outcome.replies) < 2 and outcome.calls in ((), None) for outcome in one.allow)]
    assert len(red) > 100
    with wrong.wrong(wrong.always(wrong.BAD)) as address, ThreadPoolExecutor(30) as pool:
        results = list(pool.map(lambda pair: run.one(pair[1], address, pair[0]), enumerate(red)))
    assert [one.id for one, _, found in results if not found] == []


# -- what the player sees


def test_a_right_answer_has_no_fault():
    assert faults(SERVED, wrong.sends(wrong.HELLO, wrong.PROBED)) == []
    assert faults(REFUSED, wrong.sends(wrong.BAD)) == []


def test_silence():
    assert "0 answers; silent afterwards" in texts(REFUSED, lambda connection: wrong.until(connection, b"no client sends this"))


def test_a_close_without_an_answer():
    assert "0 answers" in texts(REFUSED, wrong.always(b""))


def test_an_answer_of_http_0_9():
    assert "must: bytes that are no answer: b'<html>" in texts(EITHER, wrong.sends(b"<html></html>"))


def test_an_answer_that_is_cut():
    assert "must: the answer is cut" in texts(EITHER, wrong.sends(wrong.HELLO[:-1]))


def test_an_answer_that_is_unsound():
    assert "must: no Date" in texts(EITHER, wrong.sends(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"))


def test_a_body_behind_head():
    head_row = row("a.head", "9110 9.3.2", "must", get(method=b"HEAD"), Outcome((reply(200),), "", None), methods=("HEAD",))
    assert "bytes that are no answer: b'{}'" in texts(head_row, wrong.sends(wrong.HELLO))
    assert "no answer" not in texts(head_row, wrong.sends(wrong.HELLO[:-2]))


def test_a_close_that_was_not_said():
    one = row("a.b", "9112 3", "must", get(), Outcome((reply(200),), "closed", None))
    assert [fault.level for fault in faults(one, wrong.sends(wrong.HELLO))] == ["should"]
    assert faults(one, wrong.sends(wrong.HELLO.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"))) == []
    old = row("a.b", "9112 3", "must", head(b"GET /saw HTTP/1.0", HOST), Outcome((reply(200),), "closed", None))
    assert faults(old, wrong.sends(wrong.HELLO)) == []
    half = row("a.b", "9112 3", "must", (get(), HalfClose()), Outcome((reply(200),), "closed", None))
    assert faults(half, wrong.sends(wrong.HELLO)) == []


def test_a_second_answer_before_the_probe_s():
    assert "2 answers" in texts(SERVED, wrong.sends(wrong.HELLO, wrong.HELLO, wrong.PROBED))


def test_a_second_answer_before_the_close():
    assert "2 answers" in texts(REFUSED, wrong.sends(wrong.BAD, wrong.BAD))


def test_open_where_it_must_be_closed_and_closed_where_it_must_be_open():
    assert "open afterwards" in texts(REFUSED, wrong.sends(wrong.BAD, wrong.PROBED))
    assert "closed afterwards" in texts(SERVED, wrong.sends(wrong.HELLO))


def test_answers_in_another_order():
    two = row("a.b", "9112 9.3.2", "must", get() + NEXT, Outcome((reply(200), reply(404)), "open", None))
    assert "status 404; status 200" in texts(two, wrong.sends(wrong.HELLO.replace(b"200", b"404"), wrong.HELLO, wrong.PROBED))


def test_calls_of_handlers_that_were_not_to_be():
    calls = b'[{"method": "GET", "path": "/hidden", "query": "", "body": "", "authority": "h", "headers": {}}]'
    told = wrong.OK + b"Content-Length: %d\r\nConnection: close\r\n\r\n" % len(calls) + calls
    assert "1 calls of handlers" in texts(REFUSED, wrong.sends(wrong.BAD), calls=told)
    next_row = row("a.b", "9112 3", "must", get(), served(NEXT_SEEN))
    assert "the handler saw path '/hidden'" in texts(next_row, wrong.sends(wrong.HELLO, wrong.PROBED), calls=told)


def test_what_a_handler_saw():
    one = row("a.b", "9112 3", "must", post(b"Content-Length: 5", body=b"hello"), served(saw("hello", x_a="b +c", x_b=None, x_c="|d")))
    seen = {"method": "POST", "path": "/saw", "query": "", "body": "hello", "authority": "h", "headers": {"x-a": "b  c"}}

    def why(**changes):
        played = player.Played(read(wrong.HELLO, (), False), "open", calls=[{**seen, **changes}])
        return player.misses(one.allow[0], played)

    assert why() == []
    assert why(body="hell") == ["the handler saw body 'hell'"]
    assert why(method="GET") == ["the handler saw method 'GET'"]
    assert why(headers={}) == ["the handler saw x-a None"]
    assert why(headers={"x-a": "b c", "x-b": ""}) == ["the handler saw x-b ''"]
    assert why(headers={"x-a": "b c", "x-c": "e"}) == ["the handler saw x-c 'e'"]


def test_a_server_that_is_gone_afterwards():
    said = texts(REFUSED, wrong.sends(wrong.BAD), dies=True)  # refused, or accepted by the kernel and never answered
    assert re.search("must: the server (is not there|does not answer) afterwards", said)


def test_a_server_that_does_not_answer_afterwards():
    assert "must: the server does not answer afterwards" in texts(REFUSED, wrong.sends(wrong.BAD), calls=wrong.BAD)
    assert "must: the server does not answer afterwards" in texts(REFUSED, wrong.sends(wrong.BAD), calls=b"")


def test_nobody_is_there():
    assert run.one(REFUSED, ("127.77.31.2", 9), 1)[2][0].text.startswith("the server is not there")


def test_an_interim_answer_that_never_comes():
    waits = row("a.b", "9110 10.1.1", "must", (post(b"Content-Length: 5", b"Expect: 100-continue"), Interim(), b"hello"), Outcome((reply(200),), "open", None, 1))
    good = [b"HTTP/1.1 100 Continue\r\n\r\n"]

    def answers(first):
        def talk(connection):
            wrong.until(connection, b"\r\n\r\n")
            for part in first:
                connection.sendall(part)
            wrong.until(connection, b"hello", 2.0)
            wrong.sends(wrong.HELLO, wrong.PROBED, first=b"/probe")(connection)
        return talk

    assert faults(waits, answers(good)) == []
    assert "0 interim answers" in texts(waits, answers([]))
    assert "2 interim answers" in texts(waits, answers(good * 2))


def test_a_reset_is_seen():
    one = row("a.b", "9112 9.6", "must", post(b"Content-Length: 9", body=b"hello"), Outcome((reply(400),), "closed", (), None, True))

    def talk(connection):
        wrong.until(connection, b"\r\n\r\n")
        connection.sendall(wrong.BAD)
        player.socket.socket.setsockopt(connection, player.socket.SOL_SOCKET, player.socket.SO_LINGER, player.struct.pack("ii", 1, 0))

    assert "the connection was reset" in texts(one, talk)
    assert "reset" not in texts(one, wrong.sends(wrong.BAD))


def test_a_client_that_leaves():
    gone = row("a.b", "9112 8", "must", (post(b"Content-Length: 9", body=b"hello"), Leave(hard=True)), Outcome((), "closed", ()))
    assert faults(gone, wrong.sends(wrong.HELLO)) == []
    calls = b'[{"method": "POST", "path": "/saw", "query": "", "body": "hello", "authority": "h", "headers": {}}]'
    told = wrong.OK + b"Content-Length: %d\r\nConnection: close\r\n\r\n" % len(calls) + calls
    assert "1 calls of handlers" in texts(gone, wrong.sends(wrong.HELLO), calls=told)


def test_fields_that_an_answer_has_and_has_not():
    one = row("a.b", "9112 3", "must", get(), Outcome((reply(200, absent=("date",), content_type="text/.*", body="x"),), "open", None))
    said = texts(one, wrong.sends(wrong.HELLO, wrong.PROBED))
    assert "date is there" in said
    assert "content-type is ['application/json']" in said
    assert "the body is b'{}'" in said
