"""A real run's report in a real browser: Debian's Chromium, driven by Playwright. Without Chromium the tests fail, and are not skipped."""

import os
import shutil
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright

from harness.machine.interpreters import current

from ..conftest import run_harness

FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync"]
SAFE = 'format = 1\nid = "a.{name}"\ntitle = "{title}"\npaper = "unexposed"\napp = "tree"\n[[step]]\nact = "start"\n'
ATTACK = "</script><script>document.title='owned'</script><img src=x onerror=document.title='owned'>"


@pytest.fixture(scope="session")
def report(tmp_path_factory) -> Path:
    """The report of a small run: a pass, a fail, a killed cell, a missing column, and answers that attack the page."""
    folder = tmp_path_factory.mktemp("report")
    scenarios = folder / "scenarios" / "a"
    scenarios.mkdir(parents=True)
    step = '[[step]]\nact = "request"\npath = "{path}"\nexpect = {{ status = {status} }}\n'
    files = {
        "good": step.format(path="/", status=200) + 'observe = { "a question in words" = "body" }\n',
        "wrong": step.format(path="/hidden", status=200),
        "late": '[[step]]\nact = "wait"\nexit = true\nwithin = "300ms"\nexpect = { exit = 0, log = "/ENGINE Bus EXITED/" }\n',
        "killed": '[[step]]\nact = "kill"\n',
        "attack": '[[step]]\nact = "request"\npath = "/two?b=2&a=%1b%5B31m' + ATTACK.replace(" ", "+").replace("<", "%3C")
                  + '"\nexpect = { status = 200, body = "nothing like it" }\n',
        "drawn": '[[step]]\nact = "repeat"\ntimes = 9\n[[step.step]]\nact = "request"\npath = "/"\nexpect = { status = 200 }\n'
                 '[[step.step]]\nact = "sample"\nid = "s"\n[[step]]\nact = "growth"\nof = "s"\nexpect = { children = "<=0" }\n'
                 '[[step]]\nact = "stop"\n[[step]]\nact = "sweep"\nsignal = "TERM"\npoints = 3\n',
    }
    for name, text in files.items():
        head = SAFE.format(name=name, title=ATTACK if name == "attack" else f"The {name} one")
        (scenarios / f"{name}.toml").write_text(head + text, "utf-8")
    done = run_harness("matrix", "--python", current(), "--python", "3.99", "--scenarios", str(folder / "scenarios"), "--no-bundled-scenarios",
                       "--reports", str(folder / "reports"))
    assert done.returncode == 1, done.stdout + done.stderr
    return folder / "reports" / "index.html"


def chromium() -> str | None:
    """The path of a Chromium or Chrome; None if there is none."""
    names = ("chromium", "chromium-browser", "google-chrome")
    return os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, names)), None)


@pytest.fixture(scope="module")  # its driver is a child of this process, and other tests require that there are none
def browser():
    path = chromium()
    if path is None:
        pytest.fail("no Chromium, which tests the report: apt-get install chromium, or set CHROMIUM to its path")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield started
        started.close()


@pytest.fixture
def page(browser, report):
    """The report, opened from file://; errors of its scripts and any request that leaves it fail the test."""
    opened = browser.new_page()
    wrong = []
    opened.on("pageerror", lambda error: wrong.append(str(error)))
    opened.on("console", lambda message: wrong.append(message.text) if message.type == "error" else None)
    opened.on("request", lambda request: wrong.append(request.url) if not request.url.startswith("file://") else None)
    opened.goto(report.as_uri() + "#matrix")
    yield opened
    assert wrong == []
    opened.close()


@pytest.fixture
def opening(browser):
    """Opens an address in a context of its own; errors of scripts, and any request that is not for a file, fail the test."""
    contexts, wrong = [], []

    def open_(address, **options):
        context = browser.new_context(**options)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("console", lambda message: wrong.append(message.text) if message.type == "error" else None)
        page.on("request", lambda request: wrong.append(request.url) if not request.url.startswith("file://") else None)
        page.goto(address)
        return page

    yield open_
    for context in contexts:
        context.close()
    assert wrong == []
