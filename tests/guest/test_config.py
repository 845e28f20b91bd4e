"""Settings: what is known is set at once and per path; what is not is refused, always."""

import string

import enginebus
import pytest
from enginebus.config import ENVIRONMENTS, Config, Settings, UnknownSetting, decorate, unknown
from enginebus.serving import Request
from enginebus.tools import POINTS
from hypothesis import assume, given
from hypothesis import strategies as st


class Thing:
    number, text, either, switch = 1, "a", None, True


def refuse(key, value):
    if key != "known":
        raise unknown("space." + key, ["space.known"])


@pytest.fixture
def thing():
    return Thing()


@pytest.fixture
def config(thing):
    return Config(Settings({
        "thing.number": (thing, "number", (int, float)), "thing.text": (thing, "text", (str,)), "thing.either": (thing, "either", (str, type(None))),
        "thing.switch": (thing, "switch", (bool,))}, {"space": refuse}))


@pytest.fixture(autouse=True)
def _unchanged():
    yield
    enginebus.config.reset()


def test_setting_takes_effect_at_once_and_is_remembered(config, thing):
    config["thing.number"] = 2
    config.update({"thing.text": "b"}, **{"thing.switch": False})
    config.update({"global": {"thing.either": "c"}})
    assert (thing.number, thing.text, thing.switch, thing.either) == (2, "b", False, "c")
    assert config == {"thing.number": 2, "thing.text": "b", "thing.switch": False, "thing.either": "c"}
    config.reset()
    assert (thing.number, thing.text, thing.switch, thing.either, config) == (1, "a", True, None, {})


@pytest.mark.parametrize(("name", "value"), [
    ("thing.number", "2"), ("thing.number", True), ("thing.number", None), ("thing.text", 2), ("thing.text", None), ("thing.either", 1), ("thing.switch", 1), ("thing.switch", "yes")])
def test_a_value_of_another_kind_is_refused(config, thing, name, value):
    with pytest.raises(UnknownSetting, match=r"cannot be .*: it is "):
        config[name] = value
    assert (vars(thing), config) == ({}, {})


def test_per_path_settings_of_everything(config):
    config["space.known"] = 1
    before = config._settings.per_path
    config["space.known"] = 2
    assert (config._settings.per_path, before) == ({"space.known": 2}, {"space.known": 1}), "a request that runs keeps what it has"
    config.reset()
    assert config._settings.per_path == {}


def test_a_path_has_only_what_a_path_can_have(config):
    check = config._settings.check
    check("space.known", 1)
    with pytest.raises(UnknownSetting, match="whole process"):
        check("thing.number", 1)
    for wrong in ("space", "space.", "space.other", "other", "", ".", "environment"):
        with pytest.raises(UnknownSetting):
            check(wrong, 1)


@given(st.text(string.ascii_lowercase + "._", max_size=20))
def test_what_is_not_known_is_refused_wherever_it_stands(name):
    settings = Settings({"thing.number": (Thing(), "number", (int,))}, {"space": refuse})
    config = Config(settings)
    assume(name not in ("thing.number", "space.known", "environment"))
    for attempt in (lambda: config.update({name: 1}), lambda: config.__setitem__(name, 1), lambda: settings.check(name, 1)):
        with pytest.raises(UnknownSetting):
            attempt()
    assert (config, settings.per_path) == ({}, {})


@given(st.sampled_from(["tools.", "request.", "response.", "server.", "engine.", "log.", "hooks.", "error_page.", ""]), st.text(string.ascii_letters + "._", min_size=1, max_size=20))
def test_the_package_refuses_what_it_does_not_know(space, key):
    settings, name, first = enginebus.Application.settings, space + key, key.partition(".")[0]
    known = {*settings.attributes, "environment", *(f"request.{one}" for one in (*Request.SETTINGS, "dispatch")), "response.stream", "error_page.default"}
    assume(name not in known and not name.startswith("response.headers."))
    assume(not (space == "tools." and hasattr(enginebus.tools, first)) and not (space == "hooks." and first in POINTS))
    with pytest.raises(UnknownSetting):
        enginebus.config.update({name: True})
    with pytest.raises(UnknownSetting):
        enginebus.Application(None, "", {"/": {name: True}})


@given(st.sampled_from(sorted(set(vars(enginebus.tools)))), st.text(string.ascii_letters, min_size=1))
def test_each_tool_refuses_a_setting_that_its_function_does_not_take(tool, setting):
    taken = getattr(enginebus.tools, tool).settings()
    assume(taken is None or setting not in taken | {"on", "priority", "debug"})
    if taken is not None:
        with pytest.raises(UnknownSetting):
            enginebus.config.update({f"tools.{tool}.{setting}": 1})


def test_a_namespace_of_an_application_s_own(config):
    seen = []
    config.namespaces["mine"] = lambda key, value: seen.append((key, value))
    config["mine.a.b"] = 1
    config._settings.check("mine.c", 2)
    assert (seen, config) == ([("a.b", 1)], {"mine.a.b": 1})


@pytest.mark.parametrize(("name", "hint"), [
    ("server.socket_prot", "did you mean 'server.socket_port'"), ("zzz", "there are: "), ("tools.staticdirr.on", "did you mean 'tools.staticdir'"),
    ("tools.staticdir.dirr", "did you mean 'tools.staticdir.dir'"), ("request.show_traceback", "did you mean 'request.show_tracebacks'"),
    ("hooks.before_handle", "did you mean 'hooks.before_handler'"), ("error_page.40x", "a status from 400 to 599"), ("error_page.399", "a status"), ("environment", "no environment")])
def test_a_refusal_says_what_there_is(name, hint):
    with pytest.raises(UnknownSetting) as caught:
        enginebus.config.update({name: lambda: None})
    assert hint in str(caught.value)
    assert isinstance(caught.value, KeyError)


@pytest.mark.parametrize("environment", sorted(ENVIRONMENTS))
def test_an_environment_is_a_group_of_settings_each_of_which_is_known(environment):
    enginebus.config.update({"environment": environment})
    for name, value in ENVIRONMENTS[environment].items():
        target = enginebus.Application.settings.attributes.get(name)
        assert (getattr(*target[:2]) if target else enginebus.Application.settings.per_path[name]) is value
    assert enginebus.engine.autoreload.on is False


def test_production_hides_tracebacks_and_what_stands_beside_it_counts():
    enginebus.config.update({"request.show_tracebacks": True, "environment": "production", "log.screen": True, "engine.autoreload.on": True})
    assert enginebus.Application.settings.per_path["request.show_tracebacks"] is True
    assert enginebus.log.screen is True
    assert enginebus.engine.autoreload.on is True, "though its name comes before that of the environment"


def test_every_setting_of_the_process_can_be_set_to_what_it_is():
    for name, (target, attribute, kind) in enginebus.Application.settings.attributes.items():
        value = getattr(target, attribute)
        assert isinstance(value, kind), f"{name} begins as what it could not be set to"
        enginebus.config[name] = value


def test_settings_of_handlers_and_classes():
    @decorate({"a": 1}, b=2)
    @decorate(b=3, c=4)
    def handler():
        pass

    @decorate(a=1)
    class Base:
        pass

    @decorate(b=2)
    class Derived(Base):
        pass

    assert handler._cp_config == {"a": 1, "b": 2, "c": 4}
    assert (Base._cp_config, Derived._cp_config) == ({"a": 1}, {"a": 1, "b": 2})
    assert enginebus.config({"x": 1}, y=2)(Thing)._cp_config == {"x": 1, "y": 2}
    del Thing._cp_config
