"""A cell while it runs: its channel, servers, clients, holders and saved values. The verbs act on it."""

from __future__ import annotations

import os
import ssl
import sys
import time
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from threading import Thread

import psutil

from ..language.observations import Counts
from ..language.scenario import Step
from ..machine import addresses, certificates, port_probes, process_tree, server_process, socket_table
from ..machine.deadlines import Deadline
from ..machine.server_process import ServerProcess
from ..model.values import Json
from .background import Background as Background
from .channel_kinds import Channels
from .channel_listeners import listens
from .coverage_contexts import Contexts
from .http_client import Client
from .job import CellJob
from .notifications import Notifications
from .port_holders import Holder
from .saved_values import saved
from .server_launch import How, Launch, launch_argv, unmeasured
from .transcript import Transcript
from .volley import Volley


class Unable(Exception):
    """A step is not possible in the cell's current state; the message becomes the observation."""


class TimedOut(Exception):
    """A step missed its deadline; ``seen`` is what was observed until then."""

    def __init__(self, waiting_for: str, seen: Mapping[str, object] | None = None) -> None:
        super().__init__(waiting_for)
        self.seen = {**(seen or {}), "waiting_for": waiting_for}


class CellRun:
    """The state of one running cell."""

    def __init__(self, job: CellJob, claim: addresses.Claim, work: Path) -> None:
        self.cell = job.cell
        self.scenario = job.scenario
        self.target = job.target
        self.subject = job.subject
        self.host = claim.host
        self.base_port = claim.port
        self.folder = job.folder
        self.work = work
        self.run = job.run
        # Why its launches are not measured; "" if they are.
        self.off = unmeasured(job.measure, job.scenario, job.subject, job.target)
        self.contexts: Contexts | None = None  # of a launch that several cells share
        self.marker = job.cell  # in the environment of its processes
        self.channels = Channels(job.scenario.channel, claim.host, claim.port, work)
        self.values = self.channels.values()
        self._given = frozenset(self.values)  # later values may be pids; these are addresses and ports
        self.servers: dict[str, ServerProcess] = {}
        self.launches: list[Launch] = []
        self.clients: dict[str, Client] = {}  # the connections that steps keep
        self.used: dict[Client, tuple[int, str]] = {}  # every connection: the step that used it last, and its name
        self.holders: dict[int, Holder] = {}
        self.backgrounds: dict[str, Background] = {}
        self.volleys: dict[str, Volley] = {}  # those in the background
        self.marks: dict[str, int] = {}  # the size of each server's log before the last act that disturbed it
        self.samples: dict[str, list[Counts]] = {}
        self.notifications = Notifications(self.channels.folder)
        self.transcript = Transcript(self.clock)
        self._started = time.monotonic()

    def clock(self) -> float:
        """Seconds since the cell began."""
        return time.monotonic() - self._started

    def port(self, channel: int) -> int:
        """The port of the cell's n-th channel."""
        return self.channels.port(channel)

    def at(self, channel: int) -> tuple[str, int]:
        """Where clients of a channel connect: host and port, or a path and 0."""
        return self.channels.at(channel)

    def server(self, name: str) -> ServerProcess:
        """A server by its name in the scenario; raises Unable if it was not started."""
        if name not in self.servers:
            raise Unable(f"server {name!r} was not started")
        return self.servers[name]

    def launch(self, name: str, channel: int, app: str, extra: dict[str, str], notify: bool = False) -> ServerProcess:
        """Start a server process; it is not ready yet."""
        if name in self.servers and self.servers[name].running:
            raise Unable(f"server {name!r} is already running, as pid {self.servers[name].pid}")
        context = self.contexts.argument if self.contexts else self.cell
        launch = Launch.prepare(self.folder, len(self.launches) + 1, name, context, self.target, self.subject, self.off)
        handed = self.channels.launch(channel)
        extra = {**(self.notifications.for_launch(name, channel, self.at) if notify else {}), **handed.environment, **extra}
        argv = launch_argv(
            self.subject,
            self.target,
            launch,
            How(
                values=handed.values,
                before=handed.before,
                app=self.work / self.subject.apps[app].name if app else None,
                channel=self.scenario.channel,
                certificate=self.certificate,
                reload=self.scenario.reload,
            ),
        )
        log, inherits = self.folder / f"{name}.log", (*(self.contexts.inherits if self.contexts else ()), *handed.inherits)
        server = ServerProcess(name, argv, self.work, self._environment(extra), log, channel, inherits)
        launch.process = server
        self.launches.append(launch)
        self.servers[name] = server
        return server

    def _environment(self, extra: dict[str, str]) -> dict[str, str]:
        return server_process.environment(self.work, self.run, {server_process.CELL_MARKER: self.marker, **extra})

    @cached_property
    def certificate(self) -> certificates.Certificate | None:
        """The certificate of the cell's servers, if they speak TLS; of a launch that several cells share there is one."""
        return certificates.make(self.work / "tls", self.host) if self.scenario.tls else None

    def adopt(self, other: CellRun) -> None:
        """Go on with the servers of another cell on the same channel: they answer several cells, one after the other."""
        self.servers, self.launches, self.marker = other.servers, other.launches, other.marker
        self.certificate = other.certificate

    def save(self, step: Step, seen: Json) -> None:
        """Save values for later steps."""
        self.values.update(saved(step, seen))

    def roles(self) -> dict[int, str]:
        """The roles of the processes that this cell knows: a server's name, a name that a step saved, or "descendant".

        The workers of a server have its role while it lives. Any other process is an orphan.
        """
        found = {int(value): name for name, value in self.values.items() if value.isdigit() and name not in self._given}
        found.update({server.pid: name for name, server in self.servers.items()})
        found[os.getpid()] = "harness"
        workers = "fork-workers" in self.subject.capabilities
        for name, server in self.servers.items():
            for pid in process_tree.descendant_pids(server.pid) if server.running else ():
                found.setdefault(pid, name if workers else "descendant")
        return found

    def family(self) -> list[psutil.Process]:
        """All live processes started by this cell: a worker runs one cell at a time and is their subreaper.

        Without subreapers, orphans are found by the cell's marker.
        """
        server_process.reap({launch.process.pid for launch in self.launches if launch.process is not None})
        found = server_process.descendants()
        if sys.platform != "linux":
            found += [p for p in server_process.marked(server_process.CELL_MARKER, self.marker) if p not in found]
        return found

    def sockets(self) -> list[socket_table.Socket]:
        """The sockets on the cell's address; for a cell on 127.0.0.1, those on its ports, also on wider addresses."""
        pids = [os.getpid(), *(p.pid for p in self.family())]
        if self.host not in (addresses.DEFAULT_HOST, addresses.IPV6_HOST):
            return socket_table.table([self.host], pids)
        return [
            sock
            for sock in socket_table.table([self.host, *addresses.WIDE_HOSTS], pids)
            if self.base_port <= sock.port < self.base_port + 9
        ]

    def serves(self, server: ServerProcess) -> bool:
        """Whether the listening socket on a server's channel belongs to it or to one of its workers, not to another holder."""
        mine, found = listens(self.channels, server, self.subject.patterns.get("bound-port", ""))
        self.values.update(found)
        return mine

    def answers(self, channel: int, patience: float = 0.0) -> bool:
        """Whether a request on a channel is answered, with any status; with ``patience`` the answer is read to its end."""
        return port_probes.answers(*self.at(channel), context=self.context(), patience=patience)

    def context(self) -> ssl.SSLContext | None:
        """The SSL context that trusts the cell's servers, if they have a certificate."""
        return self.certificate.context() if self.certificate else None

    def close_clients(self) -> None:
        """Close all connections, and let background requests finish."""
        for volley in self.volleys.values():
            volley.stop()
        for client in self.clients.values():
            client.close()
        for background in self.backgrounds.values():
            background.thread.join(Deadline(10.0).left)
        for volley in self.volleys.values():
            volley.ends(10.0)
        self.clients.clear()

    def unasked(self) -> list[Json]:
        """Unrequested data on connections, all of which are closed by now."""
        return [
            {"step": step, "name": name, "answers": answers, "error": error}
            for client, (step, name) in self.used.items()
            for answers, error in [client.unasked()]
            if answers or error
        ]

    def askers(self) -> list[Thread]:
        """The threads that ask in the background."""
        volleys = [thread for volley in self.volleys.values() for thread in volley.threads]
        return [*volleys, *(background.thread for background in self.backgrounds.values())]

    def is_quiet(self) -> bool:
        """Whether no server owes an answer."""
        asking = any(thread.is_alive() for thread in self.askers())
        return not asking and not any(client.waits for client in self.clients.values())

    def close_channels(self) -> None:
        """Close the sockets that were handed over, and those of the service manager."""
        self.channels.close()
        self.notifications.close()

    def release_holders(self) -> None:
        """Release the ports that the harness held."""
        for holder in self.holders.values():
            holder.close()
        self.holders.clear()
