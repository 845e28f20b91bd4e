"""The head of a request: its line, its target, its fields and its Host (RFC 9112, sections 2 to 5)."""

import re
from urllib.parse import urlsplit

from right_wire_ways import Gone, Refused, wrong

TOKEN = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
HOST = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[0-9A-Za-z._~!$&'()*+;=-]*)(:[0-9]*)?")
MOST_LINE, MOST_HEAD, MOST_FIELDS = 16384, 32768, 100


class Head:
    """A request's method, version (a number), path, query, and fields: (name in small letters, value) in their order."""

    def __init__(self):
        self.method = ""
        self.minor = 1
        self.path = self.query = ""
        self.authority = None
        self.fields = []

    def values(self, name):
        """The values of all fields of a name."""
        return [value for known, value in self.fields if known == name]

    def members(self, name):
        """The members of a list, in small letters."""
        return [part.strip(" \t").lower() for value in self.values(name) for part in value.split(",") if part.strip(" \t")]


def read_head(source):
    """Read a head; Gone where there is none, Refused where it is wrong."""
    head = Head()
    line = b""
    while not line:
        line = first_line(source)
        if not line and wrong("no-empty-line"):
            raise Refused
    method, target, version = words_of(line)
    head.method, head.minor = method_of(method), minor_of(version)
    head.fields = read_fields(source) + source.left
    if wrong("unicode-strip"):
        head.fields = [(name.strip(), value.strip()) for name, value in head.fields]
    if head.method == "CONNECT":
        port = target.rpartition(b":")[2]
        head.path = "tunnel" if wrong("connect-no-port") and not port else "connect"
    else:
        take_target(head, target)
    check_host(head)
    return head


def first_line(source):
    """The request line; a client that is gone before its end has asked nothing."""
    limit = 4096 if wrong("line-of-4096") else MOST_LINE
    try:
        return source.line(limit, 400 if wrong("long-line-400") else 414)
    except Gone:
        if not (wrong("end-is-line-end") and source.data):
            raise
        line, source.data = source.data, b"\r\n"
        return line


def words_of(line):
    """The three parts of a request line."""
    if b"\r" in line and not wrong("keeps-cr") and not wrong("splits-once"):
        raise Refused
    words = line.split(b" ")
    if wrong("splits-once"):
        method, mark, rest = re.split(rb"(\s)", line, maxsplit=1)
        return method, rest[:-8].removesuffix(b" ") + mark.strip(b" "), rest[-8:]
    if wrong("empty-words-count") and b"" in words:
        return words[0], words[1] or b"/", words[-1]
    if wrong("unicode-split"):
        return [word.encode("latin-1") for word in line.decode("latin-1").split()]
    if wrong("joins-the-middle") and len(words) > 3:
        return words[0], b" ".join(words[1:-1]), words[-1]
    if wrong("ignores-further-words"):
        words = words[:3]
    if wrong("joins-the-version"):
        words = [*words[:2], b"".join(words[2:])]
    if wrong("takes-http-0.9") and len(words) == 2:
        words = [*words, b"HTTP/1.0"]
    if wrong("answers-one-word") and len(words) == 1:
        words = [*words, b"/report", b"HTTP/1.1"]
    if len(words) != 3 or not all(words):
        raise Refused
    return words


def method_of(word):
    """A method is a token, and its letters count."""
    if not TOKEN.fullmatch(word) and not wrong("any-method"):
        raise Refused
    if wrong("known-methods-only") and word not in (b"GET", b"HEAD", b"POST", b"OPTIONS", b"DELETE", b"CONNECT", b"TRACE"):
        raise Refused
    method = word.decode("latin-1")
    return method.upper() if wrong("method-upper") else method


def minor_of(word):
    """The minor version; 505 for another major one."""
    pattern = rb"HTTP/([0-9])\.([0-9])"
    if wrong("version-digits"):
        pattern = rb"HTTP/([0-9]+)\.([0-9]+)"
    elif wrong("version-1-dot"):
        pattern = rb"HTTP/([0-9])\.([0-9]?)"
    elif wrong("version-sign"):
        pattern = rb"HTTP/([0-9])\.(\+?[0-9])"
    elif wrong("version-case"):
        pattern = rb"(?i)HTTP/([0-9])\.([0-9])"
    found = re.fullmatch(pattern, word)
    if not found:
        raise Refused
    if int(found[1]) != 1 and not wrong("any-major"):
        raise Refused(505)
    if wrong("only-1.1") and int(found[2]) > 1:
        raise Refused(505)
    return int(found[2] or b"1")


def take_target(head, target):
    """The path, the query, and the authority where the target has one."""
    if re.search(rb"[\x00-\x1f\x7f]", target) and not (wrong("nul-in-target") or wrong("keeps-cr")) and not wrong("splits-once"):
        raise Refused
    text = target.decode("latin-1")
    if wrong("finds-a-uri-anywhere") and "http://" in text:
        text = text[text.index("http://"):]
    if text == "*":
        if (head.method != "OPTIONS" and not wrong("star-for-all")) or wrong("star-is-no-target"):
            raise Refused
    elif re.match("http://" if wrong("scheme-case") else "(?i)http://", text):
        if wrong("no-absolute"):
            raise Refused
        authority, mark, rest = re.fullmatch("(?i)http://([^/?]*)([/?]?)(.*)", text).groups()
        if wrong("absolute-needs-path") and mark != "/":
            raise Refused
        head.authority, text = authority, "/" + rest if mark != "?" else "/?" + rest
    elif not text.startswith("/"):
        if wrong("adds-a-slash"):
            text = "/" + text
        elif not wrong("any-target"):
            raise Refused
    elif wrong("two-slashes-name-a-host"):
        text = urlsplit(text).path
    head.path, mark, head.query = text.partition("?")
    if wrong("query-in-path"):
        head.path, head.query = text, ""


def read_fields(source):
    """The fields, up to the empty line."""
    fields, size = [], 0
    deaf = False  # in one way: nothing is taken any more
    while line := field_line(source, MOST_HEAD - size):
        size += 0 if wrong("cuts-values") else len(line)
        if b"\r" in line and wrong("cr-ends-lines"):
            line, source.data = line.split(b"\r", 1)[0], line.split(b"\r", 1)[1].replace(b"\r", b"\r\n") + b"\r\n" + source.data
        if line[:1] in (b" ", b"\t"):
            if wrong("keeps-fold") and fields:
                fields[-1] = (fields[-1][0], fields[-1][1] + "\r\n" + line.decode("latin-1"))
                continue
            if wrong("drops-folded-fields") and fields:
                del fields[-1]
                continue
            if not wrong("strips-lines"):
                raise Refused
            line = line.strip()
        if b":" not in line and wrong("no-colon-ends-the-fields"):
            deaf = True
        if deaf or (b":" not in line and wrong("ignores-no-colon")):
            continue
        fields.append(field_of(line))
        if len(fields) > MOST_FIELDS:
            if not wrong("drops-fields"):
                raise Refused(431)
            del fields[-1]
    return fields


def field_line(source, most):
    """A line of the head; one that the client's end has cut is none."""
    try:
        return source.line(1 << 21 if wrong("cuts-values") else most, 0 if wrong("drops-long-heads") else 431)
    except Gone:
        if not wrong("end-is-line-end"):
            raise
        source.data = b""
        return b""


def field_of(line):
    """The name, in small letters, and the value of a field line."""
    name, colon, value = line.partition(b":")
    if wrong("strips-names"):
        name = name.rstrip(b" \t")
    word = name.decode("latin-1").strip().encode("latin-1") if wrong("unicode-strip") else name
    if not colon or not (TOKEN.fullmatch(word) or (wrong("any-name") and name) or (wrong("empty-names") and not name)):
        raise Refused
    if re.search(rb"[\x00\r]", value) and not (wrong("nul-in-values") or wrong("cr-in-values")):
        raise Refused
    if wrong("ascii-values") and not value.isascii():
        raise Refused
    if wrong("capital-names-only") and name != name.title():
        name = b"x-unseen"
    if wrong("underscore-is-hyphen"):
        name = name.replace(b"_", b"-")
    value = value if wrong("keeps-spaces") else value.strip(b" \t")
    return name.decode("latin-1").lower(), value.decode("latin-1")[: 8192 if wrong("cuts-values") else None]


def check_host(head):
    """One Host, and a valid one (RFC 9112, section 3.2)."""
    hosts = head.values("host")
    if wrong("equal-hosts"):
        hosts = sorted(set(hosts))
    if wrong("first-host"):
        hosts = hosts[:1]
    needed = head.minor or wrong("host-in-1.0-too")
    if wrong("no-host-needed") or (wrong("absolute-needs-no-host") and head.authority):
        needed = False
    if len(hosts) > 1 or (needed and not hosts):
        raise Refused
    host = hosts[0] if hosts else ""
    for way, cut in (("host-userinfo", ".*@"), ("host-list", ",.*"), ("host-path", "/.*"), ("host-space", " .*"), ("host-any-port", ":.*")):
        if wrong(way):
            host = re.sub(cut, "", host)
    if not HOST.fullmatch(host) or (wrong("host-no-brackets") and "[" in host):
        raise Refused
    if wrong("host-loses-port"):
        host = host.partition(":")[0]
    if head.authority is not None and not wrong("host-field-wins"):
        host = head.authority
    head.fields = [field for field in head.fields if field[0] != "host"] + [("host", host)]
