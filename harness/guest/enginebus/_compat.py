"""The one place where Python 2.7 and Python 3 differ.

Each name is found by trying the import (or the attribute), never by asking
for the version: a Python that is not known yet takes the branch that works.
Text is bytes at the edges (socket, log file) and text inside.
"""
import inspect
import os
import socket
import sys
from collections import namedtuple

try:
    from http import HTTPStatus

    RESPONSES = dict((int(status), (status.phrase, status.description)) for status in HTTPStatus)
except ImportError:  # Python 2.7
    from BaseHTTPServer import BaseHTTPRequestHandler

    RESPONSES = dict(BaseHTTPRequestHandler.responses)

try:
    from http.cookies import CookieError, SimpleCookie
except ImportError:  # Python 2.7
    from Cookie import CookieError, SimpleCookie

try:
    from urllib.parse import quote, unquote_to_bytes, urljoin
except ImportError:  # Python 2.7: str is bytes, so unquote gives bytes
    from urllib import quote
    from urllib import unquote as unquote_to_bytes
    from urlparse import urljoin

try:
    from threading import get_ident
except ImportError:  # Python 2.7
    from thread import get_ident

try:
    from html import escape as _escape
except ImportError:  # Python 2.7
    from cgi import escape as _escape

try:
    text_type = unicode
except NameError:
    text_type = str

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None

try:
    from os import fsencode
except ImportError:  # Python 2.7, where a name of a file is bytes, or is encoded as text is
    def fsencode(path):
        """The name of a file as bytes: what is not text in any encoding is found all the same."""
        return to_bytes(path)

def peek(sock):
    """The next byte of a connection, which stays there; of an SSLSocket the next one below TLS."""
    if hasattr(sock, "_sock"):  # Python 2.7
        return sock._sock.recv(1, socket.MSG_PEEK)
    return socket.socket.recv(sock, 1, socket.MSG_PEEK)


try:
    from time import monotonic
except ImportError:  # Python 2.7 has no clock that is never set
    from time import time as monotonic

__all__ = [
    "RESPONSES", "CookieError", "Signature", "SimpleCookie", "close_on_exec", "escape", "fsencode", "get_ident", "monotonic", "original_argv",
    "peek", "quote", "raw_stream", "signature_of", "socket_from_descriptor", "text_type", "to_bytes", "to_native", "to_text",
    "unquote_to_bytes", "urljoin",
]

#: What the parameter check needs of a callable: names in order, and sets of names.
Signature = namedtuple("Signature", "positional optional positional_only keyword_only varargs varkw")


def escape(text, quote=False):
    """Escape text for the content of an HTML element; with ``quote`` for an attribute in double quotes, too."""
    return _escape(text, quote)


def to_bytes(value, encoding="utf-8"):
    """Encode text; bytes pass through."""
    if isinstance(value, text_type):
        return value.encode(encoding, "replace")
    return value


def to_text(value, encoding="utf-8"):
    """Decode bytes; text passes through."""
    if isinstance(value, text_type):
        return value
    return value.decode(encoding, "replace")


def to_native(value, encoding="utf-8"):
    """Give the ``str`` of this Python: bytes on 2.7, text on 3."""
    if isinstance(value, str):
        return value
    if isinstance(value, text_type):  # Python 2.7 unicode
        return value.encode(encoding)
    return value.decode(encoding)


def raw_stream(name):
    """Return the byte stream behind sys.stdout or sys.stderr, or None where there is none (pythonw)."""
    stream = getattr(sys, name, None)
    return getattr(stream, "buffer", stream)


def close_on_exec(sock):
    """Keep a socket out of the programs that this process starts.

    PEP 446 made that the default in 3.4; before, a child that outlives the server holds its port.
    """
    if hasattr(sock, "set_inheritable"):
        sock.set_inheritable(False)
    elif fcntl is not None:
        flags = fcntl.fcntl(sock.fileno(), fcntl.F_GETFD)
        fcntl.fcntl(sock.fileno(), fcntl.F_SETFD, flags | fcntl.FD_CLOEXEC)


def socket_from_descriptor(descriptor):
    """Return a socket for a descriptor that was handed in; the family is the descriptor's own.

    3.7 asks the kernel for the family; before, the address tells it: a path, or a tuple of two or four.
    """
    probe = socket.fromfd(descriptor, socket.AF_INET, socket.SOCK_STREAM)
    address = probe.getsockname()
    if isinstance(address, tuple):
        family = socket.AF_INET6 if len(address) == 4 else socket.AF_INET
    else:
        family = socket.AF_UNIX
    probe.close()
    return socket.fromfd(descriptor, family, socket.SOCK_STREAM)


def original_argv():
    """Return the command line of this process, interpreter options included.

    sys.argv has lost ``-s``, ``-E`` and ``-m``; a re-exec needs them.
    sys.orig_argv exists since 3.10 (bpo-23427); Linux tells it for older ones.
    """
    argv = getattr(sys, "orig_argv", None)
    if argv:
        return [sys.executable] + list(argv[1:])
    try:
        with open(os.path.join("/proc", "self", "cmdline"), "rb") as cmdline:
            words = cmdline.read().split(b"\0")[:-1]
    except (IOError, OSError):
        return [sys.executable] + sys.argv
    return [sys.executable] + [to_native(word) for word in words[1:]]


def signature_of(function, known={}):
    """Describe the parameters of a callable, without ``self`` where it is bound; those of methods are kept.

    Raises TypeError for what cannot be called or inspected.
    """
    key = getattr(function, "__func__", None)  # a method is another object each time, its function is not
    if key is None or not inspect.isfunction(key):
        return _signature_of(function)
    if key not in known and len(known) < 5000:
        known[key] = _signature_of(function)
    return known.get(key) or _signature_of(function)


def _signature_of(function):
    if not callable(function):
        raise TypeError("%r object is not callable" % type(function).__name__)
    try:
        inspect_signature = inspect.signature
    except AttributeError:  # Python 2.7
        return _signature_by_argspec(function)
    return _signature_by_inspection(inspect_signature, function)


def _signature_by_inspection(inspect_signature, function):
    try:
        parameters = inspect_signature(function).parameters.values()
    except ValueError as error:  # a builtin without a signature
        raise TypeError(str(error))
    positional = [p for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    keyword_only = [p for p in parameters if p.kind == p.KEYWORD_ONLY]
    return Signature(
        positional=[p.name for p in positional],
        optional=set(p.name for p in positional + keyword_only if p.default is not p.empty),
        positional_only=set(p.name for p in positional if p.kind == p.POSITIONAL_ONLY),
        keyword_only=set(p.name for p in keyword_only),
        varargs=any(p.kind == p.VAR_POSITIONAL for p in parameters),
        varkw=any(p.kind == p.VAR_KEYWORD for p in parameters),
    )


def _signature_by_argspec(function):
    """Python 2.7: no signature(), and no keyword-only or positional-only parameters either."""
    if inspect.isclass(function):
        function = function.__init__
    elif not inspect.isroutine(function):
        function = function.__call__
    names, varargs, varkw, defaults = inspect.getargspec(function)
    optional = set(names[len(names) - len(defaults or ()):])
    if inspect.ismethod(function):
        names = names[1:]
    return Signature(list(names), optional, set(), set(), bool(varargs), bool(varkw))
