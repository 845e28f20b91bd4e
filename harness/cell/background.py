"""A request whose answer a later step waits for."""

from __future__ import annotations

import threading
from collections.abc import Callable

from ..language.observations import Answer
from .http_client import Client
from .transcript import Transcript


class Background:
    """A request whose answer a later step waits for; its bytes are recorded for that step."""

    def __init__(self, client: Client, send: Callable[[], Answer], transcript: Transcript, name: str) -> None:
        self.client = client
        self.transcript = transcript
        self.thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._send = send
        self._seen: Answer = {}
        self._problem: BaseException | None = None

    def _run(self) -> None:
        try:
            self._seen = self._send()
        except BaseException as problem:  # raised in the step that waits
            self._problem = problem

    def seen(self) -> Answer:
        """The observation; raises the exception of the request, if any."""
        if self._problem is not None:
            raise self._problem
        return self._seen
