"""A few hundred broken files; `python -m tests.fuzz_files` breaks thousands."""

from .fuzz_files import broken, fuzz, places_of


def test_broken_files_are_refused_in_short_sentences_and_never_with_a_traceback():
    seen = fuzz(300, 300, seed=7)
    assert seen.problems == []
    assert seen.counts["subject refused"] > 150
    assert seen.counts["scenario refused"] > 150
    assert seen.counts["subject accepted"] > 0, "not every change is a mistake: one that was all refused would show nothing"


def test_what_is_changed_is_a_copy():
    import random

    document = {"a": [1, {"b": 2}], "c": "x"}
    changed = broken(document, random.Random(1))
    assert document == {"a": [1, {"b": 2}], "c": "x"}
    assert changed != document
    assert ("a", 1, "b") in places_of(document)
