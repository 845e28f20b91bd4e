"""Reads the answers of a server as strictly as the grammar of RFC 9112 has them."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import Any

STATUS = re.compile(rb"HTTP/(\d\.\d) ([1-9]\d\d) ([\t \x21-\x7e\x80-\xff]*)")
FIELD = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([\t \x21-\x7e\x80-\xff]*)")
CHUNK = re.compile(rb"([0-9A-Fa-f]{1,16})")
SINGLE = ("content-length", "content-type", "date", "server", "location", "transfer-encoding", "etag", "last-modified", "age",
          "retry-after", "content-range")
DATE = re.compile(r"(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT")


class Wrong(Exception):
    """What came is no answer of HTTP."""


class More(Exception):
    """What came is the beginning of an answer."""


@dataclass
class Answer:
    """An answer, interim or final."""

    status: int
    version: str
    fields: list[tuple[str, str]]
    body: bytes = b""
    until_end: bool = False  # its body ends where the connection does

    def all(self, name: str) -> list[str]:
        """The values of a field, a line each."""
        return [value for known, value in self.fields if known == name]

    def options(self, name: str) -> list[str]:
        """The members of a field that is a list, in small letters."""
        return [word.strip().lower() for value in self.all(name) for word in value.split(",") if word.strip()]

    @property
    def seen(self) -> Any:
        """What the handler says that it saw; None where no handler of the contract answered."""
        if "application/json" not in "".join(self.all("content-type")):
            return None
        try:
            return json.loads(self.body)
        except ValueError:
            return None

    @property
    def is_probe(self) -> bool:
        """Whether this answers the player's own request."""
        return isinstance(self.seen, dict) and self.seen.get("path") == "/probe"


@dataclass
class Reading:
    """The whole answers in some bytes; ``wrong`` says why the rest is none."""

    answers: list[Answer] = field(default_factory=list)
    wrong: str = ""

    @property
    def final(self) -> list[Answer]:
        """Without those of 1xx."""
        return [answer for answer in self.answers if answer.status >= 200]


def read(data: bytes, methods: tuple[str, ...] = (), ended: bool = False) -> Reading:
    """Read what came; ``methods`` are those of the requests, GET where there are no more of them."""
    reading = Reading()
    at = 0
    while at < len(data) and not reading.wrong:
        number = len(reading.final)
        try:
            answer, at = _answer(data, at, methods[number] if number < len(methods) else "GET", ended)
            reading.answers.append(answer)
        except Wrong as wrong:
            reading.wrong = str(wrong)
        except More:
            if ended:
                reading.wrong = f"the answer is cut: {data[at:at + 60]!r}"
            break
    return reading


def _answer(data: bytes, at: int, method: str, ended: bool) -> tuple[Answer, int]:
    if not data.startswith(b"HTTP/"[:len(data) - at], at):
        raise Wrong(f"bytes that are no answer: {data[at:at + 60]!r}")
    end = data.find(b"\r\n\r\n", at)
    if end < 0:
        raise More
    line, *lines = data[at:end].split(b"\r\n")
    at = end + 4
    status = STATUS.fullmatch(line)
    if status is None:
        raise Wrong(f"no status line: {line!r}")
    fields = []
    for text in lines:
        found = FIELD.fullmatch(text)
        if found is None:
            raise Wrong(f"no field line: {text!r}")
        fields.append((found[1].decode("ascii").lower(), found[2].decode("latin-1").strip(" \t")))
    answer = Answer(int(status[2]), status[1].decode("ascii"), fields)
    if answer.status < 200 or answer.status in (204, 304) or method == "HEAD" or (method == "CONNECT" and answer.status < 300):
        return answer, at
    codings = answer.options("transfer-encoding")
    if codings:
        if codings != ["chunked"]:
            raise Wrong(f"transfer codings that nobody asked for: {codings}")
        answer.body, at = _chunks(data, at)
        return answer, at
    lengths = answer.all("content-length")
    if not lengths:
        if not ended:
            raise More
        answer.body, answer.until_end = data[at:], True
        return answer, len(data)
    if len(lengths) != 1 or re.fullmatch("[0-9]{1,15}", lengths[0]) is None:
        raise Wrong(f"lengths that are no number: {lengths}")
    end = at + int(lengths[0])
    if end > len(data):
        raise More
    answer.body = data[at:end]
    return answer, end


def _chunks(data: bytes, at: int) -> tuple[bytes, int]:
    body = b""
    while True:
        end = data.find(b"\r\n", at)
        if end < 0:
            raise More
        size = CHUNK.fullmatch(data[at:end].partition(b";")[0])
        if size is None:
            raise Wrong(f"no chunk size: {data[at:end][:60]!r}")
        length, at = int(size[1], 16), end + 2
        if not length:
            while not data.startswith(b"\r\n", at):  # trailer fields
                end = data.find(b"\r\n", at)
                if end < 0:
                    raise More
                at = end + 2
            return body, at + 2
        if at + length + 2 > len(data):
            raise More
        if data[at + length:at + length + 2] != b"\r\n":
            raise Wrong("a chunk does not end where its size says")
        body += data[at:at + length]
        at += length + 2


def unsound(answer: Answer) -> list[tuple[str, str]]:
    """What is wrong with an answer whatever was asked: (level, sentence with its section)."""
    names = [name for name, _ in answer.fields]
    found = [("must", f"{name} stands there {names.count(name)} times (RFC 9110, 5.3)") for name in SINGLE if names.count(name) > 1]
    if answer.version != "1.1":
        found.append(("should", f"the answer's version is {answer.version} (RFC 9110, 6.2)"))
    if 200 <= answer.status < 500 and "date" not in names:
        found.append(("must", "no Date (RFC 9110, 6.6.1)"))
    if any(DATE.fullmatch(text) is None for text in answer.all("date")):
        found.append(("must", f"Date is {answer.all('date')} (RFC 9110, 5.6.7)"))
    if answer.status == 405 and "allow" not in names:
        found.append(("must", "405 without Allow (RFC 9110, 15.5.6)"))
    if "content-length" in names and "transfer-encoding" in names:
        found.append(("must", "a length and a coding (RFC 9112, 6.2)"))
    if answer.status < 200 or answer.status == 204:
        found += [("must", f"{answer.status} with {name} (RFC 9110, 8.6; RFC 9112, 6.1)")
                  for name in ("content-length", "transfer-encoding") if name in names]
    if answer.status > 599:
        found.append(("must", f"status {answer.status} (RFC 9110, 15)"))
    return found
