"""The tools ``caching``, a shared cache in this process (RFC 9111), and ``expires``.

The cache is ``enginebus._cache``: the first request that asks it makes it, and it is gone when the engine stops.
"""
import datetime
import re
import threading
import time

import enginebus

from ._compat import monotonic, text_type, to_bytes, urljoin
from .conditional import FileBody, close, validate
from .errors import HTTPError, HTTPRedirect, valid_status
from .headers import HeaderMap, http_date, parse_date
from .serving import serving
from .tools import attach

#: Methods that leave what is cached as it is; any other, and one that is not known, invalidates (RFC 9111, section 4.4).
SAFE = ("GET", "HEAD", "OPTIONS", "TRACE")

#: Statuses that a cache may keep without being told for how long (RFC 9110, section 15.1), less those of a part or of no page.
KEPT = (200, 203, 300, 301, 308, 404, 410)

#: Fields of one connection, which no cache keeps (RFC 9111, section 3.1); the length is that of the body.
_NOT_KEPT = ("Connection", "Content-Length", "Keep-Alive", "Proxy-Connection", "Te", "Transfer-Encoding", "Upgrade")

_DIRECTIVE = re.compile(r'([\w-]+)(?:[ \t]*=[ \t]*(?:"([^"]*)"|([^\s,"]*)))?')
_LOCK = threading.Lock()
_invalidations = [0]


def directives(field):
    """The directives of a Cache-Control field: {name: argument, "" where it has none}."""
    return dict((name.lower(), quoted or plain) for name, quoted, plain in _DIRECTIVE.findall(field or ""))


def _seconds(text, default):
    return min(int(text[:20]), 2 ** 31) if re.match(r"[0-9]+$", text) else default  # RFC 9111, section 1.2.2


def lifetime(headers, delay):
    """For how many seconds a response is fresh: what its fields say (RFC 9111, section 4.2.1), at most ``delay``.

    An argument that is no number, or a date that is none, is a time that has passed.
    """
    control = directives(headers.get("Cache-Control"))
    for name in ("s-maxage", "max-age"):  # this is a shared cache: section 5.2.2.10
        if name in control:
            return min(delay, _seconds(control[name], 0))
    if "Expires" in headers:
        until = parse_date(headers["Expires"])
        return min(delay, until - _dated(headers) if until is not None else 0)
    return delay


def _dated(headers):
    """When a response was made, by its Date: from then on it is fresh (section 4.2.1)."""
    return parse_date(headers.get("Date")) or time.time()


def _may_keep(request, response):
    """Whether the response may be kept at all: RFC 9111, section 3."""
    headers, control = response.headers, directives(response.headers.get("Cache-Control"))
    if request.method != "GET" or valid_status(response.status)[0] not in KEPT:
        return False
    if "no-store" in directives(request.headers.get("Cache-Control")):
        return False
    if any(word in control for word in ("no-store", "private", "no-cache")) or "no-cache" in headers.get("Pragma", ""):
        return False
    if "Authorization" in request.headers and not any(
            word in control for word in ("public", "must-revalidate", "s-maxage")):  # section 3.5
        return False
    # Section 7.3: what sets a cookie is meant for one client. Section 4.1: what varies with "*" fits no other request.
    return not (response.set_cookies() or "Set-Cookie" in headers or "*" in headers.get("Vary", ""))


class _Variants(dict):
    """What is kept of one URI: {values of the request's fields that Vary names: (expires, size, variant)}."""

    def __init__(self, names):
        dict.__init__(self)
        self.selecting_headers = names
        self.pending = {}  # the same keys: Events of the variants that a thread is making

    def key(self, request):
        """The values that select a variant; a field that is not there is another one than an empty one."""
        return tuple(request.headers.get(name) for name in self.selecting_headers)


class MemoryCache(object):
    """Keeps responses in memory; a class of one's own has ``get``, ``put``, ``delete`` and ``clear``, and may have ``delay``.

    A variant is (status, headers, body, time), kept by the URI of the request and by what Vary names. Where it is full,
    nothing is added until something has expired. A thread that asks for what another one is making waits for it.
    """

    delay = 600  # seconds for which a response is kept that does not say for how long
    maxobjects = 1000  # variants
    maxobj_size = 100000  # bytes of a body, which must be smaller
    maxsize = 10000000  # bytes of all bodies together, likewise
    antistampede_timeout = 5  # seconds that a thread waits for another; 0: it does not
    expire_freq = 0.1  # seconds between two looks for what has expired

    def __init__(self):
        self._lock = threading.Lock()
        self.clear()

    def clear(self):
        """Forget everything, the counts too."""
        with self._lock:
            self.store = {}
            self.cursize = self._objects = self._next_look = 0
            self.tot_puts = self.tot_gets = self.tot_hist = self.tot_expires = self.tot_non_modified = 0

    def get(self):
        """The variant for this thread's request; None where the thread is to make it, and to ``release`` those that wait."""
        request, deadline = serving.request, monotonic() + (self.antistampede_timeout or 0)
        with self._lock:
            self.tot_gets += 1
        while True:
            with self._lock:
                self._expire()
                variants = self.store.get(request.url)
                if variants is None:
                    return None
                key = variants.key(request)
                if key in variants:
                    self.tot_hist += 1
                    return variants[key][2]
                event = variants.pending.get(key)
                if event is None:
                    variants.pending[key] = threading.Event()
                    request.cache_pending = (variants, key)
                    return None
            if monotonic() >= deadline:
                return None
            event.wait(deadline - monotonic())

    def release(self):
        """Let go the threads that wait for this one: it has kept its response, or will not."""
        variants, key = serving.request.__dict__.pop("cache_pending", (None, None))
        if variants is not None:
            with self._lock:
                variants.pending.pop(key).set()

    def put(self, variant, size):
        """Keep a variant for this thread's request, where there is room."""
        request, url = serving.request, serving.request.url
        names = sorted(set(name.strip().lower() for name in variant[1].get("Vary", "").split(",") if name.strip()))
        with self._lock:
            variants = self.store.get(url)
            if variants is None or variants.selecting_headers != names:
                self._drop(url)
                variants = _Variants(names)
            key = variants.key(request)
            self._remove(variants, key)
            if self._full(size):
                self._expire(at_once=True)
            if not self._full(size) and size < self.maxobj_size:
                self.store[url] = variants
                variants[key] = (monotonic() + getattr(request, "cache_lifetime", self.delay), size, variant)
                self._objects += 1
                self.cursize += size
                self.tot_puts += 1

    def delete(self, url=None):
        """Forget all variants of a URI (default: that of this thread's request)."""
        with self._lock:
            self._drop(serving.request.url if url is None else url)

    def _full(self, size):
        return self._objects >= self.maxobjects or self.cursize + size >= self.maxsize

    def _drop(self, url):
        variants = self.store.pop(url, {})
        for key in list(variants):
            self._remove(variants, key)

    def _remove(self, variants, key):
        if key in variants:
            self.cursize -= variants.pop(key)[1]
            self._objects -= 1

    def _expire(self, at_once=False):
        """Forget what has expired. A URI stays known, for threads to wait for one another, while there are not too many."""
        now = monotonic()
        if now < self._next_look and not at_once:
            return
        self._next_look = now + self.expire_freq
        for url, variants in list(self.store.items()):
            for key in [key for key, entry in variants.items() if entry[0] <= now]:
                self._remove(variants, key)
                self.tot_expires += 1
            if not variants and len(self.store) > self.maxobjects:
                del self.store[url]


def _the_cache(cache_class, limits):
    """The cache of this process; the first to ask makes it."""
    with _LOCK:
        cache = getattr(enginebus, "_cache", None)
        if cache is None:
            cache = enginebus._cache = cache_class()
            for name, value in limits.items():
                if value is not None:
                    setattr(cache, name, value)
            enginebus.engine.subscribe("stop", drop)
    return cache


def drop():
    """Forget the cache, with everything in it; the next request makes another."""
    with _LOCK:
        cache = enginebus.__dict__.pop("_cache", None)
    if cache is not None:
        cache.clear()


def serve(cache_class=MemoryCache, invalid_methods=None, delay=None, maxobjects=None, maxobj_size=None, maxsize=None,
          antistampede_timeout=None, expire_freq=None):
    """The tool ``caching``: answer with what is kept, or see to it that the answer is kept.

    The first request settles class and limits, for there is one cache; ``delay`` counts for each path that has its own.
    """
    request, cache = serving.request, _the_cache(cache_class, dict(
        delay=delay, maxobjects=maxobjects, maxobj_size=maxobj_size, maxsize=maxsize,
        antistampede_timeout=antistampede_timeout, expire_freq=expire_freq))
    request.cached = request.cacheable = False
    if request.method not in SAFE if invalid_methods is None else request.method in invalid_methods:
        attach(request, "on_end_resource", _invalidate, failsafe=True, cache=cache)
    elif request.method in ("GET", "HEAD"):
        delay = getattr(cache, "delay", MemoryCache.delay) if delay is None else delay
        wants = directives(request.headers.get("Cache-Control"))
        if _seconds(wants.get("max-age", "0"), None) is None:
            raise HTTPError(400, "Invalid Cache-Control header")
        # What is kept is whole: a part of it is left to who can make one.
        if not ("no-cache" in wants or "no-cache" in request.headers.get("Pragma", "") or "Range" in request.headers):
            if hasattr(cache, "release"):
                attach(request, "on_end_request", cache.release, failsafe=True)
            request.cached = _answer(cache, cache.get(), wants, delay)
        if not request.cached:
            request.cacheable = True
            attach(request, "before_finalize", _keep, 100, cache=cache, delay=delay, seen=_invalidations[0])


def _answer(cache, variant, wants, delay):
    """Answer with a variant; False where it is not there, no longer fresh, or not fresh enough for the client."""
    if variant is None:
        return False
    request, response = serving.request, serving.response
    status, headers, body, made = variant
    age, fresh = max(time.time() - made, 0), lifetime(headers, delay)
    if int(age) > _seconds(wants.get("max-age", ""), fresh) or fresh - age <= _seconds(wants.get("min-fresh", ""), 0):
        return False
    close(response.body)  # a tool may have opened a file to answer with
    response.headers = HeaderMap(headers.items())
    response.headers["Age"] = str(int(age))  # RFC 9111, section 5.1
    response.status, response.body, request.handler = status, body, None
    try:
        validate()  # section 4.3.2
    except HTTPRedirect:
        cache.tot_non_modified = getattr(cache, "tot_non_modified", 0) + 1
        raise
    return True


def _keep(cache, delay, seen):
    """Put the response into the cache as it is sent, if it may be kept and comes to its end."""
    request, response = serving.request, serving.response
    headers = HeaderMap((name, value) for name, value in response.headers.items() if name not in _NOT_KEPT)
    request.cache_lifetime = lifetime(headers, delay)
    if request.cache_lifetime <= 0 or not _may_keep(request, response):
        return

    def put(body):
        if seen == _invalidations[0]:  # else it may show what was before
            cache.put((response.status, headers, body, time.time()), len(body))

    if isinstance(response.body, (bytes, text_type)):
        put(to_bytes(response.body))
    else:
        length = _seconds(str(response.headers.get("Content-Length", "")), None)
        response.body = _tee(response.body, put, length, getattr(cache, "maxobj_size", MemoryCache.maxobj_size))


def _tee(body, put, length, limit):
    """A body that is collected while it is sent, until it is too large; what did not come to its end is not kept.

    The part that completes its length waits until the body is kept: a client that has it whole may ask again at once.
    """
    parts, size, held = [], 0, None
    try:
        for part in FileBody(body) if hasattr(body, "read") else body or ():
            part = to_bytes(part)
            size += len(part)
            parts = parts + [part] if size < limit else []
            if held is not None:  # it was not the last one
                yield held
                held = None
            if size == length:
                held = part
            else:
                yield part
    finally:
        close(body)
    if size < limit and length in (None, size):
        put(b"".join(parts))
    if held is not None:
        yield held


def _invalidate(cache):
    """Forget the URI of a request that may have changed something, and those of the same server that its answer names."""
    request, response = serving.request, serving.response
    with _LOCK:
        _invalidations[0] += 1
    cache.delete()
    if isinstance(cache, MemoryCache):
        for name in ("Location", "Content-Location"):
            url = urljoin(request.url, response.headers.get(name, ""))
            if url.startswith(request.base + "/"):
                cache.delete(url)


def expires(secs=0, force=False, debug=False):
    """The tool ``expires``: say when the response is stale, in seconds from now; 0 says that it is by now.

    Without ``force`` it leaves alone what is there, and a response of which nothing says that it can be cached.
    """
    headers = serving.response.headers
    if not force and not any(name in headers for name in ("ETag", "Last-Modified", "Age", "Expires")):
        return
    if isinstance(secs, datetime.timedelta):
        secs = secs.days * 86400 + secs.seconds
    if secs == 0:
        fields = {"Pragma": "no-cache", "Expires": "Sun, 28 Jan 2007 00:00:00 GMT"}
        if serving.request.protocol >= (1, 1):
            fields["Cache-Control"] = "no-cache, must-revalidate"
    else:
        fields = {"Expires": http_date(_dated(headers) + secs)}
    for name, value in fields.items():
        if force or name not in headers:
            headers[name] = value
