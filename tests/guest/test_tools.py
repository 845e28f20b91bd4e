"""Tools: functions that settings switch on at points on the way of a request."""

import pytest
from enginebus.config import UnknownSetting
from enginebus.errors import NotFound
from enginebus.serving import serving
from enginebus.tools import POINTS, HandlerTool, Tool, Toolbox, attach, run_hooks

from .fakes import make_request, under


@pytest.fixture
def request_():
    return under(make_request())[0]


def recorder(ran, name, fails=False, **attributes):
    def run(**settings):
        ran.append((name, settings) if settings else name)
        if fails:
            raise ValueError(name)
    for key, value in attributes.items():
        setattr(run, key, value)
    return run


def test_hooks_run_by_priority_then_in_order(request_):
    ran = []
    attach(request_, "before_handler", recorder(ran, "late"), 90)
    attach(request_, "before_handler", recorder(ran, "first"), 10, a=1)
    attach(request_, "before_handler", recorder(ran, "second"))
    attach(request_, "before_handler", recorder(ran, "third", priority=50))
    attach(request_, "before_handler", recorder(ran, "own", priority=60))
    attach(request_, "before_finalize", recorder(ran, "elsewhere"))
    run_hooks(request_, "before_handler")
    assert ran == [("first", {"a": 1}), "second", "third", "own", "late"]
    run_hooks(request_, "on_end_request")
    assert len(ran) == 5


def test_after_a_failure_only_what_is_failsafe_runs_and_the_first_failure_counts(request_):
    ran = []
    for name, fails, failsafe in (("a", False, False), ("b", True, False), ("c", False, False), ("d", True, True), ("e", False, True)):
        attach(request_, "on_end_resource", recorder(ran, name, fails), failsafe=failsafe)
    attach(request_, "on_end_resource", recorder(ran, "f", failsafe=True))
    with pytest.raises(ValueError, match="b"):
        run_hooks(request_, "on_end_resource")
    assert ran == ["a", "b", "d", "e", "f"]
    assert [str(error) for error in request_.failures] == ["d"]


def test_one_request_s_hooks_are_no_other_s(request_):
    attach(request_, "before_handler", print)
    assert under(make_request())[0].hooks == {}


def adds(a, b=2, priority=None):
    serving.request.added = (a, b)


def anything(**settings):
    serving.request.any = settings


@pytest.fixture
def box():
    made = Toolbox()
    made.adds = Tool("before_handler", adds, priority=30)
    made.any = Tool("on_start_resource", anything)
    return made


def test_a_tool_knows_its_name_and_its_settings(box):
    assert (box.adds.name, box.adds.priority, box.adds.settings(), box.any.settings()) == ("adds", 30, {"a", "b", "priority"}, None)
    with pytest.raises(UnknownSetting, match="there are: on_start_resource, "):
        Tool("before_all", adds)
    assert [Tool(point, adds).point for point in POINTS] == list(POINTS)


@pytest.mark.parametrize(("key", "value"), [
    ("adds.on", True), ("adds.on", False), ("adds.on", None), ("adds.on", 1), ("adds.a", "x"), ("adds.priority", 1), ("adds.debug", True), ("any.whatever", 1)])
def test_what_a_toolbox_knows(box, key, value):
    box.check(key, value)


@pytest.mark.parametrize(("key", "value", "hint"), [
    ("nosuch.on", True, "tools.adds"), ("adds.c", 1, "'tools.adds.a'"), ("adds", True, "tools.adds."), ("adds.on", "yes", "it is True or False"), ("add.on", True, "did you mean 'tools.adds'"),
    ("check.on", True, "no setting of"), ("attach.on", True, "no setting of"), ("", True, "tools.adds")])
def test_what_a_toolbox_refuses(box, key, value, hint):
    with pytest.raises(UnknownSetting) as caught:
        box.check(key, value)
    assert hint in str(caught.value)


@pytest.mark.parametrize(("switched", "priority"), [({"on": True, "a": 1, "debug": True}, 30), ({"on": True, "a": 1, "priority": 7}, 7)])
def test_a_tool_that_is_on_is_attached_with_its_settings(box, request_, switched, priority):
    given = dict(switched)
    box.attach(request_, {"adds": switched, "any": {"x": 1}})
    assert switched == given, "settings are shared by all requests"
    (hook,), = request_.hooks.values()
    assert (hook[0], hook[3], hook[4]) == (priority, adds, {"a": 1})
    run_hooks(request_, "before_handler")
    assert request_.added == (1, 2)
    assert not hasattr(request_, "any")


@pytest.mark.parametrize("off", [{}, {"a": 1}, {"on": False, "a": 1}, {"on": None}])
def test_a_tool_that_is_not_on_is_not(box, request_, off):
    box.attach(request_, {"adds": off})
    assert request_.hooks == {}


def test_a_tool_is_a_decorator(box):
    @box.adds(a=3)
    def handler():
        pass

    @box.any()
    class Handlers:
        pass

    assert handler._cp_config == {"tools.adds.on": True, "tools.adds.a": 3}
    assert Handlers._cp_config == {"tools.any.on": True}


@pytest.mark.parametrize(("answers", "kept"), [(True, False), (False, True)])
def test_a_tool_may_answer_in_the_handler_s_place(request_, answers, kept):
    def answer(word="x"):
        serving.response.body = word.encode()
        return answers

    box = Toolbox()
    box.answering = HandlerTool(answer)
    request_.handler = print
    box.attach(request_, {"answering": {"on": True, "word": "y"}})
    run_hooks(request_, "before_handler")
    assert (request_.handler is print, serving.response.body) == (kept, b"y")
    handler = box.answering.handler(word="z")
    assert handler.exposed
    if answers:
        assert handler("ignored", ignored="too") == b"z"
    else:
        with pytest.raises(NotFound):
            handler()
