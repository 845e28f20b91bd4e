"""Header fields: a map of them, their lists of elements, and dates."""
import calendar
import re
import time
from email.utils import formatdate

from ._compat import to_native

#: A method or the name of a field: RFC 9110, section 5.6.2.
TOKEN = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

#: The three forms of a date, RFC 9110, section 5.6.7: the one of today, RFC 850's, asctime's.
_DATES = tuple(re.compile(pattern) for pattern in (
    r"[A-Z][a-z]{2}, (?P<day>\d\d) (?P<month>[A-Z][a-z]{2}) (?P<year>\d{4}) (?P<time>\d\d:\d\d:\d\d) GMT$",
    r"[A-Z][a-z]{5,8}, (?P<day>\d\d)-(?P<month>[A-Z][a-z]{2})-(?P<year>\d\d) (?P<time>\d\d:\d\d:\d\d) GMT$",
    r"[A-Z][a-z]{2} (?P<month>[A-Z][a-z]{2}) (?P<day>[ \d]\d) (?P<time>\d\d:\d\d:\d\d) (?P<year>\d{4})$"))

#: What stands between commas or semicolons: quoted strings are not cut.
#: A quote that is not closed takes the rest: nothing is tried twice, or a field of 32 KB would cost half a minute.
_ITEM = r'(?:[^%s"]|"(?:[^"\\]|\\.)*(?:"|\\?$))+'
_BETWEEN_COMMAS, _BETWEEN_SEMICOLONS = re.compile(_ITEM % ","), re.compile(_ITEM % ";")


class HeaderMap(dict):
    """Field values by name, whatever the case of the name; names come out as ``Content-Type``."""

    def __init__(self, fields=()):
        dict.__init__(self)
        for name, value in fields:
            self[name] = value

    def __getitem__(self, name):
        return dict.__getitem__(self, _spelling(name))

    def __setitem__(self, name, value):
        dict.__setitem__(self, _spelling(name), value)

    def __delitem__(self, name):
        dict.__delitem__(self, _spelling(name))

    def __contains__(self, name):
        return dict.__contains__(self, _spelling(name))

    def get(self, name, default=None):
        """The value of a field, or the default."""
        return dict.get(self, _spelling(name), default)

    def pop(self, name, *default):
        """Remove a field and return its value."""
        return dict.pop(self, _spelling(name), *default)

    def setdefault(self, name, value=None):
        """Set a field that is not there; return what it is then."""
        return dict.setdefault(self, _spelling(name), value)

    def update(self, fields):
        """Set several fields, of a mapping or of pairs."""
        for name, value in (fields.items() if hasattr(fields, "items") else fields):
            self[name] = value

    def elements(self, name):
        """The elements of a list field; those of ``Accept`` and its like with the most wanted first."""
        return header_elements(name, self.get(name))

    def values(self, name=None):
        """All values; or those of the elements of one list field, as text."""
        return dict.values(self) if name is None else [element.value for element in self.elements(name)]


def _spelling(name, known={}):
    """``content-type`` as ``Content-Type``; spellings are kept, as long as there are not too many of them."""
    found = known.get(name)
    if found is None:
        found = to_native(name).title()
        if len(known) < 500:
            known[name] = found
    return found


class Element(object):
    """One element of a list field: its value, its parameters, and how much it is wanted (``q``)."""

    def __init__(self, value, params=()):
        self.value = value
        self.params = dict(params)

    @property
    def qvalue(self):
        """The weight from 0 to 1 (RFC 9110, section 12.4.2); one that cannot be read counts as 1."""
        text = self.params.get("q", "1")
        return float(text) if re.match(r"(0(\.\d{0,3})?|1(\.0{0,3})?)$", text) else 1.0

    def __str__(self):
        return self.value + "".join(";%s=%s" % item for item in sorted(self.params.items()))

    def __eq__(self, other):
        return str(self) == str(other)

    def __ne__(self, other):
        return str(self) != str(other)

    __hash__ = None


def header_elements(name, value):
    """Parse a list field into its Elements; empty elements are none (RFC 9110, section 5.6.1.2)."""
    found = []
    for item in _BETWEEN_COMMAS.findall(value or ""):
        parts = [part.strip() for part in _BETWEEN_SEMICOLONS.findall(item)]
        if not parts or not parts[0]:
            continue
        params = {}
        for part in parts[1:]:
            key, _, text = part.partition("=")
            if key.strip():
                params[key.strip().lower()] = unquoted(text.strip())
        found.append(Element(parts[0], params))
    if name.lower().startswith("accept") or name.lower() == "te":
        # The most wanted first; of equals the most specific: "*" comes before any letter, and "a/b" before "a/b;level=1".
        found.sort(key=lambda element: (element.qvalue, str(element)), reverse=True)
    return found


def unquoted(text):
    """The content of a quoted string (RFC 9110, section 5.6.4); other text as it is."""
    if len(text) > 1 and text[0] == text[-1] == '"':
        return re.sub(r"\\(.)", r"\1", text[1:-1])
    return text


def http_date(seconds=None, last=[(None, "")]):
    """Seconds since the epoch (default: now) as ``Sun, 06 Nov 1994 08:49:37 GMT``; the present second's is kept."""
    if seconds is not None:
        return formatdate(seconds, usegmt=True)
    now = int(time.time())
    if last[0][0] != now:
        last[0] = (now, formatdate(now, usegmt=True))
    return last[0][1]


def parse_date(text):
    """Seconds since the epoch of a date in any of HTTP's three forms; None for what is no date."""
    for form in _DATES:
        match = form.match(text or "")
        if match and match.group("month") in _MONTHS:
            year = int(match.group("year"))
            if len(match.group("year")) == 2:  # a year that seems more than 50 years ahead is past: RFC 9110, section 5.6.7
                year += 2000 if year + 2000 <= time.gmtime().tm_year + 50 else 1900
            hour, minute, second = (int(part) for part in match.group("time").split(":"))
            day = int(match.group("day"))
            if 1 <= day <= 31 and hour < 24 and minute < 60 and second <= 60 and year >= 1601:
                return calendar.timegm((year, _MONTHS.index(match.group("month")) + 1, day, hour, minute, second))
    return None
