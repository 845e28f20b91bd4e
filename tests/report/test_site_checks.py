"""What a site may be made of, and which folders it may replace."""

import json

import pytest

from harness.model.refusal import Refusal
from harness.report import site_checks

from .test_site import made  # noqa: F401  (a fixture)


def test_only_an_empty_folder_or_a_site_may_be_replaced(made, tmp_path):  # noqa: F811
    for name in ("new", "empty"):
        site_checks.check(tmp_path / name)
        (tmp_path / "empty").mkdir(exist_ok=True)
    site_checks.check(made)
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "thesis.txt").write_text("")
    (tmp_path / "file").write_text("")
    (tmp_path / "linked").symlink_to(made)
    for folder, problem in ((mine, "neither empty nor a site"), (tmp_path / "file", "is a file"), (tmp_path / "linked", "is a link")):
        with pytest.raises(Refusal, match=problem):
            site_checks.check(folder)


@pytest.mark.parametrize("mark", ["", "[]", "{}", '{"made_by": "another"}', "[" * 100_000])
def test_a_mark_that_is_not_ours_is_none(tmp_path, mark):
    (tmp_path / site_checks.MARK).write_text(mark)
    assert not site_checks.is_ours(tmp_path)


@pytest.mark.parametrize("number", [99, 0, "1", None, "\x1b[31m"])
def test_a_site_of_another_format_is_refused(made, number):  # noqa: F811
    mark = json.loads((made / site_checks.MARK).read_text())
    (made / site_checks.MARK).write_text(json.dumps({**mark, "format": number}))
    for asked in (site_checks.is_ours, site_checks.check):
        with pytest.raises(Refusal, match="this version of server-matrix knows 1: use the version that wrote the site"):
            asked(made)
