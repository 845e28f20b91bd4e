"""``python -m enginebus``: its words, the application file, and what is refused with a sentence."""

import argparse
import subprocess
import sys

import enginebus
import pytest
from enginebus import __main__ as main

from ..conftest import GUEST
from .live import HOST


@pytest.mark.parametrize(("text", "value"), [("0", 0), ("80", 80), ("65535", 65535), ("65536", None), ("-1", None), ("http", None), ("", None), ("1.0", None)])
def test_ports(text, value):
    if value is None:
        with pytest.raises(argparse.ArgumentTypeError, match="from 0 to 65535"):
            main.port(text)
    else:
        assert main.port(text) == value


@pytest.mark.parametrize(("text", "name", "value"), [
    ("a.b=1", "a.b", 1), ("a=1.5", "a", 1.5), ("a=True", "a", True), ("a=None", "a", None), ("a=x", "a", "x"), ("a='1'", "a", "1"), ("a=", "a", ""), ("a=b=c", "a", "b=c"), ("a=[1", "a", "[1"),
    ("a={'b': 1}", "a", {"b": 1}), ("a=__import__('os')", "a", "__import__('os')")])
def test_settings(text, name, value):
    assert main.setting(text) == (name, value)


def test_a_setting_has_a_value():
    with pytest.raises(argparse.ArgumentTypeError, match="is not NAME=VALUE"):
        main.setting("server.shutdown_timeout")


@pytest.fixture
def site(monkeypatch):
    """Everything but serving: the command line comes to the settings, the tree and the listeners."""
    ran = []
    monkeypatch.setattr(enginebus, "quickstart", lambda: ran.append(dict(enginebus.config)))
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.setattr(enginebus.tree, "apps", {})
    monkeypatch.setitem(sys.modules, "app", None)
    before = {channel: dict(listeners) for channel, listeners in enginebus.engine.listeners.items()}
    yield ran
    enginebus.engine.listeners = before
    enginebus.config.reset()


def application(tmp_path, config="{}"):
    file = tmp_path / "site.py"
    file.write_text(f"import enginebus\nclass Root(object):\n    @enginebus.expose\n    def index(self): return __name__\nCONFIG = {config}\n")
    return str(file)


def test_each_word_of_the_command_line_is_a_setting_and_counts_for_more_than_the_file(site, tmp_path):
    file = application(tmp_path, "{'global': {'server.socket_port': 1, 'log.screen': True}, '/': {'tools.json_out.on': True}}")
    words = [file, "--host", "h", "--port", "0", "--unix-socket", "/s", "--certificate", "/c", "--key", "/k", "--environment", "embedded", "--no-autoreload", "--set",
             "server.thread_pool=3", "--set", "log.error_file=/e", "--daemon", "--pid-file", str(tmp_path / "p")]
    main.main(words)
    (config,) = site
    assert config == {
        "server.socket_host": "h", "server.socket_port": 0, "server.socket_file": "/s", "server.ssl_certificate": "/c", "server.ssl_private_key": "/k", "environment": "embedded",
        "engine.autoreload.on": False, "server.thread_pool": 3, "log.error_file": "/e", "log.screen": True}
    assert (enginebus.server.thread_pool, enginebus.server.bind_addr) == (3, "/s")
    assert enginebus.tree.apps[""].config == {"/": {"tools.json_out.on": True}}
    assert {"Daemonizer", "PIDFile"} <= {type(getattr(one, "__self__", None)).__name__ for one in enginebus.engine.listeners["start"]}
    assert sys.modules["app"].__file__ == file


def test_without_words_a_file_is_enough(site, tmp_path):
    main.main([application(tmp_path)])
    assert site == [{}]
    assert not {"Daemonizer", "PIDFile"} & {type(getattr(one, "__self__", None)).__name__ for one in enginebus.engine.listeners["start"]}


@pytest.mark.parametrize(("words", "config", "sentence"), [
    (["--set", "server.socket_prot=1"], "{}", "did you mean 'server.socket_port'"), (["--environment", "prod"], "{}", "there are: embedded, production"),
    ([], "{'/': {'tools.nosuch.on': True}}", "is no setting"), ([], "{'global': {'server.socket_port': '1'}}", "cannot be '1'"), ([], "{'a': {}}", "is no section"),
    (["--set", "server.socket_port=True"], "{}", "cannot be True"),
])
def test_a_setting_that_is_not_known_ends_with_a_sentence(site, tmp_path, words, config, sentence):
    with pytest.raises(SystemExit) as caught:
        main.main([application(tmp_path, config), *words])
    assert str(caught.value).startswith("enginebus: ")
    assert sentence in str(caught.value)
    assert site == []


def test_another_key_error_is_the_application_s_own(site, tmp_path):
    file = tmp_path / "site.py"
    file.write_text("class Root(object):\n    def __init__(self): {}['k']\n")
    with pytest.raises(KeyError, match="k"):
        main.main([str(file)])


def test_quickstart_serves_until_the_bus_exits():
    code = ("import sys; sys.path.insert(0, sys.argv[1])\nimport enginebus, threading\n"
            "class Root(object):\n    pass\n"
            "enginebus.engine.subscribe('start', lambda: threading.Timer(0.1, enginebus.engine.exit).start(), 99)\n"
            f"enginebus.quickstart(Root(), '/app', {{'global': {{'server.socket_port': 0, 'server.socket_host': {HOST!r}}}, '/': {{'tools.json_out.on': True}}}})\n"
            "print(enginebus.tree.apps['/app'].config, enginebus.engine.state)")
    done = subprocess.run([sys.executable, "-s", "-E", "-c", code, str(GUEST)], capture_output=True, text=True, timeout=60, check=False)
    assert done.stdout == "{'/': {'tools.json_out.on': True}} EXITING\n", done.stderr
    assert "Listening for SIGTERM." in done.stderr
    assert f"Serving on {HOST}:" in done.stderr
