import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.cell.transcript import MAX_RECORDED, Transcript


def test_each_entry_says_when_it_came_and_which_way():
    clock = iter([1.00004, 2.5, 3.0]).__next__
    transcript = Transcript(clock)
    transcript.add("sent", b"GET\xff")
    transcript.add("received", b"")
    transcript.add("received", b"200")
    transcript.add("received", b"OK")
    assert transcript.entries == [
        {"at": 1.0, "direction": "sent", "bytes": 4, "text": "GET\xff"}, {"at": 2.5, "direction": "received", "bytes": 3, "text": "200"},
        {"at": 3.0, "direction": "received", "bytes": 2, "text": "OK"}]


@pytest.mark.parametrize(("size", "shown", "cut"), [(MAX_RECORDED, MAX_RECORDED, None), (MAX_RECORDED + 1, MAX_RECORDED, 1)])
def test_one_direction_does_not_use_the_other_s_room(size, shown, cut):
    transcript = Transcript(lambda: 0.0)
    for way in ("sent", "received"):
        transcript.add(way, b"x" * size)
    assert [(len(entry["text"]), entry["bytes"], entry.get("cut")) for entry in transcript.entries] == [(shown, size, cut)] * 2


def test_what_is_not_shown_is_one_entry():
    transcript = Transcript(lambda: 0.0)
    for _ in range(1000):
        transcript.add("received", b"x" * MAX_RECORDED)
    transcript.add("sent", b"y")
    transcript.add("received", b"z")
    assert [(e["direction"], e["bytes"], e.get("cut", 0)) for e in transcript.entries] == [
        ("received", MAX_RECORDED, 0), ("received", 999 * MAX_RECORDED, 999 * MAX_RECORDED), ("sent", 1, 0), ("received", 1, 1)]


@given(st.lists(st.binary(min_size=1, max_size=MAX_RECORDED), max_size=4))
def test_a_transcript_is_bounded_and_counts_everything(parts):
    transcript = Transcript(lambda: 0.0)
    for part in parts:
        transcript.add("received", part)
    assert sum(e["bytes"] for e in transcript.entries) == sum(map(len, parts))
    kept = "".join(e["text"] for e in transcript.entries).encode("latin-1")
    assert kept == b"".join(parts)[:MAX_RECORDED]
    assert sum(e.get("cut", 0) for e in transcript.entries) == max(0, sum(map(len, parts)) - MAX_RECORDED)
