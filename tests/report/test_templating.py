"""One navigation for all pages: it names what has something to say, and nothing that is not there."""

import pytest

from harness.report import templating
from harness.report.templating import ALWAYS, CONFORMANCE, PAGES, navigation

FILES = [page for page in PAGES if not page.startswith("#")]


def words_of(*words, **named):
    return [name for name, _, _ in navigation(*words, **named)]


def test_a_section_is_named_only_if_it_has_something_to_say(tmp_path):
    assert words_of(tmp_path) == ["Overview", "Matrix", "Environment"]
    assert words_of(tmp_path, [*ALWAYS, "#claims"]) == ["Overview", "Matrix", "The paper's claims", "Environment"]


@pytest.mark.parametrize("file", FILES)
def test_a_file_is_named_only_if_it_is_there(tmp_path, file):
    assert PAGES[file] not in words_of(tmp_path)
    (tmp_path / file).parent.mkdir(exist_ok=True)
    (tmp_path / file).touch()
    assert (PAGES[file], file, False) in navigation(tmp_path)


@pytest.mark.parametrize(("up", "here"), [("", CONFORMANCE), ("../", CONFORMANCE), ("../", "mutants/index.html"), ("", "bench.html")])
def test_from_any_page_the_links_are_the_same_and_lead_to_the_same_files(tmp_path, up, here):
    for file in FILES:
        (tmp_path / file).parent.mkdir(exist_ok=True)
        (tmp_path / file).touch()
    found = navigation(tmp_path, ALWAYS, up, here)
    assert [words for words, _, _ in found] == words_of(tmp_path)
    assert [address for words, address, _ in found if words == "Matrix"] == [f"{up}index.html#matrix"]
    assert [address for _, address, current in found if current] == [up + here]


def test_the_report_of_bugs_leads_to_that_of_all_servers(tmp_path):
    bugs = tmp_path / "bugs"
    bugs.mkdir()
    assert "All servers" not in words_of(bugs)
    (tmp_path / "index.html").touch()
    assert navigation(bugs)[-1] == ("All servers", "../index.html", False)


def test_the_scripts_begin_with_the_data_and_end_with_the_first_page():
    text = templating.script()
    assert text.startswith((templating.HERE / "script" / "data.js").read_text("utf-8"))
    assert text.endswith((templating.HERE / "script" / "page.js").read_text("utf-8"))


def test_a_hash_is_that_of_a_content_security_policy():
    # https://www.w3.org/TR/CSP3/#external-hash: of alert('Hello, world.')
    assert templating.hash_of("alert('Hello, world.');") == "sha256-qznLcsROx4GACP2dm0UCKCzCG+HiZ1guq6ZZDob/Tng="
