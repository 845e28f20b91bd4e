"""What ``send`` can consist of."""

import pytest

from harness.language.request_pieces import MOST_BYTES, Piece, pieces


@pytest.mark.parametrize(("send", "made"), [
    ("a\xff", [Piece("send", b"a\xff")]), ("", []), ([], []),
    (["a", "b", {"text": "cd", "times": 3}], [Piece("send", b"abcdcdcd")]),
    (["a", {"pause": "50ms"}, "b", {"pause": "2s"}], [
        Piece("send", b"a"), Piece("pause", seconds=0.05), Piece("send", b"b"), Piece("pause", seconds=2.0)]),
    ([{"await": "interim"}, "x", {"await": "response"}, {"end": True}], [
        Piece("await", answer="interim"), Piece("send", b"x"), Piece("await", answer="response"), Piece("end")]),
])
def test_pieces(send, made):
    assert pieces(send) == made


@pytest.mark.parametrize(("send", "problem"), [
    ("\u0100", "must be a byte"), ([1], "a piece is a string"), ([{}], "a piece is a string"), ([{"pause": "1s", "end": True}], "a piece is"),
    ([{"pause": "1m"}], "pause must be"), ([{"pause": "61s"}], "pause must be"), ([{"pause": "0s"}], "pause must be"), ([{"pause": 1}], "pause must be"),
    ([{"await": "body"}], "await must be one of"), ([{"end": False}], "end can only be true"), ([{"text": "a", "times": 0}], "times a whole number"),
    ([{"text": "a", "times": True}], "times a whole number"), ([{"text": 1, "times": 1}], "times a whole number"),
    ([{"text": "ab", "times": MOST_BYTES}], "at most"), ([{"text": "a", "times": MOST_BYTES}, "b"], "more than"), ({"end": True}, "")
])
def test_anything_else_is_refused(send, problem):
    if problem:
        with pytest.raises(ValueError, match=problem):
            pieces(send)
    else:
        assert pieces(send) == [Piece("end")]
