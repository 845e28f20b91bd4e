"""Steps that contradict themselves: refused when a scenario is loaded, and not while a cell runs, or never."""

import pytest

from harness.language.parse_scenario import parse
from harness.language.socket_words import SOCKET_STATES
from harness.language.verbs import ROLES
from harness.machine.socket_table import HIDDEN, ORPHAN, TCP_STATES
from harness.model.refusal import Refusal

from .test_files import changed, with_step, with_steps

ASK = {"act": "request", "path": "/", "expect": {"status": 200}}
REFUSED = {**ASK, "expect": {"error": "ConnectionRefusedError"}}
SAVE = {**ASK, "save": {"child": "json:/pid"}}


def ask(**changes):
    return with_step(**{**ASK, **changes})


def expecting(act="request", **expect):
    needs = {"request": {"path": "/"}, "raw": {"send": "x"}, "file": {"path": "x"}}.get(act, {})
    return with_step(act=act, **needs, expect=expect)


BAD = [
    # A wait for what is not.
    *((with_step(act="wait", **{key: False}), f"step 2 (wait): {key}: can only be true") for key in ("ready", "exit", "idle")),
    *((with_step(act="wait", gone=pid), "is not a process of the cell: name one that an earlier step saved, as in gone = ")
      for pid in ("1", "abc", "", "{port}", "x{port}")),
    (with_steps(SAVE, {"act": "wait", "gone": "{child}1"}), "'{child}1' is not a process of the cell"),
    (with_step(act="signal", signal="TERM", pid="1"), "step 2 (signal): pid: '1' is not a process of the cell"),
    (with_step(act="wait", states=["LISEN"]), "states: unknown socket state 'LISEN'. Did you mean 'LISTEN' or"),
    # Servers that nobody starts.
    (ask(server="mian"), "step 2 (request): server: unknown server 'mian'. Did you mean 'main'?"),
    (with_step(act="raw", send="x", server="second", expect={"status": 200}), "unknown server 'second'. Available: main. Only a step with act"),
    (with_step(act="sockets", server="mian", expect={"bind": "free"}), "unknown server 'mian'"),
    (with_step(act="hold", how="listen", server="mian"), "unknown server 'mian'"),
    (with_step(act="stop", server="mian"), "server 'mian' was not started by an earlier step. Did you mean 'main'?"),
    (changed(step=[ASK]), "step 1 (request): server: unknown server 'main'. Available: none"),
    (changed(step=[{"act": "start", "server": "second", "channel": 2}, ASK]), "unknown server 'main'. Available: second"),
    (changed(step=[{"act": "start", "server": "second", "channel": 2}, {"act": "raw", "channel": 3, "send": "x", "expect": {"status": 200}}]), "unknown server"),
    # What no process and no request can have.
    (expecting("kill", exit="SIGKIL"), "expect: exit: unknown signal 'SIGKIL'. Did you mean 'SIGKILL'"),
    *((expecting("kill", exit=code), "expect: exit: what the harness kills ends by the signal") for code in (0, 1, -15, "SIGTERM")),
    (expecting("stop", exit=256), "exit: a process cannot end with 256"), (expecting("stop", exit=-99), "exit: a process cannot end with -99"),
    (with_step(act="stop", case=[{"where": {"else": True}, "expect": {"exit": "SIGTREM"}}]), "case 1: expect: exit: unknown signal 'SIGTREM'"),
    *((with_steps(act_, {"act": "stop"}), problem) for act_, problem in (
        ({"act": "start", "server": "b", "environment": {"A=B": "x"}}, "step 2 (start): environment: 'A=B' is not a valid variable name"),
        ({"act": "start", "server": "b", "environment": {"": "x"}}, "environment: '' is not a valid variable name"),
        ({"act": "start", "server": "b", "environment": {"A\0": "x"}}, "is not a valid variable name"),
        ({"act": "start", "server": "b", "environment": {"A": "a\0b"}}, "the value of A contains a NUL character"))),
    (ask(method="GE T"), "step 2 (request): method: 'GE T' is not a valid method"), (ask(method=""), "method: '' is not a valid method"),
    (ask(path="/a b"), "path: '/a b' is not valid in a request line"), (ask(path="/ü"), "path: '/ü' is not valid in"),
    (ask(path="/{host} b"), "is not valid in a request line"), (ask(path=""), "path: '' is not valid in"), (ask(path="/a\r\nX: y"), "is not valid in"),
    (ask(headers={"X": "a\r\nb"}), "headers: the header 'X'"), (ask(headers={"X Y": "{port}"}), "headers: the header 'X Y'"),
    (ask(form="a=1", body="x"), "body: form also gives a body"), (with_step(act="raw", send="€", expect={"status": 200}), "send: each character must be a byte (up to U+00FF), not '€'"),
    # What never holds, and what never fails.
    *((expecting(status=status), "is not the status of a final answer") for status in (-1, 0, 99, 100, 199, 600, 700, 1000)),
    (expecting("raw", statuses=[200, 600]), "statuses: [200, 600] must be statuses of final answers: 101, or 200 to 599"),
    (expecting("raw", responses=-1), "responses: must be 0 or more, not -1"), (expecting("sockets", established=-1), "must be 0 or more"),
    (expecting("raw", interim=[99]), "must be statuses of interim answers"), (expecting(interim=[100, 101]), "interim answers"),
    (expecting("sockets", bind="fre"), "bind: unknown value 'fre'. Did you mean 'free'?"), (expecting("sockets", bind="/./"), "'/./' matches anything"),
    (expecting("sockets", bind="/^(free|held)$/"), "matches each of free, held"), (expecting("sockets", bind="/busy/"), "matches none of free, held"),
    (expecting("sockets", connect="connectd"), "connect: unknown value 'connectd'"),
    (with_step(act="hold", how="listen", expect={"connect": "refusd"}), "unknown value 'refusd'. Did you mean 'refused'?"),
    (expecting("sockets", listeners=["mian"]), "listeners: unknown process 'mian'. Did you mean 'main'?"),
    (expecting("sockets", listeners=["child"]), "unknown process 'child'"), (expecting("processes", roles=["mian"]), "roles: unknown process 'mian'"),
    (expecting("processes", running=["harness"]), "running: unknown process 'harness'"),
    (expecting(status=200, seconds=">50s"), "seconds: the step ends after 10 s"), (ask(within="2s", expect={"seconds": ">=3s"}), "ends after 2 s"),
    (expecting("stop", seconds=">=31s"), "the step ends after 20 s"),
    *((expecting("sample", threads=bound), "threads: can never fail") for bound in (">=0", ">-1", ">= -3", ">=0.0")),
    *((expecting("sample", threads=bound), "could never hold") for bound in ("<0", "<=-1", "< 0.0")),
    *((with_step(act="raw", send="x", until="nothing", expect=expect), 'until = "nothing" reads no answer')
      for expect in ({"status": 200}, {"body": "x"}, {"received": ""}, {"closed": False}, {"responses": 0}, {"interim": []})),
    *((expecting(**{key: r"/a\nb/"}), "needs a line end") for key in ("log", "log_absent", "reason", "error")),
    (expecting(body={"absent": r"/a\nb/"}), "needs a line end"), (expecting(body={"some_line": r"/a\nb/"}), "needs a line end"),
    (expecting(body={"some_line": "a\nb"}), "contains a line end, but is compared with single lines"), (expecting(reason="a\nb"), "contains a line end"),
    (expecting(body={"every_line": "a\nb"}), "contains a line end"), (expecting(body={"absent": "/(?!)/"}), "'/(?!)/' can never match"),
    *((expecting(**{key: "/(?!)/"}), "can never match") for key in ("log", "log_absent", "reason", "body")),
    *((expecting(**{key: wanted}), "can never match; nothing comes before ^") for key, wanted in (
        ("log", "/$x/"), ("log", ["/x/", "/a^b/"]), ("log_absent", "/^$a/"), ("reason", "/a^/"), ("error", "/^$Incomplete/"), ("headers", {"X": "/$x/"}),
        ("json", {"/a": "/$x/"}), ("body", "/a^b/"), *(("body", {rule: "/$x/"}) for rule in ("whole", "some_line", "every_line", "absent")))),
    (ask(observe={"a": "log:/$x/"}), "can never match"), (with_step(act="wait", log="/a^b/"), "can never match"),
    (expecting("stop", notified_absent="/$x/"), "can never match"), (expecting("file", kind="/a^b/"), "can never match"),
    *((expecting(**{key: pattern}), "matches anything") for key in ("log", "reason", "error") for pattern in ("/./", "/.+/", r"/\w/", r"/\S/")),
    *((with_step(act="wait", log=pattern), "matches anything") for pattern in ("/./", ["/x/", "/.*/"], r"/\S/")),
    *((expecting(headers={name: "5"}), "headers: " + repr(name) + " is not a valid header name") for name in ("Content-Length:", "X Y", "")),
    # Cases, channels, time, names.
    *((with_step(act="raw", send="x", either=either), "either 2: with an earlier one it allows closed to be true or false") for either in (
        [{"closed": True}, {"closed": False}], [{"closed": False, "responses": 0}, {"responses": 0, "closed": True}])),
    (with_step(act="stop", case=[{"where": {"else": True}, "expect": {"exit": 0}}, {"where": {"python": "<3"}, "expect": {"exit": 1}}]),
     "step 2 (stop): case 2: comes after the else"),
    (with_step(act="stop", case=[{"where": {"else": True, "python": ">3"}, "expect": {"exit": 0}}]), "case 1: where: else cannot be combined"),
    *((ask(channel=channel), f"channel: {channel}: a cell has channels 1 to 9") for channel in (0, -1, 10, 99)),
    (ask(within="0s"), "within: must be more than 0"), (ask(within="0ms"), "within: must be more than 0"),
    *((ask(within=within), f"within: '{within}' is longer than an hour, and no run waits so long") for within in ("99999m", "61m", "3601s")),
    (with_step(act="hold", how="listen", lasts="2000m"), "lasts: '2000m' is longer than an hour"),
    (ask(path="/{Host}"), "path: unknown name '{Host}'. Did you mean '{host}' or"), (ask(path="/{ host }"), "unknown name '{ host }'"),
    (ask(path="/{host"), "path: '{host' has no closing brace"), (ask(path="/{Port"), "has no closing brace and would not be replaced: write {port}"),
    (expecting(body="{Host}"), "body: unknown name '{Host}'"), (expecting(body="/{host:{port}/"), "'{host' has no closing brace"),
    *((ask(save={name: "json:/x"}), f"save: {name!r} is predefined in every cell") for name in ("host", "port", "port2", "port9")),
    (changed(issue=["foo"]), "issue: 'foo' is neither owner/name#number nor a URL"), (changed(issue=["a/b#1", "b#2"]), "issue: 'b#2' is neither"),
    (changed(issue=["https://"]), "issue: 'https://' is neither"), (changed(source=[""]), "source: is empty"), (changed(source=["RFC 1", " "]), "source: is empty"),
    (changed(title=""), "title: must be a single line"), (changed(title="  "), "title: must be a single line"), (changed(title="a\nb"), "title: must be a single line"),
    (changed(leaves=["host"]), "leaves: 'host' is not saved by any step"),
]


@pytest.mark.parametrize(("data", "problem"), BAD, ids=[str(number) for number in range(len(BAD))])
def test_what_cannot_be_meant_is_refused(data, problem):
    with pytest.raises(Refusal) as caught:
        parse(data, "f.toml")
    assert problem in str(caught.value)


@pytest.mark.parametrize("data", [
    with_step(act="wait", ready=True), with_steps(SAVE, {"act": "wait", "gone": "{child}"}, {"act": "signal", "signal": "TERM", "pid": "{child}"}),
    with_step(act="wait", states=[]), with_step(act="wait", states=["LISTEN", "TIME_WAIT"]),
    changed(step=[{"act": "hold", "how": "listen"}, {"act": "sockets", "expect": {"bind": "held"}}, {"act": "release"}]),
    changed(step=[{"act": "start", "server": "second", "channel": 2}, {**ASK, "channel": 2}]), changed(step=[REFUSED, {"act": "start"}]),
    changed(step=[{"act": "sweep", "signal": "TERM", "points": 3}, REFUSED]),
    *(expecting("kill", exit=code) for code in ("SIGKILL", -9, "nonzero", "@stop")), *(expecting("stop", exit=code) for code in (0, 255, -9, "SIGTERM", "nonzero", "@stop")),
    with_steps({"act": "start", "server": "b", "environment": {"A": "", "b": "x=y {port}"}}),
    ask(path="*"), ask(path="/%20?a={host}", headers={"X": "{host} é"}, method="BREW"), with_step(act="raw", send="\0é{host}", expect={"status": 200}),
    *(expecting(status=status) for status in (101, 200, 599)), expecting("raw", responses=0, interim=[]), expecting(interim=[100, 103]),
    expecting("sockets", bind="/^free$/"), expecting("sockets", connect="/refused|no answer/"),
    with_steps(SAVE, {"act": "sockets", "expect": {"listeners": ["main", "child", "harness", "orphan", "descendant"]}}), expecting("processes", running=["main"]),
    expecting(seconds=">=9s"), expecting("stop", seconds=">=25s"), with_step(act="wait", exit=True, late="kill", expect={"seconds": ">=10s"}),
    *(expecting("sample", threads=bound) for bound in (">0", ">=1", "<=0", "<1")), with_steps({"act": "sample", "id": "s"}, {
        "act": "growth", "of": "s", "expect": {"threads": ">=0"}}),
    with_step(act="raw", send="x", until="nothing", expect={"log": "/x/"}), expecting(body={"absent": "a\nb"}), expecting(body="a\nb"),
    expecting(body=r"/a\nb/"), expecting(log_absent="/./"), expecting(body={"some_line": "/./"}), expecting(error=""), expecting(headers={"X": "/.*/"}),
    ask(channel=1), ask(channel=9), ask(within="1ms"), ask(within="60m"), ask(body='{"host": 1}'), expecting(body=r'/\{"pid": \d{2}\}/'), expecting(body=r"/x{2}\{host\}/"),
    changed(issue=["a/b#1", "https://bugs.python.org/issue27682"]),
])
def test_what_can_be_meant_is_accepted(data):
    assert parse(data, "f.toml")


def test_the_words_are_those_that_are_seen():
    assert set(SOCKET_STATES) == set(TCP_STATES.values())
    assert {ORPHAN, HIDDEN} < set(ROLES)
