"""The way of one request: in which order, with which settings and parameters, and what a failure does."""

import pytest
from enginebus import HTTPError, HTTPRedirect, NotFound, config, expose, request, response
from enginebus.serving import serving
from enginebus.tools import POINTS

from .fakes import Site, answers, chunked, make_request

ERRORS = {"error": lambda: ValueError("<secret>"), "redirect": lambda: HTTPRedirect("/x"), "not-found": lambda: NotFound("/<x>"), "http": lambda: HTTPError("410 Gone away", "m")}


class Root:
    @expose
    def index(self, **fields):
        return repr(sorted(fields.items()))

    @expose
    def fails(self, how):
        raise ERRORS[how]()


def hooks(ran, fails=()):
    def note(point):
        def run():
            ran.append(point)
            if point in fails:
                raise ValueError(point)
        return run
    return {"/": {"hooks." + point: note(point) for point in POINTS}}


WAY = ["on_start_resource", "before_request_body", "before_handler", "before_finalize", "on_end_resource", "on_end_request"]


@pytest.mark.parametrize(("path", "query", "way"), [
    ("/", "", WAY), ("/nosuch", "", WAY), ("/fails", "how=http", WAY), ("/fails", "how=redirect", WAY),
    ("/fails", "how=error", [*WAY[:3], "on_end_resource", "before_error_response", "after_error_response", "on_end_request"]), ("/", "%ff", ["on_start_resource", *WAY[3:]]),
])
def test_the_points_of_the_way(path, query, way):
    ran = []
    Site(Root(), hooks(ran)).respond(path=path, query=query)
    assert ran == way


@pytest.mark.parametrize("point", POINTS)
def test_a_hook_that_fails_is_a_500_and_the_end_is_told_all_the_same(point):
    ran = []
    site = Site(Root(), hooks(ran, [point]))
    made = site.respond(path="/fails", query="how=error") if "error" in point else site.respond()
    assert made.code == (200 if point == "on_end_request" else 500)
    assert ran[-1] == "on_end_request"
    assert ("on_end_resource" in ran) is True
    assert f"ValueError: {point}".encode() in site.errors.getvalue()


@pytest.mark.parametrize(("how", "status", "text"), [
    ("error", "500 Internal Server Error", b"The server encountered"), ("http", "410 Gone away", b"<p>m</p>"), ("not-found", "404 Not Found", b"/&lt;x&gt;"),
    ("redirect", "303 See Other", b'<a href="http://h/x">'), ("nosuch", "500 Internal Server Error", b"The server")])
def test_what_a_handler_raises_becomes_a_page(how, status, text):
    site = Site(Root())
    made = site.respond(path="/fails", query="how=" + how, base="http://h")
    assert made.status == status
    assert text in made.body
    assert b"secret" not in made.body
    assert (b"Traceback" in site.errors.getvalue()) is (status[:3] == "500")
    assert made.headers["Content-Length"] == len(made.body)


def test_a_traceback_for_those_who_ask_for_it():
    made = Site(Root(), {"/": {"request.show_tracebacks": True}}).respond(path="/fails", query="how=error")
    assert b"ValueError: &lt;secret&gt;" in made.body


def test_parameters_of_query_and_body_come_together():
    site, kind = Site(Root()), [("Content-Type", "application/x-www-form-urlencoded")]
    assert site.respond("POST", query="a=1&b=2", headers=kind, body=b"a=3&c=4").body == b"[('a', ['1', '3']), ('b', '2'), ('c', '4')]"
    assert site.respond("DELETE", query="a=1", headers=kind, body=b"a=3").body == b"[('a', '1')]", "a body that the method has no use for"
    assert site.respond("POST", headers=kind, body=b"a=%ff").code == 400
    assert site.respond(query="%ff").code == 404


def test_a_form_needs_a_length_or_chunks():
    site, kind = Site(Root()), b"POST / HTTP/1.1\r\nHost: h\r\nContent-Type: application/x-www-form-urlencoded\r\n"
    assert answers(site.talk(kind + b"\r\n").sent)[0][0] == "411 Length Required"
    assert answers(site.talk(kind + b"Transfer-Encoding: chunked\r\n\r\n" + chunked([b"a=", b"1"])).sent)[0][2] == b"[('a', '1')]"


def test_settings_reach_the_request():
    seen = {}

    class Sees:
        @expose
        def index(self):
            seen.update(show=request.show_mismatched_params, stream=response.stream, page=request.error_page, field=response.headers["X-A"], where=(request.app.root is self, request.script_name))
            return ""

    site = Site(Sees(), {"/": {"request.show_mismatched_params": False, "response.stream": True, "error_page.404": "p", "error_page.default": "d", "response.headers.X-A": "1"}}, "/app")
    assert site.respond(path="/app/").code == 200
    assert seen == {"show": False, "stream": True, "page": {404: "p", "default": "d"}, "field": "1", "where": (True, "/app")}
    assert site.respond(path="/other").code == 404


def test_a_setting_of_a_handler_that_nothing_knows_is_an_error_of_the_server():
    class Wrong:
        @expose
        @config(**{"tools.nosuch.on": True})
        def index(self):
            return "x"

    site = Site(Wrong())
    assert site.respond().code == 500
    assert b"'tools.nosuch' is no setting" in site.errors.getvalue()


def test_a_page_of_errors_of_one_s_own():
    def own():
        response.status, response.body = 503, b"own"

    assert Site(Root(), {"/": {"request.error_response": own}}).respond(path="/fails", query="how=error").body == b"own"
    site = Site(Root(), {"/": {"request.error_response": lambda: 1 / 0, "error_page.500": "/no/such"}})
    made = site.respond(path="/fails", query="how=error")
    assert (made.code, b"The server encountered" in made.body) == (500, True)
    assert site.errors.getvalue().count(b"Traceback") >= 2


def test_a_page_of_one_s_own_that_is_none_gives_way_to_the_plain_one():
    made = Site(Root(), {"/": {"error_page.500": lambda **words: 3}}).respond(path="/fails", query="how=error")
    assert (made.code, made.body.startswith(b"<!DOCTYPE html>")) == (500, True)


@pytest.mark.parametrize("leaving", [SystemExit(3), KeyboardInterrupt()])
def test_an_exit_ends_the_bus_and_the_thread(leaving):
    class Leaves:
        @expose
        def index(self):
            raise leaving

    site = Site(Leaves())
    site.bus.start()
    with pytest.raises(type(leaving)):
        site.pipeline.respond(make_request())
    assert site.bus.state == "EXITING"


def test_what_a_thread_serves_is_forgotten_at_the_end():
    site = Site(Root())
    made = make_request(path="/x")
    site.pipeline.respond(made)
    assert serving.request is made
    site.pipeline.end(made)
    assert serving.request is not made
