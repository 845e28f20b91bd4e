"""Words of scenarios that no server defines, and entries that can match nothing: refused before anything runs."""

from dataclasses import replace

import pytest

from harness.language.files import load_all
from harness.language.parse_scenario import parse
from harness.model.refusal import Refusal
from harness.targets.expectations import expectations
from harness.targets.load_subjects import BUNDLED
from harness.targets.references import check_references, supports
from harness.targets.subject import When

from ..conftest import ROOT

SUBJECTS = BUNDLED.load_all()
TOP = {"format": 1, "id": "a.b", "title": "t", "paper": "unexposed", "app": "life"}
ASK = {"act": "request", "path": "/", "expect": {"status": 200}}


def scenario(*steps, **top):
    return parse({**TOP, "step": [{"act": "start"}, *(steps or (ASK,))], **top}, "f.toml")


def known(**where):
    return {"known": [{"where": where, "verdict": "behaviour", "step": 2, "key": "status", "observed": "500", "why": "a/b#1"}]}


def case(where, **expect):
    return {"act": "request", "path": "/", "case": [{"where": where, "expect": expect or {"status": 200}}]}


def cases(*wheres):
    return {"act": "request", "path": "/", "case": [
        {"where": where, "expect": {"status": 200 + number}} for number, where in enumerate(wheres)]}


WRONG = [
    (scenario({"act": "touch", "file": "treee.py", "until": "/x/"}), "step 2 (touch): file: 'treee.py' is no file of an application of"),
    (scenario({"act": "sweep", "server": "b", "signal": "TERM", "points": 6, "expect": {"points_tried": 7}}), "step 2 (sweep): points_tried: 7 could never hold"),
    (scenario(app="lief"), "app: unknown app 'lief'. Did you mean 'life'?"),
    (scenario({"act": "stop"}, {"act": "start", "app": "phtos"}), "step 3 (start): app: unknown app 'phtos'. Did you mean 'photos'?"),
    (scenario(**known(subject="cherypy")), "known 1: where: subject: unknown subject 'cherypy'. Did you mean 'cherrypy'"),
    (scenario(**known(subject="cherrypy, wsgirev")), "unknown subject 'wsgirev'. Did you mean 'wsgiref'?"),
    (scenario(needs=["object-dispatch"], app="tree", **known(subject="waitress")), "waitress does not support this scenario"),
    (scenario(**known(implementation="cpyhton")), "unknown implementation 'cpyhton'. Did you mean 'cpython'?"),
    (scenario(**known(build="free")), "unknown build 'free'"),
    (scenario(**known(subject="http.server", version="<3")), "http.server has no version of its own"),
    (scenario(**known(subject="uvicorn", python="<3")), "'<3' matches no Python, or none that the server supports"),
    (scenario(**known(python=">=3.4,<3.4")), "'>=3.4,<3.4' matches no Python"),
    (scenario(case({"subject": "cherrypi"})), "step 2 (request): case 1: where: subject: unknown subject 'cherrypi'"),
    (scenario({**ASK, "expect": {"status": 200, "log": "@tracebak"}}, needs=["object-dispatch"], app="tree"),
     "defines no @name 'tracebak'. Did you mean 'traceback'?"),
    (scenario({"act": "stop", "expect": {"exit": "@stp"}}), "subject.toml defines no @name 'stp'. Did you mean 'stop'?"),
    (scenario({"act": "wait", "log": "@serving"}), "step 2 (wait): log: subjects/aiohttp/subject.toml defines no @name 'serving'"),
    (scenario(needs=["wsgi", "asgi"]), "no subject supports this scenario"),
    (scenario(bug={"report": "words", "subject": "waitres", "broken": "1", "fixed": "2", "python": "3.8"}),
     "bug 1: subject: unknown subject 'waitres'. Did you mean 'waitress'?"),
    (scenario(bug={"report": "words", "subject": "wsgiref", "broken": "1", "fixed": "2", "python": ["3.8"]}),
     "bug 1: subject: wsgiref is not installed from releases"),
    (scenario(python="<2.7"), "python: '<2.7' matches no Python"),
    (scenario(ASK, case({"subject": "cherrypy, cherrypi"})), "step 3 (request): case 1: where: subject: unknown subject 'cherrypi'"),
    (scenario({**case({"subject": "cherrypy"}), "case": [
        {"where": {"subject": "cherrypy"}, "expect": {"status": 200}}, {"where": {"subject": "waitres"}, "expect": {"status": 200}}]}),
     "case 2: where: subject: unknown subject 'waitres'"),
    (scenario({**ASK, "expect": {"status": 200, "body": {"some_line": ["x", "@never"]}}}), "step 2 (request): body: subjects/"),
    (scenario({**ASK, "expect": {"status": 200, "body": {"absent": "@never"}}}), "defines no @name 'never'"),
    (scenario({**ASK, "expect": {"status": 200, "log": ["/x/", "@never"]}}), "step 2 (request): log: subjects/"),
    (scenario({**ASK, "expect": {"status": 200, "log_absent": "@never"}}), "step 2 (request): log_absent: subjects/"),
    (scenario({"act": "wait", "log": ["/x/", "@never"]}), "step 2 (wait): log: subjects/"),
    (scenario({"act": "stop", "expect": {"exit": "@traceback"}}), "defines no @name 'traceback'"),
    (scenario({**ASK, "expect": {"status": 200, "log": "@stop"}}), "defines no @name 'stop'"),
    (scenario(needs=["tells-the-future"], known=known(subject="cherrypy")["known"]), "cherrypy does not support this scenario"),
    (scenario(tls=True, needs=["asgi", "wsgi"]), "which requires: needs = ['asgi', 'wsgi'], app = 'life', tls"),
    (scenario(**known(subject="enginebus, http.server, uvicorn", python="<2.7")), "'<2.7' matches no Python"),
]


@pytest.mark.parametrize(("wrong", "problem"), WRONG, ids=[str(number) for number in range(len(WRONG))])
def test_a_word_that_nothing_defines_is_refused(wrong, problem):
    with pytest.raises(Refusal) as caught:
        check_references([wrong], SUBJECTS)
    assert problem in str(caught.value)
    assert all(line.startswith("f.toml: ") for line in str(caught.value).splitlines())


@pytest.mark.parametrize("right", [
    scenario(), scenario(**known(subject="cherrypy, uvicorn", python=">=3")), scenario(cases({"subject": "cherrypy"}, {"else": True})),
    scenario(needs=["tells-the-future"]), scenario(**known(subject="cherrypy", version="<17", implementation="pypy")),
    scenario({"act": "stop", "expect": {"exit": "@stop"}}),
    scenario(python="==3.8.18"), scenario(**known(python=">=3.8.5,<3.8.20")), scenario(python=">=3.8,!=3.8.0"), scenario(python=">3.13.0,<3.14"),
    scenario(**known(build="debug")), scenario(**known(implementation="graalpy")), scenario(**known(subject="http.server, uvicorn", version="<3")),
    scenario({**ASK, "expect": {"status": 200, "body": {"some_line": ["@literal-in-no-pattern"]}}}, needs=["tells-the-future"]),
])
def test_what_is_defined_is_accepted(right):
    check_references([right], SUBJECTS)


def test_all_that_is_wrong_is_said_at_once():
    with pytest.raises(Refusal) as caught:
        check_references([replace(scenario(app="lief"), file="a.toml"), replace(scenario(python="<2.7"), file="b.toml")], SUBJECTS)
    assert {line.partition(":")[0] for line in str(caught.value).splitlines()} == {"a.toml", "b.toml"}


def test_the_repository_s_own_scenarios_are_right():
    check_references(load_all(ROOT / "scenarios"), SUBJECTS)


def subject(name, **changes):
    return replace(SUBJECTS["waitress"], name=name, **changes)


@pytest.mark.parametrize(("asked", "has", "able"), [
    ({}, {}, True), ({"needs": ["wsgi"]}, {"capabilities": ("wsgi",)}, True), ({"needs": ["wsgi", "threads"]}, {"capabilities": ("wsgi",)}, False),
    ({"needs": ["wsgi", "threads"]}, {"capabilities": ("threads", "wsgi", "keep-alive")}, True), ({"needs": ["wsgi"]}, {"capabilities": ()}, False),
    ({"needs": ["wsgi"]}, {"capabilities": (), "when": (When({"python": "<3"}, ("wsgi",)),)}, True),
    ({"needs": ["wsgi"]}, {"capabilities": (), "when": (When({"python": "<3"}), When({"python": ">=3"}, ("wsgi",)))}, True),
    ({"app": "tree"}, {"apps": {"life": None}}, False), ({"app": "life"}, {"apps": {"life": None}}, True),
    ({"tls": True}, {"tls_args": ()}, False), ({"tls": True}, {"tls_args": ("x",)}, True), ({"reload": True}, {"reload_args": ()}, False),
    ({"channel": "unix"}, {"channel_args": {}}, False), ({"channel": "unix"}, {"channel_args": {"unix_args": ("x",)}}, True),
    ({"channel": "unix"}, {"channel_args": {"ipv6_args": ("x",)}}, False), ({"channel": "handed-over-unix"}, {"channel_args": {"handed_over_args": ("x",)}}, True),
    ({"channel": "ipv6"}, {"channel_args": {}, "when": (When({"python": "<3"}, channel_args={"ipv6_args": ("x",)}),)}, True),
    ({"channel": "system-port"}, {"channel_args": {}}, True), ({"reload": True}, {"reload_args": ("x",)}, True), ({"tls": True, "reload": True}, {"tls_args": ("x",), "reload_args": ()}, False),
])
def test_who_supports_a_scenario(asked, has, able):
    assert supports(replace(scenario(app="life"), **asked), subject("one", **{"apps": {"life": None}, **has})) is able


def test_each_server_s_own_words_are_checked():
    names = {"one": {"named": "/x/"}, "two": {}}
    both = {name: subject(name, patterns=patterns, apps={"life": None}, capabilities=()) for name, patterns in names.items()}
    with pytest.raises(Refusal) as caught:
        check_references([scenario({"act": "wait", "log": "@named"})], both)
    assert "subjects/two/" in str(caught.value)
    assert "subjects/one/" not in str(caught.value)
    check_references([scenario({"act": "wait", "log": "@named"})], {"one": both["one"]})


def test_a_server_alone_that_has_a_version_makes_a_range_of_versions_meaningful():
    none, one = subject("one", version="", apps={"life": None}), subject("two", version="x.__version__", apps={"life": None})
    about = scenario(**known(version="<3"))
    check_references([about], {"one": none, "two": one})
    with pytest.raises(Refusal, match="one has no version of its own"):
        check_references([about], {"one": none})


def test_an_else_is_not_of_a_server_that_has_a_case_of_its_own():
    step = scenario({"act": "request", "path": "/", "expect": {"status": 200}, "case": [
        {"where": {"subject": "cherrypy"}, "expect": {"reason": "OK"}}, {"where": {"else": True}, "expect": {"reason": "/x/"}}]}).steps[1]
    assert list(expectations(step, SUBJECTS["cherrypy"])) == [{"status": 200}, {"reason": "OK"}]
    assert list(expectations(step, SUBJECTS["uvicorn"])) == [{"status": 200}, {"reason": "/x/"}]


def one_line(wrong, servers=SUBJECTS):
    """What is said of a scenario: one line, however many servers and steps there are."""
    with pytest.raises(Refusal) as caught:
        check_references([wrong], servers)
    (line,) = str(caught.value).splitlines()
    return line


def test_a_misspelt_name_is_one_line_however_often_it_is_used():
    line = one_line(scenario(*({"act": "wait", "exit": True, "expect": {"exit": "@stpo"}} if n else ASK for n in range(6))))
    assert line.startswith("f.toml: step 3 (wait): exit: subjects/aiohttp/subject.toml defines no @name 'stpo'. Did you mean 'stop'?")
    assert " Nor do cheroot, cherrypy, cherrypy-3.2 and 13 more. Also used in step 4 (wait): exit, step 5 (wait): exit, step 6 (wait): exit and 1 more." in line
    two = {name: subject(name, patterns={}, apps={"life": None}, capabilities=()) for name in ("one", "two")}
    assert " Nor does two. Add it to [patterns] there" in one_line(scenario({"act": "wait", "log": "@named"}), two)


def test_two_misspelt_names_are_two_lines():
    with pytest.raises(Refusal) as caught:
        check_references([scenario({"act": "wait", "log": ["@one", "@two"]}, {"act": "stop", "expect": {"exit": "@one"}})], SUBJECTS)
    said = [line.partition("defines no ")[2][:12] for line in str(caught.value).splitlines()]
    assert [line for line in said if line] == ["@name 'one'.", "@name 'two'.", "@name 'one'."][: len(said) - said.count("")]
    assert len(said) - said.count("") >= 2


@pytest.mark.parametrize(("wheres", "top", "problem"), [
    ([{"python": "<3"}], {}, "step 2 (request): case: no case matches aiohttp on Python 3.6 and 14 more, up to 3.20; cheroot on Python 3.3 and"),
    ([{"python": "<3"}, {"python": ">=3.5"}], {}, "no case matches cheroot on Python 3.3 and 1 more, up to 3.4; cherrypy on"),
    ([{"python": "<3"}, {"python": ">=3.10"}], {"python": ">=3.9"}, "no case matches aiohttp on Python 3.9; "),
    ([{"subject": "cherrypy"}], {"needs": ["object-dispatch"], "app": "tree"}, "no case matches cherrypy-3.2 on Python 2.7; enginebus on Python 2.7 and"),
    ([{"implementation": "cpython"}], {"needs": ["wsgi"]}, "no case matches cheroot on Python 2.7 (pypy, gil) and"),
    ([{"build": "gil"}], {"needs": ["asgi"]}, "no case matches daphne on Python 3.13 (cpython, free-threaded) and 7 more"),
    ([{"python": "<3.8"}, {"subject": "cheroot"}, {"else": True}], {}, "two cases match cheroot on Python 2.7 and 5 more, up to 3.7: narrow a where"),
    ([{"python": "<3"}, {"subject": "waitress", "version": "<2"}], {"needs": ["wsgi"]}, "no case matches cheroot on Python 3.3 and"),
])
def test_a_server_that_no_case_is_for_is_said_before_anything_is_installed(wheres, top, problem):
    assert problem in one_line(scenario(cases(*wheres), **top))


@pytest.mark.parametrize(("wheres", "top"), [
    ([{"python": "<3"}, {"else": True}], {}), ([{"python": "<3"}, {"python": ">=3"}], {}), ([{"python": "<3.8"}], {"python": "<3.8"}),
    ([{"implementation": "cpython"}, {"implementation": "pypy"}], {}), ([{"build": "gil"}, {"build": "free-threaded"}], {}), ([{"build": "gil"}], {"python": "<3.13"}),
    ([{"subject": "cherrypy, cherrypy-3.2"}, {"subject": "enginebus"}], {"needs": ["object-dispatch"], "app": "tree"}),
    ([{"subject": "waitress", "version": "<2"}, {"subject": "waitress", "version": ">=2"}, {"else": True}], {}),
    ([{"subject": "waitress", "version": "<2"}, {"subject": "waitress"}, {"else": True}], {}), ([{"python": "<3"}], {"needs": ["tells-the-future"]}),
])
def test_what_has_a_case_for_each_or_may_have_is_accepted(wheres, top):
    check_references([scenario(cases(*wheres), **top)], SUBJECTS)


def test_a_server_that_cannot_do_it_on_some_python_needs_no_case_there():
    able = {"one": subject("one", apps={"life": None}, capabilities=("wsgi",), when=(When({"python": ">=3"}, ()),))}
    check_references([scenario(cases({"python": "<3"}), needs=["wsgi"])], able)
    late = {"one": subject("one", apps={"life": None}, capabilities=("wsgi",), when=(When({"version": ">=3"}, ()),))}
    check_references([scenario(cases({"python": "<3"}), needs=["wsgi"])], late)
