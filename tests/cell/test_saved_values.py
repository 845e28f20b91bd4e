"""The values that a step saves of what it observed."""

import pytest

from harness.cell.saved_values import _extract, saved
from harness.language.scenario import Step


@pytest.mark.parametrize(("source", "seen", "value"), [
    ("pid", {"pid": 0}, "0"), ("pid", {}, None), ("pid", {"pid": None}, None), ("body", {"body": ""}, ""), ("body", {"body": "7"}, "7"),
    ("descriptors", {"descriptors": 4}, "4"), ("json:/pid", {"body": '{"pid": 7}'}, "7"), ("json:/a/b", {"body": '{"a": {"b": false}}'}, "False"),
    ("json:/a/1", {"body": '{"a": [5, 6]}'}, "6"), ("json:/0/a", {"body": '[{"a": "x"}]'}, "x"), ("json:/a/2", {"body": '{"a": [5, 6]}'}, None),
    ("json:/a/b", {"body": '{"a": [5, 6]}'}, None), ("json:/a", {"body": '{"A": 1}'}, None), ("json:/a/b", {"body": '{"a": 1}'}, None),
    ("json:/a", {"body": "{"}, None), ("json:/a", {"body": None}, None), ("json:/a", {}, None), ("json:/1", {"body": '{"1": 2}'}, "2"),
    ("header:x-a", {"headers": {"X-A": "b"}}, "b"), ("header:X-A", {"headers": {}}, None), ("header:X-A", {"headers": None}, None), ("header:X-A", {}, None),
    ("cookie:a", {"headers": {"Set-Cookie": "a=1; Path=/, b=2"}}, "1"), ("cookie:b", {"headers": {"set-cookie": "a=1; Path=/, b=2"}}, "2"),
    ("cookie:c", {"headers": {"Set-Cookie": "a=1"}}, None), ("cookie:b", {"headers": {"Set-Cookie": "ab=1"}}, None), ("cookie:a", {}, None),
])
def test_what_is_saved_of_what_was_seen(source, seen, value):
    assert _extract(source, seen) == value


def test_what_is_not_there_is_not_saved():
    step = Step(1, "request", {}, {}, 1.0, save={"one": "pid", "two": "body"})
    assert saved(step, {"pid": 7}) == {"one": "7"}
