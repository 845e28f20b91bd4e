"""Write a scenario as a plain pytest function, as a person would: a server from a fixture, requests, asserts.

Every expectation of the scenario becomes an ``assert``; a scenario with one that cannot be written so is left out, and it is
said why. What the harness does beside them (the end of the server, leftovers, tracebacks, coverage) is not in a plain test.
"""

from __future__ import annotations

import re
from typing import Any

import requests

from harness.cell.http_answers import Requests
from harness.language.request_bytes import Unsendable, request_bytes
from harness.language.scenario import Scenario, Step
from harness.language.text_matching import is_pattern
from harness.language.verbs import PLACEHOLDER
from harness.targets.subject import Subject

from .scenario_folders import identifier

USUAL = 10.0  # seconds: the timeout of plain_support's methods
SERVER = {"host": "server.host", "port": "str(server.port)"}


class Unwritable(Exception):
    """A scenario that is not written as a plain test; the message says why."""


def fits(scenario: Scenario) -> str:
    """Why a scenario cannot be a plain test; "" if it may be one."""
    if not {step.act for step in scenario.steps} <= {"start", "request", "raw"}:
        return "other acts than start, request and raw"
    if any(step.args.get("background") for step in scenario.steps):
        return "requests in the background"
    if scenario.tls or scenario.reload or scenario.channel != "own":
        return "TLS, reloading, or a channel that is not its own"
    if any(step.server != "main" or "channel" in step.args for step in scenario.steps):
        return "several servers or channels"
    return ""


def expectations(expect: dict[str, Any]) -> int:
    """How many asserts an ``expect`` is: a header, and a rule about a body, is one each."""
    return sum(len(value) if isinstance(value, dict) else 1 for value in expect.values())


class Writer:
    """Writes one scenario, resolved for its target, line by line."""

    def __init__(self, scenario: Scenario, subject: Subject) -> None:
        self.scenario, self.subject = scenario, subject
        self.names = dict(SERVER)
        self.lines: list[str] = []
        self.asserted = 0
        self.sent: dict[str, Requests] = {}

    def write(self) -> str:
        """The function; raises Unwritable."""
        if reason := fits(self.scenario):
            raise Unwritable(reason)
        for step in self.scenario.steps:
            {"start": self._start, "request": self._request, "raw": self._raw}[step.act](step)
        title = repr(self.scenario.title)[1:-1].replace('"', '\\"')
        head = [f"def test_{identifier(self.scenario.id)}(server):", f'    """{title}."""']
        return "\n".join([*head, *(f"    {line}" for line in self.lines)])

    def _assert(self, condition: str) -> None:
        self.asserted += 1
        self.lines.append(f"assert {condition}")

    def code(self, value: str, pattern: bool = False) -> str:
        """A text as an expression; what the run fills in is added to it, escaped inside a pattern."""
        parts, place = [], 0
        for found in PLACEHOLDER.finditer(value):
            if found[1] in self.names:
                parts += [repr(value[place : found.start()])] if found.start() > place else []
                parts.append(f"re.escape({self.names[found[1]]})" if pattern else self.names[found[1]])
                place = found.end()
        if place < len(value) or not parts:
            parts.append(repr(value[place:]))
        return " + ".join(parts)

    def data(self, value: str, encoding: str) -> str:
        """A text as an expression for its bytes."""
        filled = any(found[1] in self.names for found in PLACEHOLDER.finditer(value))
        return f"({self.code(value)}).encode({encoding!r})" if filled else repr(value.encode(encoding))

    def pattern(self, value: str) -> str:
        """A /pattern/ or a @name as an expression."""
        if value.startswith("@"):
            value = self.subject.patterns.get(value[1:]) or self._no(f"the pattern {value}")
        return self.code(value[1:-1], pattern=True)

    def _no(self, what: str) -> Any:
        raise Unwritable(what)

    def _start(self, step: Step) -> None:
        environment = ", ".join(f"{name!r}: {self.code(value)}" for name, value in step.args.get("environment", {}).items())
        app = step.args.get("app", self.scenario.app)
        self.lines.append(f"server.start({app!r}{', environment={' + environment + '}' if environment else ''})")
        if step.expect.keys() - {"ready", "exit"}:
            self._no("a start that expects more than to be ready")
        self._assert(f"{'' if step.expect.get('ready', True) else 'not '}server.is_ready({step.within:g})")
        if "exit" in step.expect:
            wanted = step.expect["exit"]
            if not isinstance(wanted, int):
                self._no("an exit that is not a number")
            self._assert(f"server.process.wait({step.within:g}) == {wanted}")

    def _request(self, step: Step) -> None:
        args, headers = step.args, dict(step.args.get("headers", {}))
        body = args.get("form", args.get("body", "")) or None
        if "form" in args:
            headers.setdefault("Content-Type", "application/x-www-form-urlencoded")
        method = args.get("method", "GET" if body is None and "form" not in args else "POST")
        if "keep" in args or not by_requests(method, args["path"], headers, body):
            try:
                data = request_bytes(method, args["path"], "{host}:{port}", headers, body.encode() if body else None)
            except Unsendable as problem:
                self._no(str(problem))
            self._talk(step, data.decode("latin-1"), "response")
            return
        more = f", headers={{{', '.join(f'{name!r}: {self.code(value)}' for name, value in headers.items())}}}" if headers else ""
        more += f", data={self.data(body, 'utf-8')}" if body else ""
        self._mark(step)
        self.lines.append(f"answer = server.ask({method!r}, {self.code(args['path'])}{more}{timeout(step)})")
        self._expect(step, {
            "status": "answer.status_code", "reason": "answer.reason", "headers": "answer.headers", "body": "text(answer)",
            "closed": "closes(answer)", "seconds": "answer.elapsed.total_seconds()"})

    def _raw(self, step: Step) -> None:
        self._talk(step, step.args["send"], step.args.get("until", "response"))

    def _talk(self, step: Step, data: str, until: str) -> None:
        keep = step.args.get("keep")
        name = f"connection_{identifier(keep)}" if keep else "server"
        if keep and keep not in self.sent:
            self.lines.append(f"{name} = server.connect()")
        sent = self.sent.setdefault(keep, Requests()) if keep else Requests()
        before = len(sent.waiting)
        sent.feed(PLACEHOLDER.sub("x", data).encode("latin-1"))
        methods = list(sent.waiting)[before:]
        more = "" if until == "response" else f", {until!r}"
        more += timeout(step) + (f", methods={methods!r}" if methods else "")
        self._mark(step)
        self.lines.append(f"heard = {name}.talk({self.data(data, 'latin-1')}{more})")
        self._expect(step, {key: f"heard.{key}" for key in (
            "status", "reason", "headers", "body", "closed", "seconds", "received", "responses", "interim")})

    def _mark(self, step: Step) -> None:
        if {"log", "log_absent"} & step.expect.keys():
            self.lines.append("mark = server.log_size()")

    def _expect(self, step: Step, have: dict[str, str]) -> None:
        for key, wanted in step.expect.items():
            if key in ("log", "log_absent"):
                patterns = [self.pattern(one) for one in ([wanted] if isinstance(wanted, str) else wanted)]
                self._assert(f"in_order([{', '.join(patterns)}], server.log(mark))" if key == "log" else
                             f"not in_order([{patterns[0]}], server.log(mark))")
            elif key not in have:
                self._no(f"{step.act} expects {key}")
            elif key == "headers":
                for name, value in wanted.items():
                    self._assert(f"{name!r} not in {have[key]}" if value == "absent" else self._value(value, f"{have[key]}[{name!r}]"))
            elif key in ("body", "received"):
                for rule, value in ({"whole": wanted} if isinstance(wanted, str) else wanted).items():
                    self._assert(self._rule(rule, value, have[key]))
            elif key == "reason":
                self._assert(self._value(wanted, have[key]))
            elif key == "seconds":
                bound = re.fullmatch(r"([<>]=?)\s*([\d.]+)(ms|s|m)", wanted) or self._no(f"a bound {wanted}")
                self._assert(f"{have[key]} {bound[1]} {float(bound[2]) * {'ms': 0.001, 's': 1, 'm': 60}[bound[3]]:g}")
            else:
                self._assert(f"{have[key]} is {wanted}" if isinstance(wanted, bool) else f"{have[key]} == {wanted!r}")
        for name, source in step.save.items():
            if source != "body" and not source.startswith("json:/"):
                self._no(f"it saves {source}")
            path = "".join(f"[{key if key.isdigit() else repr(key)}]" for key in source.removeprefix("json:/").split("/"))
            self.lines.append(f"saved_{name} = " + (have["body"] if source == "body" else f"str(json.loads({have['body']}){path})"))
            self.names[name] = f"saved_{name}"

    def _value(self, wanted: str, have: str) -> str:
        return f"re.search({self.pattern(wanted)}, {have})" if is_pattern(wanted) else f"{have} == {self.code(wanted)}"

    def _rule(self, rule: str, wanted: Any, have: str) -> str:
        if rule == "whole":
            return f"re.fullmatch({self.pattern(wanted)}, {have})" if is_pattern(wanted) else f"{have} == {self.code(wanted)}"
        if rule == "absent" and not is_pattern(wanted):
            return f"{self.code(wanted)} not in {have}"
        if isinstance(wanted, list):
            coded = [self.pattern(one) if is_pattern(one) else f"'^' + re.escape({self.code(one)}) + '$'" for one in wanted]
            return f"in_order([{', '.join(coded)}], {have})"
        one = f"re.search({self.pattern(wanted)}, line)" if is_pattern(wanted) else f"line == {self.code(wanted)}"
        return {"some_line": "any", "every_line": "all", "absent": "not any"}[rule] + f"({one} for line in lines({have}))"


def timeout(step: Step) -> str:
    """The argument for a step's deadline, if it is not the usual one."""
    return f", timeout={step.within:g}" if step.within != USUAL else ""


def by_requests(method: str, path: str, headers: dict[str, str], body: str | None) -> bool:
    """Whether requests would send this as it is written: it quotes and normalizes some paths, and refuses some headers."""
    if {name.lower() for name in headers} & {"host", "content-length", "transfer-encoding", "connection", "accept-encoding"}:
        return False
    try:
        path = PLACEHOLDER.sub("x", path)
        ready = requests.Request(method, "http://127.0.0.1:8080" + path, headers=headers, data=body and body.encode()).prepare()
    except (requests.RequestException, ValueError):
        return False
    return (ready.method, ready.path_url) == (method, path)
