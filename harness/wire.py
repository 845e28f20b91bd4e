"""The harness's HTTP clients: requests over sockets that record every byte, and raw bytes."""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Callable
from typing import Any

import requests
import requests.adapters
import urllib3
import urllib3.connection
import urllib3.connectionpool

from .model import Json
from .responses import MAX_BODY

MAX_RECORDED = 16 * 1024  # bytes of one direction of one step that are kept


class Transcript:
    """The bytes of one step in both directions, with times on the cell's clock (seconds)."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self.entries: list[Json] = []
        self._clock = clock
        self._sizes = {"sent": 0, "received": 0}

    def add(self, direction: str, data: bytes) -> None:
        """Record bytes; beyond MAX_RECORDED only how many they were."""
        if not data:
            return
        room = max(0, MAX_RECORDED - self._sizes[direction])
        self._sizes[direction] += len(data)
        entry: Json = {"at": round(self._clock(), 4), "direction": direction, "bytes": len(data),
                       "text": data[:room].decode("latin-1")}
        if len(data) > room:
            entry["cut"] = len(data) - room
        self.entries.append(entry)

    def note(self, what: str) -> None:
        """Record an event that is not bytes."""
        self.entries.append({"at": round(self._clock(), 4), "direction": "event", "bytes": 0, "text": what})


class RecordingSocket(socket.socket):
    """A socket that writes what passes through it into a transcript."""

    transcript: Transcript

    @classmethod
    def take(cls, plain: socket.socket, transcript: Transcript) -> RecordingSocket:
        """Take a connected socket over."""
        timeout = plain.gettimeout()
        recording = cls(plain.family, plain.type, plain.proto, fileno=plain.detach())
        recording.settimeout(timeout)
        recording.transcript = transcript
        return recording

    def sendall(self, data: Any, *flags: int) -> None:
        """Send and record."""
        super().sendall(data, *flags)
        self.transcript.add("sent", bytes(data))

    def recv_into(self, buffer: Any, nbytes: int = 0, flags: int = 0) -> int:
        """Receive and record; http.client reads through this."""
        count = super().recv_into(buffer, nbytes, flags)
        self.transcript.add("received", bytes(memoryview(buffer)[:count]))
        return count

    def recv(self, bufsize: int, flags: int = 0) -> bytes:
        """Receive and record."""
        data = super().recv(bufsize, flags)
        self.transcript.add("received", data)
        return data


def recording_tls(client: Client, authority: str) -> ssl.SSLContext:
    """A client's TLS settings whose sockets record what is said inside the encryption."""

    class RecordingTLSSocket(ssl.SSLSocket):
        def send(self, data: Any, flags: int = 0) -> int:
            count = super().send(data, flags)
            client.transcript.add("sent", bytes(memoryview(data)[:count]))
            return count

        def recv_into(self, buffer: Any, nbytes: int | None = None, flags: int = 0) -> int:
            count = super().recv_into(buffer, nbytes, flags)
            client.transcript.add("received", bytes(memoryview(buffer)[:count]))
            return count

    context = ssl.create_default_context(cafile=authority)
    context.sslsocket_class = RecordingTLSSocket
    return context


class Client:
    """One requests session of its own, with its connections recorded: no proxies, no environment, no retries.

    ``authority`` is the file of the certificate authority that it trusts (PEM), for https.
    """

    def __init__(self, transcript: Transcript, authority: str | None = None) -> None:
        self.transcript = transcript
        self.sockets: list[RecordingSocket] = []
        client = self

        class Connection(urllib3.connection.HTTPConnection):
            def _new_conn(self) -> socket.socket:
                recording = RecordingSocket.take(super()._new_conn(), client.transcript)
                client.sockets.append(recording)
                return recording

        class Pool(urllib3.connectionpool.HTTPConnectionPool):
            ConnectionCls = Connection

        class Adapter(requests.adapters.HTTPAdapter):
            def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
                super().init_poolmanager(*args, **kwargs)
                self.poolmanager.pool_classes_by_scheme = {"http": Pool}

        class SecureAdapter(requests.adapters.HTTPAdapter):
            def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
                super().init_poolmanager(*args, **kwargs, ssl_context=recording_tls(client, authority or ""))

        self.session = requests.Session()
        self.session.trust_env = False
        # A redirect is an answer like another: requests would read its body, and throw it away, to see where it leads.
        self.session.get_redirect_target = lambda resp: None  # type: ignore[method-assign]
        self.session.headers.clear()
        self.session.headers["User-Agent"] = "harness"
        self.session.mount("http://", Adapter(max_retries=0))
        if authority:
            self.session.verify = authority
            self.session.mount("https://", SecureAdapter(max_retries=0))

    def follow(self, transcript: Transcript) -> None:
        """Record into another step's transcript from now on."""
        self.transcript = transcript
        for sock in self.sockets:
            sock.transcript = transcript

    def request(self, method: str, url: str, headers: dict[str, str], body: bytes | None, seconds: float) -> Json:
        """Send one request and return what came back; an error of the connection is an observation too."""
        started = time.monotonic()
        seen: Json = {"status": None, "reason": None, "body": None, "headers": None, "closed": None, "error": ""}
        try:
            # A prepared URL is not normalised any further: "/a/../b" goes out as it is written.
            prepared = self.session.prepare_request(requests.Request(method, url, headers=headers, data=body))
            prepared.url = url
            response = self.session.send(prepared, timeout=seconds, allow_redirects=False, stream=True)
            content = response.raw.read(MAX_BODY, decode_content=True)
            seen.update(status=response.status_code, reason=response.reason, headers=dict(response.headers),
                        body=content.decode("utf-8", "replace"),
                        closed=response.headers.get("Connection", "").lower() == "close")
            response.raw.release_conn()
        except requests.exceptions.ReadTimeout as error:
            seen.update(error=_kind(error), timed_out=True)
        except (requests.exceptions.RequestException, urllib3.exceptions.HTTPError, OSError) as error:
            seen["error"] = _kind(error)
        seen["seconds"] = round(time.monotonic() - started, 4)
        return seen

    def close(self) -> None:
        """Close all connections."""
        self.session.close()


def _kind(error: BaseException) -> str:
    """The name of the innermost error of the standard library: "ConnectionRefusedError" says more than "ConnectionError"."""
    inner: BaseException | None = error
    chain: list[BaseException] = []
    while inner is not None and len(chain) < 8:
        chain.append(inner)
        reason = getattr(inner, "reason", None)
        inner = inner.__cause__ or inner.__context__ or (reason if isinstance(reason, BaseException) else None)
    standard = [e for e in chain if not type(e).__module__.startswith(("urllib3", "requests"))]
    return type((standard or chain)[-1]).__name__
