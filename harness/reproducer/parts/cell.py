"""The cell: its folder, its port, the servers that were started, and the values that steps saved."""

from __future__ import annotations

import base64
import io
import os
import re
import socket
import ssl
import subprocess
import zipfile
from pathlib import Path
from threading import Thread
from typing import Any

from ...cell.channel_kinds import Channels
from ...cell.notifications import Notifications
from ...verdict.tracebacks import Tracebacks
from .free_ports import PORTS, free_ports
from .look import descendants, reap_orphans, socket_table
from .server import CannotTry, Server, Unable


class Cell:
    """What the steps act on; ``data`` is CELL above."""

    def __init__(self, data: dict[str, Any], python: str, folder: Path, files: str) -> None:
        self.data = data
        self.recipe: dict[str, Any] = data["server"]
        self.python = python
        self.folder = folder
        with zipfile.ZipFile(io.BytesIO(base64.b64decode(files))) as archive:
            archive.extractall(folder)
        (folder / "servers" / self.recipe["name"]).mkdir(parents=True, exist_ok=True)
        self.host = "::1" if data["channel"] == "ipv6" else "127.0.0.1"
        self.lock: socket.socket | None = None
        self.base = 8080
        if data["channel"] != "default":
            self.base, self.lock = free_ports("127.0.0.1")
        self.channels = Channels(data["channel"], self.host, self.base, folder)
        self.notifications = Notifications(self.channels.folder)
        self.values = self.channels.values()
        self.given = set(self.values)
        self.servers: dict[str, Server] = {}
        self.launches: list[Server] = []
        self.ended: dict[int, int] = {}  # a launch's place -> the step after which it had ended
        self.tracebacks = Tracebacks()
        self.step = 0  # the one that was done last
        self.seen: dict[int, dict[str, Any]] = {}
        self.marks: dict[str, int] = {}
        self.clients: dict[str, Any] = {}
        self.used: dict[Any, tuple[int, str]] = {}  # every connection: the step that used it last, and its name
        self.holders: dict[int, Any] = {}
        self.samples: dict[str, list[dict[str, Any]]] = {}
        self.backgrounds: dict[str, Any] = {}
        self.volleys: dict[str, Any] = {}
        self.certificate = self._certificate() if data["tls"] else None

    def _certificate(self) -> str:
        """A self-signed certificate, made by this machine's openssl: Python alone cannot make one."""
        made = str(self.folder / "certificate.pem")
        command = [
            "openssl",
            "req",
            "-x509",
            "-newkey",
            "rsa:2048",
            "-nodes",
            "-days",
            "2",
            "-subj",
            "/CN=reproducer",
            "-addext",
            f"subjectAltName=IP:{self.host}",
            "-keyout",
            str(self.folder / "key.pem"),
            "-out",
            made,
        ]
        try:
            subprocess.run(command, check=True, capture_output=True)
        except (OSError, subprocess.CalledProcessError) as error:
            raise CannotTry(f"this scenario uses TLS, and openssl could not make its certificate: {error}") from error
        return made

    def context(self) -> ssl.SSLContext | None:
        """The TLS context of a client, which trusts the server's certificate."""
        return ssl.create_default_context(cafile=self.certificate) if self.certificate else None

    def port(self, channel: int) -> int:
        """The n-th port."""
        return self.channels.port(channel)

    def at(self, channel: int) -> tuple[str, int]:
        """Where clients connect: host and port, or a path and 0."""
        return self.channels.at(channel)

    def server(self, name: str) -> Server:
        """A server that was started."""
        if name not in self.servers:
            raise Unable(f"server {name!r} was not started")
        return self.servers[name]

    def launch(self, name: str, channel: int, app: str, extra: dict[str, str], notify: bool = False) -> Server:
        """Start a server as the harness does: it gets nothing of the user's environment."""
        if name in self.servers and self.servers[name].running:
            raise Unable(f"server {name!r} is already running")
        file = self.folder / self.recipe["apps"][app] if app else None
        handed = self.channels.launch(channel)
        values = {
            **handed.values,
            "app": str(file or ""),
            "app_module": file.stem if file else "",
            "folder": str(self.folder / "servers" / self.recipe["name"]),
            "certificate": self.certificate or "",
            "key": str(self.folder / "key.pem"),
        }
        kind = "default_channel_args" if self.data["channel"] == "default" else "args"
        kind = "tls_args" if self.data["tls"] else "reload_args" if self.data["reload"] else kind
        patterns = self.recipe.get("channel_args", {}).get(self.data["channel"]) or self.recipe[kind]
        before = [*handed.before, self.python, "-s"] if handed.before else []
        argv = [self.python, "-s", *before, *(word.format(**values) for word in [*self.recipe["entry"], *patterns])]
        kept = {name: os.environ[name] for name in ("SYSTEMROOT", "COMSPEC", "PATHEXT", "TZ") if name in os.environ}
        paths = os.pathsep.join(str(self.folder / name) for name in ("guest", "installed"))
        environment = {
            **kept,
            "PATH": os.defpath,
            "HOME": str(self.folder),
            "TMPDIR": str(self.folder),
            "LANG": "C.UTF-8",
            "LC_ALL": "C.UTF-8",
            "PYTHONPATH": paths,
            "PYTHONDONTWRITEBYTECODE": "1",
            **(self.notifications.for_launch(name, channel, self.at) if notify else {}),
            **handed.environment,
            **extra,
        }
        server = self.servers[name] = Server(name, argv, self.folder, environment, channel, handed.inherits)
        self.launches.append(server)
        return server

    def look(self, step: int) -> None:
        """After a step, note which servers have ended and what was logged; step 0: after all were stopped."""
        self.step = step
        for place, server in enumerate(self.launches):
            if not server.running:
                self.ended.setdefault(place, step)
        for server in self.servers.values():
            self.tracebacks.look(step, server.name, server.log)

    def ends(self) -> list[dict[str, Any]]:
        """How each launch ended."""
        return [
            {
                "launch": place,
                "server": server.name,
                "pid": server.popen.pid,
                "exit": server.popen.poll(),
                "step": self.ended.get(place, 0),
                "signals": server.signals,
            }
            for place, server in enumerate(self.launches)
        ]

    def family(self) -> list[int]:
        """All living processes of this cell."""
        for server in self.servers.values():
            server.popen.poll()
        reap_orphans({server.popen.pid for server in self.servers.values()})
        return descendants(os.getpid())

    def sockets(self) -> list[dict[str, Any]]:
        """The sockets of the cell's ports, with the roles of their holders."""
        roles = self.roles()
        rows = socket_table(self.host, [self.port(n + 1) for n in range(PORTS)], [os.getpid(), *self.family()])
        for row in rows:
            pids: Any = row["pids"]
            row["holders"] = list(dict.fromkeys(roles.get(pid, "orphan") for pid in pids)) or (
                ["holder not visible"] if row["state"] == "LISTEN" else []
            )
        return rows

    def roles(self) -> dict[int, str]:
        """What the scenario calls each process."""
        found = {int(value): name for name, value in self.values.items() if value.isdigit() and name not in self.given}
        found.update({server.popen.pid: name for name, server in self.servers.items()})
        found[os.getpid()] = "harness"
        for name, server in self.servers.items():
            for pid in descendants(server.popen.pid) if server.running else []:
                found.setdefault(pid, name if self.recipe["workers"] else "descendant")
        return found

    def fill(self, value: Any, literal: bool = False, **more: str) -> Any:
        """Replace {names} and the server's @patterns; inside a /pattern/ the values are escaped."""
        if isinstance(value, list):
            return [self.fill(item, literal, **more) for item in value]
        if isinstance(value, dict):
            return {key: self.fill(item, literal, **more) for key, item in value.items()}
        if not isinstance(value, str):
            return value
        if value.startswith("@") and not literal:
            value = self.recipe["patterns"][value[1:]]
        escape = value.startswith("/") and value.endswith("/") and not literal
        names = {**self.values, **more}

        def put(match: re.Match[str]) -> str:
            text = names.get(match[1], match[0])
            return re.escape(text) if escape else text

        return re.sub(r"\{([a-z][a-z0-9_]*)\}", put, value)

    def close_clients(self) -> None:
        """Close the connections that were kept, and let requests in the background end."""
        for client in self.clients.values():
            client.close()
        self.clients.clear()
        for background in self.backgrounds.values():
            background.thread.join(10)
        for volley in self.volleys.values():
            volley.stop()
            volley.ends(10)

    def unasked(self) -> list[dict[str, Any]]:
        """What arrived on connections, closed by now, that no request asked for."""
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
