"""What a volley counts, against a server in this process that does as it is told with each connection."""

import contextlib
import socket
import threading

import pytest

from harness.cell.http_client import Client
from harness.cell.volley import Plan, Volley, planned
from harness.language.request_bytes import Unsendable

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"
PLAN = Plan("GET", "/", False, 1, 0, False, 4, 0.0, 2.0)


@pytest.fixture
def serving():
    """Start a server: ``does(socket, turn)`` gets each connection; return its address."""
    opened = []

    def start(does):
        listener = socket.create_server(("127.0.0.1", 0))
        opened.append(listener)

        def all_of_them():
            for turn in range(100_000):
                try:
                    sock = listener.accept()[0]
                except OSError:
                    return
                threading.Thread(target=one, args=(sock, turn), daemon=True).start()

        def one(sock, turn):
            with sock, contextlib.suppress(OSError):
                does(sock, turn)

        threading.Thread(target=all_of_them, daemon=True).start()
        return listener.getsockname()

    yield start
    for listener in opened:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()


def requests(sock):
    """The heads that arrive, until the client closes."""
    while data := sock.recv(65536):
        yield data


def counted(address, **changes):
    made = Volley(Plan(**{**{name: getattr(PLAN, name) for name in PLAN.__slots__}, **changes}), lambda: Client(*address))
    made.start()
    assert made.ends(20)
    return made.seen()


def told(seen):
    return {name: seen[name] for name in ("asked", "answered", "failed", "refused", "lost", "raced", "late") if seen[name]}


def answers(sock, turn):
    for _ in requests(sock):
        sock.sendall(OK)


def test_answers_are_counted_and_each_request_has_a_connection_of_its_own_unless_they_are_kept(serving):
    turns = []
    address = serving(lambda sock, turn: (turns.append(turn), answers(sock, turn)))
    seen = counted(address)
    assert told(seen) == {"asked": 4, "answered": 4}
    assert (len(turns), seen["statuses"], seen["bodies"], seen["errors"]) == (4, [200], 1, [])
    assert 0 < seen["longest"] < 2
    counted(address, keep=True)
    assert len(turns) == 5


def test_clients_ask_in_parallel(serving):
    together = threading.Barrier(3)

    def meets(sock, turn):
        for _ in requests(sock):
            together.wait(5)
            sock.sendall(OK)

    assert told(counted(serving(meets), clients=3, requests=3)) == {"asked": 3, "answered": 3}


@pytest.mark.parametrize(("sent", "found"), [
    (b"HTTP/1.1 503 x\r\nContent-Length: 0\r\n\r\n", "failed"), (b"HTTP/1.1 404 x\r\nContent-Length: 0\r\n\r\n", "answered"),
    (b"", "lost"), (OK[:-1], "lost"), (b"HTTP/1.1 200 OK\r\nConte", "lost"), (b"nonsense", "lost"), (None, "late"),
])
def test_what_becomes_of_a_request(serving, sent, found):
    def does(sock, turn):
        sock.recv(65536)
        if sent is None:
            sock.recv(1)
        else:
            sock.sendall(sent)

    seen = counted(serving(does), requests=2, patience=0.3)
    assert told(seen) == {"asked": 2, found: 2}
    assert list(seen["first"]) == [found]


def test_a_port_where_nobody_listens_refuses():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        address = listener.getsockname()
    seen = counted(address, requests=3)
    assert told(seen) == {"asked": 3, "refused": 3}
    assert seen["errors"] == ["ConnectionRefusedError (3 times)"]


def test_a_kept_connection_that_was_closed_while_idle_is_opened_again_and_that_is_no_loss(serving):
    def once(sock, turn):
        sock.recv(65536)
        sock.sendall(OK)

    address = serving(once)
    made = Volley(Plan("GET", "/", False, 1, 20, True, 4, 0.0, 2.0), lambda: Client(*address))
    made.start()
    assert made.ends(20)
    assert told(made.seen()) == {"asked": 4, "answered": 4}


@pytest.mark.parametrize(("method", "found"), [
    ("GET", {"asked": 4, "answered": 4, "raced": 3}), ("POST", {"asked": 4, "answered": 2, "lost": 2})])
def test_a_request_that_crosses_the_close_of_a_kept_connection(serving, method, found):
    """RFC 9112, section 9.3.1: an idempotent one may be repeated, and any other is lost."""
    def second_is_not_read(sock, turn):
        sock.recv(65536)
        sock.sendall(OK)
        sock.recv(65536)  # takes the next one, and closes

    assert told(counted(serving(second_is_not_read), method=method, keep=True)) == found


def test_an_answer_that_breaks_off_on_a_kept_connection_is_lost(serving):
    def breaks_off(sock, turn):
        sock.recv(65536)
        sock.sendall(OK)
        sock.recv(65536)
        sock.sendall(OK[:9])

    assert told(counted(serving(breaks_off), keep=True)) == {"asked": 4, "answered": 2, "lost": 2}


def test_an_answer_that_says_that_it_closes_ends_the_connection(serving):
    closes = OK.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n")
    turns = []

    def does(sock, turn):
        turns.append(turn)
        for _ in requests(sock):
            sock.sendall(closes)

    assert told(counted(serving(does), keep=True)) == {"asked": 4, "answered": 4}
    assert len(turns) == 4


def test_a_rate_is_kept_and_a_time_ends_it(serving):
    seen = counted(serving(answers), clients=4, rate=40, requests=0, seconds=0.5)
    assert told(seen) == {"asked": 20, "answered": 20}
    assert 0.4 < seen["seconds"] < 5


def test_one_that_is_stopped_asks_no_more_and_counts_what_it_has_asked(serving):
    made = Volley(planned({"path": "/", "rate": 20, "lasts": "60s"}), lambda: Client(*address))
    address = serving(answers)
    made.start()
    assert made.alive
    while not made.seen()["answered"]:
        pass
    made.stop()
    assert made.ends(10)
    seen = made.seen()
    assert seen["asked"] == seen["answered"] > 0
    assert not made.alive


def test_silent_clients_hold_their_connections_to_the_end(serving):
    held = []

    def holds(sock, turn):
        held.append(sock.recv(65536))

    address = serving(holds)
    made = Volley(planned({"silent": True, "clients": 3, "lasts": "60s"}), lambda: Client(*address))
    made.start()
    while made.seen()["asked"] < 3:
        pass
    assert held == []
    made.stop()
    assert made.ends(10)
    assert told(made.seen()) == {"asked": 3}


def test_what_cannot_be_sent_is_said_where_the_volley_is_judged(serving):
    made = Volley(planned({"path": "/a b", "requests": 2}), lambda: Client(*serving(answers)))
    made.start()
    assert made.ends(10)
    with pytest.raises(Unsendable):
        made.seen()


def test_only_the_first_exchange_is_recorded(serving):
    recorded = []
    address = serving(answers)
    made = Volley(planned({"path": "/", "requests": 3, "clients": 1}), lambda: Client(*address), lambda way, data: recorded.append(way))
    made.start()
    assert made.ends(10)
    assert recorded.count("sent") == 1


def test_the_plan_of_a_step():
    assert planned({"path": "/x", "method": "POST", "clients": 2, "rate": 5, "keep": True, "lasts": "1500ms", "patience": "2m"}) == Plan(
        "POST", "/x", False, 2, 5, True, 0, 1.5, 120.0)
    assert planned({"path": "/", "requests": 3}) == Plan("GET", "/", False, 4, 0, False, 3, 0.0, 10.0)
