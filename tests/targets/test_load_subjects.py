import copy
import re
import tomllib
from pathlib import Path

import pytest

from harness.language.capabilities import APPS, TIMEOUTS
from harness.language.files import load_all
from harness.language.verbs import VERBS
from harness.machine import places
from harness.model.refusal import Refusal
from harness.model.values import Interpreter, Target
from harness.targets.load_subjects import BUNDLED, Catalog, load_file
from harness.targets.parse_subject import BUNDLED_APPS, PATTERNS, parse_subject

from ..conftest import ROOT

GOOD = tomllib.loads((places.SUBJECTS / "enginebus" / "subject.toml").read_text("utf-8"))


def parsed(data):
    return parse_subject("enginebus", data, places.SUBJECTS / "enginebus", guest=places.GUEST)


def changed(path, value):
    data = copy.deepcopy(GOOD)
    table = data
    *tables, key = path.split(".")
    for name in tables:
        table = table[name]
    if value is ...:
        del table[key]
    else:
        table[key] = value
    return data


@pytest.mark.parametrize(("path", "value", "problem"), [
    ("colour", "red", "unknown key 'colour'"), ("format", 2, "format: must be 1, not 2"), ("format", ..., "format: is missing"),
    ("launch.args", ..., "launch.args: is missing"), ("launch.args", "x", "launch.args: must be a list of strings"),
    ("launch.args", ["{hots}"], "launch.args: must be a list of strings whose only placeholders are host, port"),
    ("launch.args", ["{"], "launch.args: must be a list of strings whose only placeholders are"),
    ("launch.ready", ..., "launch.ready: is missing"), ("launch.ready", "/(/", "launch.ready: must be a /regular expression/"),
    ("launch.ready", "plain", "launch.ready: must be a /regular expression/"),
    ("launch.module", ..., "either a module or a script"),
    ("launch.script", "serve.py", "either a module or a script"), ("launch.shell", "x", "launch: unknown key 'shell'"),
    ("launch", [], "launch: must be a table, not []"),
    ("apps.tree", "apps/nowhere.py", "no file 'apps/nowhere.py'"),
    ("apps.tree", 7, "apps.tree: must be a string, not 7"),
    ("exits.stop", ..., "exits.stop: is missing"), ("exits.stop", [], "exits.stop: must be a list of exit codes"),
    ("exits.stop", [True], "exits.stop: must be a list of exit codes"),
    ("exits.stop", 0, "must be a list of exit codes, not 0"),
    ("patterns", "x", "patterns: must be a table"),
    ("patterns.serving", "x", "patterns.serving: must be a /regular expression/"),
    ("capabilities", "wsgi", "capabilities: must be a list of strings, not 'wsgi'"),
    ("capabilities", ["wsgy"], "unknown capability 'wsgy'. Did you mean 'wsgi'?"),
    ("python", "three", "python: must be a PEP 440 range"),
    ("requirements", ["=="], "requirements: must be a list of requirements"),
    ("guest", ["nowhere"], "no package 'nowhere'"), ("timeouts", {"idle": 10}, "timeouts.idle: must be a duration"),
    ("when", [{"exits": {"stop": [1]}}], "when 1: where is missing"),
    ("when", [{"where": {"colour": "red"}}], "when 1: where: unknown key 'colour'"),
    ("when", [{"where": {"python": "<3"}, "apps": {}}], "when 1: unknown key 'apps'"),
    ("when", [{"where": {"python": "old"}}], "when 1: where.python: must be a PEP 440 range"),
    ("when", [{"where": {"python": "<3"}, "capabilities": ["tls"]}], "when 1: capabilities: unknown capability 'tls'"),
    ("when", [{"where": {"python": "<3"}}, {"where": {}}], "when 2: where is missing"),
    ("when", [{"where": {"python": "<3"}, "exits": {"stop": 1}}], "when 1: exits.stop: must be a list of exit codes"),
    ("when", [{"where": {"python": "<3"}, "ready": "x"}], "when 1: ready: must be a /regular expression/"),
    ("when", [{"where": {"subject": "x"}}], "when 1: where: unknown key 'subject'"),
    ("habit", [{"before": "/x/", "said": "/y/"}], "habit 1: why: is missing"), ("habit", [{"before": "/x/", "why": "y"}], "habit 1: said: is missing"),
    ("habit", [{"before": "x", "said": "/y/", "why": "z"}], "habit 1: before: must be a /regular expression/"),
    ("habit", [{"before": "/x/", "said": "/y/", "why": "z", "where": {"python": "old"}}], "habit 1: where.python: must be a PEP 440 range"),
    ("habit", [{"before": "/x/", "said": "/y/", "why": "z", "step": 1}], "habit 1: unknown key 'step'"),
    ("launch.tls_args", ["{cert}"], "launch.tls_args: must be a list of strings whose"), ("timeouts", {"idle": "0s"}, "timeouts.idle: must be a duration"),
    ("launch.ready", ["/x/", "y"], "launch.ready: must be a /regular expression/"), ("exits.stop", [0, "1"], "exits.stop: must be a list of exit codes"),
    ("capabilities", ["wsgi", "keep-alve"], "unknown capability 'keep-alve'"), ("guest", ["enginebus", "nowhere"], "no package 'nowhere'"),
    *((where, wrap(pattern), f"{label}: {pattern!r} matches anything") for pattern in ("/.*/", "/./", r"/\w|\W/", "/x?/")
      for where, label, wrap in (
          ("launch.ready", "launch.ready", str), ("launch.ready", "launch.ready", lambda one: ["/x/", one]), ("patterns.serving", "patterns.serving", str),
          ("habit", "habit 1: said", lambda one: [{"said": one, "why": "a/b#1"}]),
          ("habit", "habit 1: before", lambda one: [{"said": "/x/", "before": one, "why": "a/b#1"}]),
          ("when", "when 1: ready", lambda one: [{"where": {"python": "<3"}, "ready": one}]))),
    ("launch.ready", r"/a\nb/", "launch.ready: '/a\\\\nb/' needs a line end"), ("patterns.serving", "/(?!)/", "'/(?!)/' can never match"),
    *(("patterns.bound-port", pattern, f"patterns.bound-port: has {count} groups; it needs exactly one, the number")
      for pattern, count in ((r"/on \d+$/", 0), (r"/on (\S+):(\d+)$/", 2), (r"/on (?:\d+)$/", 0))),
    *(("habit", [{"said": said, "why": "a/b#1"}], "habit 1: said: " + repr(said) + " would excuse AttributeError, ") for said in ("/Error: /", "/'/", "/: .* /")),
    ("habit", [{"said": "/Error/", "why": "a/b#1"}], "would excuse AssertionError, AttributeError, IndexError"), ("habit", [{"said": "/^[A-Z]/", "why": "a/b#1"}], "said: '/^[A-Z]/' would"),
    ("patterns.serving", "/$x/", "patterns.serving: '/$x/' can never match"), ("habit", [{"said": "/a^b/", "why": "x"}], "said: '/a^b/' can never match"),
    ("launch.ready", [], "launch.ready: is an empty list"), ("launch.module", "", "launch.module: '' is not a module name"),
    ("launch.module", "engine bus", "launch.module: 'engine bus' is not a module name"), ("title", " ", "title: must be a single line"),
    ("launch.args", [], "launch.args: {port} is missing"), ("version", "waitress; import os", "version: 'waitress; import os' is neither"),
    ("launch.args", ["{app}"], "launch.args: {port} is missing"), ("launch.tls_args", ["{host}"], "launch.tls_args: {port} is missing"),
    ("when", [{"where": {"python": "<3"}, "args": ["{host}"]}], "when 1: args: {port} is missing"),
    ("launch.unix_args", ["{app}"], "launch.unix_args: {socket} is missing"), ("launch.ipv6_args", ["{host}"], "launch.ipv6_args: {port} is missing"),
    ("launch.handed_over_args", ["{fd}"], "launch.handed_over_args: must be a list of strings whose"),
    ("launch.args", ["{port}", "a\0b"], "launch.args: a process argument cannot contain a NUL"),
    ("apps", {"lief": "apps/tree.py"}, "apps: unknown app 'lief'. Did you mean 'life'?"),
    ("timeouts", {"idel": "5s"}, "timeouts: unknown time-out 'idel'. Did you mean 'idle'?"),
    ("exits.stop", [300], "exits.stop: a process cannot end with 300"), ("exits.stop", [0, -99], "exits.stop: a process cannot end with -99"),
    ("when", [{"where": {"python": "<3"}, "exits": {"stop": [256]}}], "when 1: exits.stop: a process cannot end with 256"),
    ("requirements", ["waitres"], "version: 'waitress' is not one of the requirements; did you mean 'waitres'?"),
])
def test_a_wrong_description_is_refused(path, value, problem):
    data = changed(path, value)
    if path == "requirements":
        data["version"] = "waitress"
    with pytest.raises(Refusal, match=r"subjects/enginebus/subject\.toml: ") as caught:
        parsed(data)
    assert problem in str(caught.value)


@pytest.mark.parametrize(("requirements", "version", "problem"), [
    (["waitress"], "", 'version: is missing: name the distribution of the server, as in version = "waitress"'),
    (["Waitress[x]>1"], "waitress", ""), (["waitress"], "wsgiref.__version__", ""), (["waitress"], "webtest", ""), ([], "", ""),
])
def test_what_is_installed_has_a_version(requirements, version, problem):
    data = {**GOOD, "requirements": requirements, "version": version}
    if not problem:
        assert parsed(data).version == version
        return
    with pytest.raises(Refusal) as caught:
        parsed(data)
    assert problem in str(caught.value)


@pytest.mark.parametrize("script", ["/etc/passwd", "../../__init__.py", "../../../noxfile.py"])
def test_a_script_is_among_the_subjects_files(script):
    data = changed("launch.module", ...)
    data["launch"]["script"] = script
    with pytest.raises(Refusal, match=r"launch\.script: .* is not one of the subjects' files"):
        parsed(data)


def test_a_script_may_be_another_subject_s():
    assert BUNDLED.load("cherrypy-3.2").entry[0].endswith("serve.py")


@pytest.mark.parametrize("name", ["x@y", "a b", "-x", "<b>", "é", ".x", "a+b"])
def test_a_folder_whose_name_cells_cannot_have_is_refused(tmp_path, name):
    (tmp_path / name).mkdir()
    (tmp_path / name / "subject.toml").write_text((places.SUBJECTS / "waitress" / "subject.toml").read_text())
    said = rf"^\S.*subject.toml: its folder is called {re.escape(repr(name))}, which cannot be part of a cell's id: rename it"
    with pytest.raises(Refusal, match=said):
        Catalog((tmp_path,)).load_all()
    with pytest.raises(Refusal, match=said):
        load_file(tmp_path / name / "subject.toml", "some/subject.toml")


def test_a_file_is_called_by_its_folder_from_within_it(monkeypatch):
    monkeypatch.chdir(places.SUBJECTS / "waitress")
    assert load_file(Path("subject.toml")).name == "waitress"


@pytest.mark.parametrize("habit", [
    {"said": "/Error/", "before": "/^Error handling request/"}, {"said": "/^(KeyError|ValueError): /"}, {"said": "/^OSError: \\[Errno 9\\]/"}, {"said": "/Exception/"}])
def test_a_habit_that_says_what_it_is_about_is_accepted(habit):
    assert parsed(changed("habit", [{**habit, "why": "a/b#1"}])).habits[0].said == habit["said"]


def test_the_apps_and_time_outs_are_those_that_subjects_have():
    """A word that no subject uses would be a promise that nothing tries; ``request`` is for servers to come."""
    tables = [tomllib.loads((places.SUBJECTS / name / "subject.toml").read_text("utf-8")) for name in BUNDLED.names()]
    bundled = {app for apps in BUNDLED_APPS.values() for app in apps}
    assert {app for table in tables for app in table.get("apps", {})} | bundled == set(APPS)
    assert {name for table in tables for name in table.get("timeouts", {})} | {"request"} == set(TIMEOUTS)


def test_all_mistakes_of_a_description_are_said_at_once():
    data = {**GOOD, "title": 7, "python": 3}
    with pytest.raises(Refusal) as caught:
        parsed(data)
    assert str(caught.value).splitlines() == [
        "subjects/enginebus/subject.toml: title: must be a string, not 7",
        'subjects/enginebus/subject.toml: python: must be a PEP 440 range such as ">=3.8", as a string, not 3']


def test_a_script_that_is_not_there():
    data = changed("launch.module", ...)
    data["launch"]["script"] = "nowhere.py"
    with pytest.raises(Refusal, match=r"no file 'nowhere\.py' next to it"):
        parsed(data)


@pytest.mark.parametrize("name", BUNDLED.names())
def test_every_subject_loads_and_spells_what_scenarios_ask_of_it(name):
    subject = BUNDLED.load(name)
    for scenario in load_all(ROOT / "scenarios"):
        if not set(scenario.needs) <= set(subject.capabilities) or (scenario.app and scenario.app not in subject.apps):
            continue
        for step in scenario.steps:
            for table in (step.expect, step.args, *(c.expect for c in step.cases if c.where.get("subject", name) == name)):
                for key, value in table.items():
                    for item in value if isinstance(value, list) else [value]:
                        if isinstance(item, str) and item.startswith("@"):
                            known = subject.exits if VERBS[step.act].expects.get(key) == "exit" else subject.patterns
                            assert item[1:] in known, f"{scenario.file}, step {step.number}: {item}"


def on(python, version, **when):
    subject = parsed({**GOOD, "when": [when]})
    return subject.on(Target("enginebus@x", "enginebus", "x", version, Interpreter("x", "cpython", python, "gil", "/p")))


def test_what_is_otherwise_on_some_targets():
    late = {"where": {"version": ">=0.29"}, "exits": {"stop": [-15]}, "ready": "", "capabilities": ["wsgi"], "args": ["{port}"]}
    here, elsewhere = on("3.13.0", "0.30", **late), on("3.13.0", "0.28", **late)
    assert (here.exits["stop"], here.ready, here.capabilities, here.args) == ((-15,), (), ("wsgi",), ("{port}",))
    assert here.exits["interrupt"] == elsewhere.exits["interrupt"], "what is not named stays as it is"
    assert (elsewhere.exits["stop"], elsewhere.ready) == ((0,), ("/ENGINE Bus STARTED$/",))
    assert on("2.7.18", "1", where={"python": "<3"}, ready=["/a/", "/b/"]).ready == ("/a/", "/b/")


def test_what_is_otherwise_adds_up_in_its_order():
    first = {"where": {"python": ">=3"}, "exits": {"stop": [1], "interrupt": [2]}, "capabilities": ["wsgi"], "args": ["a{port}"]}
    second = {"where": {"version": ">=2"}, "exits": {"stop": [3]}, "ready": ["/x/"], "args": ["b{port}"], "tls_args": ["t{port}"]}
    subject = parsed({**GOOD, "when": [first, second]})

    def on(python, version):
        found = subject.on(Target("e@x", "enginebus", "x", version, Interpreter("x", "cpython", python, "gil", "/p")))
        return found.exits["stop"], found.exits["interrupt"], found.capabilities == ("wsgi",), found.ready, found.args[:1], found.tls_args

    plain = (("/ENGINE Bus STARTED$/",), ("{app}",), tuple(GOOD["launch"]["tls_args"]))
    assert on("2.7.18", "1") == ((0,), (0,), False, *plain)
    assert on("3.8.0", "1") == ((1,), (2,), True, plain[0], ("a{port}",), plain[2])
    assert on("2.7.18", "2") == ((3,), (0,), False, ("/x/",), ("b{port}",), ("t{port}",))
    assert on("3.8.0", "2.1") == ((3,), (2,), True, ("/x/",), ("b{port}",), ("t{port}",)), "both, and the later one wins"


def test_the_arguments_of_a_kind_of_channel_can_differ():
    subject = parsed({**GOOD, "launch": {**GOOD["launch"], "unix_args": ["{socket}"], "ipv6_args": ["{port}"]}, "when": [
        {"where": {"python": "<3"}, "unix_args": [], "handed_over_args": ["x"]}]})
    kinds = ("unix", "ipv6", "handed-over", "handed-over-unix")

    def on(python):
        found = subject.on(Target("e@x", "enginebus", "x", "1", Interpreter("x", "cpython", python, "gil", "/p")))
        return [found.on_channel(kind) for kind in kinds]

    given = tuple(GOOD["launch"].get("handed_over_args", ()))
    assert on("3.13.0") == [("{socket}",), ("{port}",), given, given]
    assert on("2.7.18") == [(), ("{port}",), ("x",), ("x",)]
    assert subject.on_channel("default") == subject.default_channel_args
    assert subject.on_channel("own") == subject.on_channel("system-port") == subject.args


def test_nothing_is_something_else_than_as_before():
    here = on("3.13.0", "1", where={"python": ">=3"}, capabilities=[], ready="", args=[], tls_args=[])
    assert (here.capabilities, here.ready, here.args, here.tls_args) == ((), (), (), ())
    as_before = on("3.13.0", "1", where={"python": ">=3"})
    assert (as_before.capabilities, as_before.ready) == (tuple(GOOD["capabilities"]), (GOOD["launch"]["ready"],))


HABIT = {"before": "/^Exception ignored/", "said": "/^OSError/", "why": "a/b#1"}


def test_a_habit_is_one_where_it_is_said_to_be():
    subject = parsed({**GOOD, "habit": [HABIT, {**HABIT, "where": {"python": "<3"}, "said": "/^KeyError/"}]})
    assert [(one.where, one.before, one.said, one.why) for one in subject.habits] == [
        ({}, "/^Exception ignored/", "/^OSError/", "a/b#1"), ({"python": "<3"}, "/^Exception ignored/", "/^KeyError/", "a/b#1")]
    assert [one.before for one in parsed({**GOOD, "habit": [{"said": "/^OSError/", "why": "a/b#1"}]}).habits] == [""]
    for python, said in (("3.13.0", ["/^OSError/"]), ("2.7.18", ["/^OSError/", "/^KeyError/"])):
        here = subject.on(Target("e@x", "enginebus", "x", "1", Interpreter("x", "cpython", python, "gil", "/p")))
        assert [one.said for one in here.habits] == said


@pytest.mark.parametrize(("timeouts", "patience"), [({}, None), ({"idle": "10s"}, 10.0), ({"idle": "10s", "worker": "500ms", "lingering": "1m"}, 0.5)])
def test_a_server_is_as_patient_as_its_shortest_time_out(timeouts, patience):
    assert parsed({**GOOD, "timeouts": timeouts}).timeout == patience


def test_a_description_is_read_whole():
    subject = parsed(GOOD)
    launch = GOOD["launch"]
    assert (subject.name, subject.title, subject.entry, subject.version, subject.oracle) == (
        "enginebus", "enginebus (bundled)", ("-m", "enginebus"), "enginebus.__version__", "cherrypy")
    assert (subject.args, subject.default_channel_args, subject.reload_args, subject.tls_args) == (
        tuple(launch["args"]), tuple(launch["default_channel_args"]), tuple(launch["reload_args"]), tuple(launch["tls_args"]))
    assert (subject.exits, subject.patterns, subject.guest, subject.coverage) == (
        {"stop": (0,), "interrupt": (0,), "port-held": (70,)}, {**PATTERNS, **GOOD["patterns"]}, (places.GUEST / "enginebus",), ("enginebus",))
    assert {name: f"apps/{path.name}" for name, path in subject.apps.items()} == GOOD["apps"]
    assert subject.apps["life"] == places.APPS / "tree.py"
    bare = parsed({key: value for key, value in GOOD.items() if key in ("format", "launch", "exits")})
    assert (bare.title, bare.capabilities, bare.timeout, bare.when, bare.habits, bare.python) == ("enginebus", (), None, (), (), "")
    script = parse_subject("wsgiref", {**GOOD, "launch": {**{k: v for k, v in launch.items() if k != "module"}, "script": "subject.toml"}},
                           places.SUBJECTS / "wsgiref", guest=places.GUEST)
    assert script.entry == (str(places.SUBJECTS / "wsgiref" / "subject.toml"),)


@pytest.mark.parametrize("name", BUNDLED.names())
def test_a_subject_s_words_are_words_that_scenarios_use(name):
    """A capability that nobody needs says nothing, and a misspelt one makes cells unsupported for ever."""
    needed = {need for scenario in load_all(ROOT / "scenarios") for need in scenario.needs}
    assert set(BUNDLED.load(name).capabilities) - {"wsgi", "asgi"} <= needed


def test_every_server_logs_tracebacks_as_python_does_unless_it_says_otherwise():
    bare = {key: value for key, value in GOOD.items() if key in ("format", "launch", "exits")}
    assert parsed(bare).patterns == {"traceback": r"/^Traceback \(most recent call last\):/"}
    assert parsed({**bare, "patterns": {"traceback": "/^TRACE: /"}}).patterns == {"traceback": "/^TRACE: /"}
    assert BUNDLED.load("waitress").patterns["traceback"] == PATTERNS["traceback"]
