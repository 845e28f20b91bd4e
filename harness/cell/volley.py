"""A volley: requests by clients in parallel, each of them counted, while something else happens. Standard library only.

What becomes of a request: it is ``answered`` (a whole answer below 500), ``failed`` (5xx), ``refused`` (nothing took the
connection), ``late`` (not answered within the volley's patience), or ``lost``: the connection was taken, and was closed or
reset before a whole answer.

A server may close a kept connection at any time while it is idle, and a client's next request may already be on its way (RFC
9112, section 9.5). A client that finds the connection closed before it has sent anything opens a new one, and that is no loss.
One that has sent its request, and gets no byte of an answer, cannot know whether the request was seen: it may repeat it only
if its method is idempotent (RFC 9112, section 9.3.1; RFC 9110, section 9.2.2). So it is repeated once on a new connection,
where its outcome counts, and it is ``raced``, too; with any other method it is lost. On a new connection there is no such race,
since a server has no reason to think it idle: whatever is not answered there is lost.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from .http_client import CLOSED, UNASKED, Client

#: RFC 9110, section 9.2.2.
IDEMPOTENT = ("GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE")
REFUSED_SECONDS = 0.02  # until a client that was refused asks again: it must not take the processor from a server that starts
MAX_ERRORS, MAX_BODIES = 5, 1000
OUTCOMES = ("asked", "answered", "failed", "refused", "lost", "raced", "late")


@dataclass(frozen=True, slots=True)
class Plan:
    """What a volley asks: ``rate`` is requests a second in all (0: each client asks as soon as it has its answer).

    It ends after so many ``requests``, or after so many ``seconds``; the other is 0. ``clients`` is also how many can wait for
    an answer at once, so a rate that the server does not keep up with is not reached. ``silent`` ones only open a connection,
    which counts as asked, and hold it to the end.
    """

    method: str
    path: str
    silent: bool
    clients: int
    rate: int
    keep: bool
    requests: int
    seconds: float
    patience: float


def planned(args: dict[str, Any]) -> Plan:
    """The plan of a step's arguments."""
    return Plan(
        method=args.get("method", "GET"),
        path=args.get("path", "/"),
        silent=args.get("silent", False),
        clients=args.get("clients", 4),
        rate=args.get("rate", 0),
        keep=args.get("keep", False),
        requests=args.get("requests", 0),
        seconds=_duration(args["lasts"]) if "lasts" in args else 0.0,
        patience=_duration(args.get("patience", "10s")),
    )


def _duration(text: str) -> float:
    """The seconds of a duration that was checked: "500ms", "10s", "2m"."""
    number = text.rstrip("ms")
    return float(number) * {"ms": 0.001, "s": 1.0, "m": 60.0}[text.removeprefix(number)]


class Volley:
    """A volley under way. ``connect`` makes a client with a connection of its own; ``record`` is for its first exchange."""

    def __init__(self, plan: Plan, connect: Callable[[], Client], record: Callable[[str, bytes], None] | None = None) -> None:
        self.plan = plan
        self._connect = connect
        self._record = record
        self._lock = threading.Lock()
        self._stopped = threading.Event()
        self._counts = dict.fromkeys(OUTCOMES, 0)
        self._statuses: set[int] = set()
        self._bodies: set[str] = set()
        self._longest: float | None = None
        self._errors: dict[str, int] = {}
        self._first: dict[str, str] = {}
        self._broken: BaseException | None = None
        self._began = time.monotonic()
        self.threads = [threading.Thread(target=self._run, name="volley", daemon=True) for _ in range(plan.clients)]

    def start(self) -> None:
        """Begin; it goes on in threads of its own."""
        self._began = time.monotonic()
        for thread in self.threads:
            thread.start()

    def stop(self) -> None:
        """Ask no more; what was asked is still waited for."""
        self._stopped.set()

    @property
    def alive(self) -> bool:
        """Whether it is under way."""
        return any(thread.is_alive() for thread in self.threads)

    def ends(self, seconds: float) -> bool:
        """Wait for its end; return whether it came in time."""
        end = time.monotonic() + seconds
        for thread in self.threads:
            thread.join(max(0.0, end - time.monotonic()))
        return not self.alive

    def seen(self) -> dict[str, Any]:
        """What became of the requests until now; raises what is wrong with the request itself."""
        if self._broken is not None:
            raise self._broken
        with self._lock:
            return {
                **self._counts,
                "bodies": len(self._bodies),
                "statuses": sorted(self._statuses),
                "longest": self._longest,
                "errors": [f"{text} ({count} times)" for text, count in self._errors.items()],
                "first": dict(self._first),
                "seconds": round(time.monotonic() - self._began, 3),
            }

    def _run(self) -> None:
        """One client: its requests, one after the other."""
        client: Client | None = None
        try:
            if self.plan.silent:
                client = self._hold()
            while not self.plan.silent and (due := self._next()) is not None:
                if self._stopped.wait(max(0.0, due - time.monotonic())):
                    with self._lock:
                        self._counts["asked"] -= 1
                    break
                client = self._ask(client)
        except BaseException as problem:  # raised where the volley is waited for
            self._broken = problem
            self._stopped.set()
        finally:
            if client is not None:
                client.close()

    def _hold(self) -> Client:
        """Open a connection, and do nothing with it until the end."""
        client = self._connect()
        with self._lock:
            turn = self._counts["asked"]
            self._counts["asked"] += 1
        self._stopped.wait(max(0.0, self._began + turn / self.plan.rate - time.monotonic()) if self.plan.rate else 0.0)
        seen = client.raw([], "nothing", self.plan.patience)
        with self._lock:
            if seen.get("timed_out") or not client.opened:
                self._counts["late" if seen.get("timed_out") else "refused"] += 1
        self._stopped.wait(max(0.0, self._began + self.plan.seconds - time.monotonic()))
        return client

    def _next(self) -> float | None:
        """When the next request is due; None if there is none."""
        with self._lock:
            turn, plan = self._counts["asked"], self.plan
            due = self._began + turn / plan.rate if plan.rate else time.monotonic()
            if self._stopped.is_set() or (plan.requests and turn >= plan.requests):
                return None
            if plan.seconds and due >= self._began + plan.seconds:
                return None
            self._counts["asked"] += 1
            return due

    def _ask(self, client: Client | None) -> Client | None:
        """Ask once, and count what became of it; return the connection if it can be used again."""
        began = time.monotonic()
        seen, client = self._exchange(client)
        waited = time.monotonic() - began
        status, error = seen["status"], seen["error"]
        if status is not None:
            outcome = "failed" if status >= 500 else "answered"
        elif seen.get("timed_out"):
            outcome = "late"
        else:
            outcome = "lost" if client.opened else "refused"
        with self._lock:
            self._counts[outcome] += 1
            self._longest = round(max(waited, self._longest or 0.0), 4)
            if status is not None:
                self._statuses.add(status)
                if len(self._bodies) < MAX_BODIES:
                    self._bodies.add(seen["body"] or "")
            at = f"after {began - self._began:.2f} s"
            answer = f"{status} {(seen['body'] or '')[:80]!r}"
            self._first.setdefault(outcome, f"{at}: {answer if status is not None else error}")
            if error and (error in self._errors or len(self._errors) < MAX_ERRORS):
                self._errors[error] = self._errors.get(error, 0) + 1
        if outcome == "refused":
            self._stopped.wait(REFUSED_SECONDS)
        if self.plan.keep and status is not None and not seen["closed"]:
            return client
        client.close()
        return None

    def _exchange(self, client: Client | None) -> tuple[dict[str, Any], Client]:
        """A request and its answer, on the connection that is kept or, where that is closed, on a new one."""
        if client is not None:
            seen = self._request(client)
            raced = seen["error"] == CLOSED and client.was_sent and self.plan.method in IDEMPOTENT
            if seen["error"] not in (CLOSED, UNASKED) or (client.was_sent and not raced):
                return seen, client
            client.close()
            if raced:
                with self._lock:
                    self._counts["raced"] += 1
        client = self._connect()
        with self._lock:
            if self._record is not None:
                client.record, self._record = self._record, None
        return self._request(client), client

    def _request(self, client: Client) -> dict[str, Any]:
        headers = {} if self.plan.keep else {"Connection": "close"}
        return client.request(self.plan.method, self.plan.path, headers, None, self.plan.patience)
