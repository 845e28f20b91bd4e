"""Forms: urlencoded and multipart, back to what they were made of; and what is no form."""

import io
import time
from urllib.parse import urlencode

import pytest
from enginebus import forms
from enginebus.body import Body
from enginebus.errors import HTTPError
from enginebus.forms import MAX_MEMORY, MAX_PARTS, Entity, add_field, parse_pairs
from enginebus.headers import HeaderMap
from enginebus.stream import Stream
from hypothesis import example, given
from hypothesis import strategies as st

from .fakes import FakeSocket

FORM = "application/x-www-form-urlencoded"
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
NAMES = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=8)


def entity(kind, data, fp=None):
    made = Entity(io.BytesIO(data) if fp is None else fp, HeaderMap([("Content-Type", kind)] if kind else ()), len(data))
    made.process()
    return made


def refusal(kind, data):
    with pytest.raises(HTTPError) as caught:
        entity(kind, data)
    return caught.value.code


def part(content, disposition, *fields):
    lines = [b"Content-Disposition: " + disposition, *fields, b"", content]
    return b"--B\r\n" + b"\r\n".join(lines) + b"\r\n"


def multipart(*parts, end=b"--B--\r\n", kind="multipart/form-data"):
    return entity(kind + "; boundary=B", b"".join(parts) + end)


@given(st.dictionaries(TEXTS, TEXTS | st.lists(TEXTS, min_size=2, max_size=3), max_size=4), st.sampled_from(["utf-8", "utf-16", "utf-8-sig"]))
def test_urlencoded_forms_round_trip(fields, charset):
    data = urlencode(fields, doseq=True, encoding=charset).encode()
    assert entity(f"{FORM.upper()}; charset={charset}", data).params == fields


@pytest.mark.parametrize(("data", "fields"), [
    (b"", {}), (b"a", {"a": ""}), (b"a=", {"a": ""}), (b"=a", {"": "a"}), (b"&&a=1&&", {"a": "1"}), (b"a=b=c", {"a": "b=c"}), (b"a+b=c%2Bd", {"a b": "c+d"}),
    (b"a=1&b=2&a=3&a=4", {"a": ["1", "3", "4"], "b": "2"}), (b"a=%", {"a": "%"}), (b"a=%zz", {"a": "%zz"}), (b"a=1;b=2", {"a": "1;b=2"}),
    (b"%C3%A9=%c3%a9", {"é": "é"}), (b"a=\xc3\xa9", {"a": "é"}),
])
def test_pairs(data, fields):
    assert parse_pairs(data, ["utf-8"]) == fields


def test_the_first_charset_that_fits():
    assert parse_pairs(b"a=%E9", ["utf-8", "no-such", "latin-1"]) == {"a": "é"}
    for charsets in (["utf-8"], ["no-such"], []):
        with pytest.raises(UnicodeError):
            parse_pairs(b"a=%E9", charsets)


@pytest.mark.parametrize(("kind", "data", "params"), [
    (FORM + "; charset=iso-8859-1", b"a=%E9", {"a": "é"}), (FORM + ";charset=windows-1252", b"a=%80", {"a": "€"}), (FORM, b"a=%C3%A9", {"a": "é"}),
    ("text/plain", b"a=1", {}), (None, b"a=1", {}), (FORM + "x", b"a=1", {})])
def test_what_becomes_parameters(kind, data, params):
    found = entity(kind, data)
    assert found.params == params
    assert found.read() == (b"" if params else data), "what is no form is left to the handler"


@pytest.mark.parametrize("kind", [FORM, FORM + "; charset=ascii", FORM + "; charset=no-such-charset", FORM + '; charset="utf-8"'])
def test_what_cannot_be_decoded(kind):
    assert refusal(kind, b"a=%E9") == 400


@given(st.lists(st.text(max_size=2), max_size=5))
def test_a_repeated_field_is_a_list_and_no_other_s(values):
    fields, other = {}, {}
    for value in values:
        add_field(fields, "a", value)
    if fields:
        add_field(other, "a", fields["a"])
        add_field(other, "a", "more")
    assert fields.get("a") == (None if not values else values[0] if len(values) == 1 else values)
    assert other.get("a", ["more"]) == [*values, "more"]


@given(st.lists(st.tuples(NAMES, st.none() | NAMES, st.binary(max_size=40) | st.sampled_from([b"\r\n--B", b"--B--", b"\r", b"\n\r\n", b"--B\r"])), max_size=4))
@example([("a", "f", b"\r\n--Bx\r\n--B --\r\n"), ("b", None, b"")])
def test_multipart_forms_round_trip(fields):
    boundary, parts = b"B-of-length-30-that-is-in-none", []
    for name, filename, content in fields:
        words = [("name", name)] + ([("filename", filename)] if filename is not None else [])
        parts.append(b"--" + boundary + b"\r\nContent-Disposition: form-data; " + "; ".join(
            '%s="%s"' % (k, v.replace("\\", "\\\\").replace('"', '\\"')) for k, v in words).encode() + b"\r\n\r\n" + content + b"\r\n")  # noqa: UP031
    data = b"".join(parts) + b"--" + boundary + b"--\r\n"
    found = Entity(io.BytesIO(data), HeaderMap([("Content-Type", f'multipart/mixed; boundary="{boundary.decode()}"')]))
    found.process()
    assert [(p.name, p.filename, p.file.read()) for p in found.parts] == fields
    assert found.params == {}, "only form-data has fields"


@pytest.mark.parametrize("size", [65533, 65534, 65535, 65536, 65537, 131071, 131072, MAX_MEMORY, MAX_MEMORY + 1])
@pytest.mark.parametrize("ends", [b"", b"\r", b"\n", b"\r\n"])
def test_content_of_any_size_comes_out_as_it_was(size, ends):
    content = b"x" * (size - len(ends)) + ends
    file = multipart(part(content, b'form-data; name="f"; filename="x"')).params["f"].file
    assert file.read() == content
    assert isinstance(file, io.BytesIO) is (size <= MAX_MEMORY), "what is large is not kept in memory"


def test_fields_and_files():
    found = multipart(
        b"a preamble\r\n--Bx\r\n", part("é".encode(), b'form-data; name="a"'), part(b"2", b"form-data; name=a"),
        part(b"\xe9", b'form-data; name="b"', b"Content-Type: text/plain; charset=latin-1"),
        part(b"GIF", b'Form-Data; NAME="f"; filename="x.gif"', b"content-type: image/gif", b"X: 1"), part(b"nameless", b"form-data"),
        end=b"--B-- \t\r\nan epilogue").params
    assert (found["a"], found["b"], sorted(found)) == (["é", "2"], "é", ["a", "b", "f"])
    file = found["f"]
    assert (file.filename, file.content_type.value, file.headers["X"], file.file.read()) == ("x.gif", "image/gif", "1", b"GIF")


@pytest.mark.parametrize(("disposition", "name", "filename"), [
    (b'form-data; name="a"b"; filename="c"', 'a"b', "c"), (b'form-data; name="a\\"b"', 'a"b', None), (b'form-data; name="a;b"', "a;b", None),
    (b'form-data; name=""; filename=""', "", ""), (b"form-data; filename=x ;name = a", "a", "x"), (b'form-data; filename="C:\\dir\\x"', None, "C:\\dir\\x"),
    ('form-data; name="é"'.encode(), "é", None), (b'form-data; name="\xe9"', "é", None),
    (b"form-data; name=a; filename=\"e.txt\"; filename*=UTF-8''%c3%a9.txt", "a", "é.txt"), (b"form-data; filename*=iso-8859-1'en'%e9", None, "é"),
    (b"form-data; filename=\"e\"; filename*=UTF-8''%ff", None, "e"), (b"form-data; filename=\"e\"; filename*=nonsense", None, "e"), (b"form-data", None, None),
])
def test_what_a_part_is_called(disposition, name, filename):
    found = multipart(part(b"x", disposition)).parts[0]
    assert (found.name, found.filename) == (name, filename)


@pytest.mark.parametrize("kind", ["multipart/form-data", 'multipart/form-data; boundary=""', 'multipart/form-data; boundary="a "',
                                  "multipart/form-data; boundary=" + "x" * 202, 'multipart/form-data; boundary="é"'])
def test_a_boundary_that_is_none(kind):
    assert refusal(kind, b"--B--\r\n") == 400


@pytest.mark.parametrize("data", [
    b"", b"--B", b"--B\r\n", b"--B\r\nA: 1\r\n", b"--B\r\nA: 1\r\n\r\n", b"--B\r\nA: 1\r\n\r\nx\r\n", b"--B\r\nA: 1\r\n\r\nx\r\n--B\r\n", b"no boundary\r\n",
    b"--B\r\nno colon\r\n\r\nx\r\n--B--\r\n", b"--B\r\nA: " + b"x" * forms.MAX_LINE + b"\r\n\r\nx\r\n--B--\r\n",
    b"--B\r\n" + b"".join(b"A%d: 1\r\n" % n for n in range(200)) + b"\r\nx\r\n--B--\r\n", b"--B\r\nA: 1\r\n\r\nx--B--\r\n",
    b"--B\r\n" + b'Content-Disposition: form-data; name="a"' + b"\r\n\r\n\xe9\r\n--B--\r\n",
])
def test_what_is_no_form(data):
    assert refusal("multipart/form-data; boundary=B", data) == 400


def test_how_many_parts_there_may_be():
    assert len(multipart(*[part(b"x", b"form-data")] * MAX_PARTS).parts) == MAX_PARTS
    with pytest.raises(HTTPError) as caught:
        multipart(*[part(b"x", b"form-data")] * (MAX_PARTS + 1))
    assert caught.value.code == 413


@pytest.mark.parametrize("content", [b"\n" * 100000, b"\r\n" * 50000])
def test_a_form_of_line_ends_costs_no_more_than_another_file_of_them(content):
    """A line that was cut off what came with it cost a copy of all of that: ten times as much as reading it."""
    data, cost = part(content, b'form-data; name="f"; filename="x"') + b"--B--\r\n", {}
    for name, fp in (("file", io.BytesIO(data)), ("body", Body(Stream(FakeSocket(data)), len(data), False, 0, 30))):
        began = time.process_time()
        found = entity("multipart/form-data; boundary=B", data, fp)
        cost[name] = time.process_time() - began
        assert found.params["f"].file.read() == content
    assert cost["body"] < 5 * cost["file"] + 0.1


def test_the_media_type():
    assert Entity(io.BytesIO(), HeaderMap([("Content-Type", "Text/Plain;charset=x")])).kind == "text/plain"
    assert Entity(io.BytesIO(), HeaderMap()).kind == ""
    assert list(Entity(io.BytesIO(b"a\nb"), HeaderMap())) == [b"a\n", b"b"]
