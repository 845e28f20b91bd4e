"""Which parts of an HTTP answer are compared with another server's, and what may differ in them, with the reason."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from ..cell.http_answers import Answers
from ..model.values import History, Json

ABSENT, PRESENT, NONE = "(no such header)", "(present)", "(none)"

#: Headers that are not compared at all. The value of every header that is not named here is compared.
IGNORED = {
    "server": "each server names itself",
    "date": "each server answers at its own time",
}
#: Headers of which only the presence is compared.
PRESENCE = {
    "content-length": "the body itself is compared",
    "etag": "each server chooses its own tags",
    "last-modified": "each cell has its own copies of the files",
}
#: Headers that are lists of names, whose order and case do not matter (RFC 9110, 5.6.1).
UNORDERED = ("allow", "connection", "vary", "accept-ranges")


@dataclass(frozen=True, slots=True)
class Rule:
    """Something that varies without being a difference, what replaces it, and why it varies."""

    what: str
    pattern: re.Pattern[str]
    by: str | Callable[[re.Match[str]], str]
    why: str


def _sorted(match: re.Match[str]) -> str:
    return match[1] + ", ".join(sorted(match[2].split(", ")))


#: Applied in this order, after the address of the cell itself has been replaced.
NORMALISED = (
    Rule(
        "a date or time",
        re.compile(
            r"\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT|\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d(?:[.,]\d+)?(?:Z| ?[+-]\d\d:?\d\d)?"
        ),
        "DATE",
        "each server answers at its own time",
    ),
    Rule(
        "a process id",
        re.compile(r"""\b(pid\b["']?\s*[:=]?\s*)\d+""", re.IGNORECASE),
        r"\1PID",
        "each server is its own process",
    ),
    Rule("a memory address", re.compile(r"0x[0-9a-fA-F]+"), "0x…", "it differs in each process"),
    Rule(
        "parameter names",
        re.compile(r"(parameters: )([\w, ]+)$", re.MULTILINE),
        _sorted,
        "CherryPy lists surplus names in the order of their hashes: their order is not compared",
    ),
    Rule("Powered by …", re.compile(r"Powered by [^\n]*"), "Powered by SERVER", "each server names itself"),
)
ADDRESS = ("the cell's address and port", "each cell has its own")
#: The part of an error page that is its interface: the sentence that says what was wrong with the request. The markup,
#: style sheet, traceback and server signature are for people who look at it, and for the server's own developers.
ERROR_PAGE = (
    "an HTML error page",
    "only its first paragraph is compared: markup, style, traceback and signature are each server's own",
)

_PARAGRAPH = re.compile(r"<p>(.*?)</p>", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer; header names are in lower case."""

    status: int
    reason: str
    headers: dict[str, str]
    body: str


@dataclass(frozen=True, slots=True)
class Seen:
    """All that a step saw of a server, as it is compared: the parts of each final answer, and what else was seen."""

    answers: tuple[dict[str, str], ...]
    beside: dict[str, str]

    def text(self) -> str:
        """One line: each status, and the message that a person reads."""
        said = " + ".join(f"{answer['status']} {answer['body']}" for answer in self.answers)
        return " ".join((said or self.beside["error"]).split())


def rules() -> list[tuple[str, str]]:
    """Everything that may differ, in words, and why."""
    return [
        *((f"header {name}", f"not compared: {why}") for name, why in IGNORED.items()),
        *((f"header {name}", f"only its presence is compared: {why}") for name, why in PRESENCE.items()),
        *((f"header {name}", "a list, whose order does not matter") for name in UNORDERED),
        ERROR_PAGE,
        ADDRESS,
        *((rule.what, rule.why) for rule in NORMALISED),
    ]


def seen(step: Json, saw: Json, history: History) -> Seen | None:
    """What a step saw, as it is compared; None if it saw no answer. Whatever varies from cell to cell is replaced."""
    if "status" not in saw:
        return None
    found = _answers(step, saw)
    interim = [f"{answer.status} {answer.reason}" for answer in found if 100 <= answer.status < 200]
    final = tuple(_parts(answer, history) for answer in found if not 100 <= answer.status < 200)
    beside = {"error": saw.get("error") or ("no answer in time" if saw.get("timed_out") else "" if final else "no answer")}
    if "received" in saw:
        beside.update({"interim answers": ", ".join(interim), "connection": "closed" if saw.get("closed") else "open"})
    return Seen(final, beside)


def differences(ours: Seen, theirs: Seen) -> Iterator[tuple[str, str, str]]:
    """(part, ours, theirs) of each part that is not the same."""
    one, two = ours.answers, theirs.answers
    if len(one) != len(two):
        statuses = [", ".join(answer["status"] for answer in side) or NONE for side in (one, two)]
        yield "answers", statuses[0], statuses[1]
    for number, (mine, other) in enumerate(zip(one, two, strict=False), 1):
        before = f"answer {number}: " if max(len(one), len(two)) > 1 else ""
        for name in sorted({**mine, **other}, key=_place):
            if mine.get(name) != other.get(name):
                yield before + name, mine.get(name, ABSENT), other.get(name, ABSENT)
    for name in {**ours.beside, **theirs.beside}:
        if ours.beside.get(name, "") != theirs.beside.get(name, ""):
            yield name, ours.beside.get(name) or NONE, theirs.beside.get(name) or NONE


def _place(part: str) -> tuple[int, str]:
    """Parts in the order of an answer; headers by name."""
    order = ("status", "reason phrase", "header", "body")
    return order.index(part if part in order else "header"), part


def _answers(step: Json, saw: Json) -> list[Answer]:
    if "received" in saw:
        return list(_parsed(saw["received"], str(step["args"].get("send", ""))))
    if saw["status"] is None:
        return []
    headers = {name.lower(): str(value) for name, value in (saw.get("headers") or {}).items()}
    return [Answer(saw["status"], saw.get("reason") or "", headers, saw.get("body") or "")]


def _parsed(received: str, sent: str) -> Iterator[Answer]:
    """The answers in received bytes in order, interim ones first; a broken answer comes last, with its error."""
    wire = Answers()
    for data in (sent.encode("latin-1", "replace"), b""):
        wire.sent.feed(data)
    for data in (received.encode("latin-1", "replace"), b""):
        wire.feed(data)
    for status in wire.interim:
        yield Answer(status, "", {}, "")
    for one in wire.found:
        headers = {name.lower(): value for name, value in one.joined().items()}
        yield Answer(one.status, one.reason, headers, one.body.decode("utf-8", "replace"))
    if wire.error:
        yield Answer(0, wire.error, {}, "" if wire.found else received)


def _parts(answer: Answer, history: History) -> dict[str, str]:
    found = {"status": str(answer.status), "reason phrase": answer.reason}
    for name in sorted(answer.headers.keys() - IGNORED.keys()):
        value = _normal(answer.headers[name], history)
        if name in UNORDERED:
            value = ", ".join(sorted(item.strip().lower() for item in value.split(",")))
        found[f"header {name}"] = PRESENT if name in PRESENCE else value
    found["body"] = _interface(answer, history)
    return found


def _interface(answer: Answer, history: History) -> str:
    """The part of a body that must be equal: the message of an error page (ERROR_PAGE), all of any other body."""
    paragraph = _PARAGRAPH.search(answer.body)
    if answer.status >= 400 and paragraph and "html" in answer.headers.get("content-type", ""):
        return _normal(html.unescape(" ".join(paragraph[1].split())), history)
    return _normal(answer.body, history)


def _normal(text: str, history: History) -> str:
    if history.host:
        text = text.replace(f"{history.host}:{history.port}", "HOST:PORT").replace(history.host, "HOST")
    for rule in NORMALISED:
        text = rule.pattern.sub(rule.by, text)
    return text
