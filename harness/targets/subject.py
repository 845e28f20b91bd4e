"""A server under test as the stages pass it on, and its properties on one target."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path

from ..language.dialect import Dialect
from ..language.scenario import holds
from ..machine.places import APPS
from ..model.values import Json, Target

#: The arguments for kinds of channels that a server may lack; see ``channel`` in a scenario.
ARGS_OF = {
    "unix": "unix_args",
    "ipv6": "ipv6_args",
    "handed-over": "handed_over_args",
    "handed-over-unix": "handed_over_args",
}
CHANNEL_ARGS = tuple(dict.fromkeys(ARGS_OF.values()))


@dataclass(frozen=True, slots=True)
class When:
    """Overrides for some targets; None and {} change nothing."""

    where: Json
    capabilities: tuple[str, ...] | None = None
    exits: dict[str, tuple[int, ...]] = field(default_factory=dict)
    ready: tuple[str, ...] | None = None
    args: tuple[str, ...] | None = None
    tls_args: tuple[str, ...] | None = None
    channel_args: dict[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Habit:
    """A traceback that the server logs habitually, or by chance, without a fault of its own: recorded, but not a failure.

    ``said`` matches in its last line, ``before`` in the line before it ("": any line); ``why`` cites the report.
    """

    where: Json
    before: str
    said: str
    why: str


@dataclass(frozen=True, slots=True)
class Subject:
    """A server under test: what to install, how to launch it, when it is ready, and its capabilities.

    ``entry`` is what the interpreter runs: ("-m", module), or the path of a script. ``ready`` are the log lines of a server
    that is ready, in order; if there are none, it is ready when it answers a request. ``timeout`` is the shortest time, in
    seconds, after which it closes an idle connection; None if it never does. ``edition``, ``source``, ``content`` (a hash),
    ``before`` (a date: nothing newer is installed) and ``checkout`` are for editions other than the locked release.
    ``project`` is the distribution that contains the server.
    """

    name: str
    title: str
    entry: tuple[str, ...]
    args: tuple[str, ...]
    default_channel_args: tuple[str, ...]
    tls_args: tuple[str, ...]
    reload_args: tuple[str, ...]
    ready: tuple[str, ...]
    channel_args: dict[str, tuple[str, ...]] = field(default_factory=dict)
    folder: Path = Path()
    python: str = ""
    requirements: tuple[str, ...] = ()
    pip: tuple[str, ...] = ()
    guest: tuple[Path, ...] = ()
    coverage: tuple[str, ...] = ()
    capabilities: tuple[str, ...] = ()
    patterns: dict[str, str] = field(default_factory=dict)
    apps: dict[str, Path] = field(default_factory=dict)
    exits: dict[str, tuple[int, ...]] = field(default_factory=dict)
    version: str = ""
    oracle: str = ""
    when: tuple[When, ...] = ()
    habits: tuple[Habit, ...] = ()
    timeout: float | None = None
    edition: str = ""
    source: str = ""
    content: str = ""
    before: str = ""
    checkout: Path | None = None
    project: str = ""

    def on_channel(self, kind: str) -> tuple[str, ...]:
        """The arguments for a kind of channel; () if it cannot be started so."""
        if kind == "default":
            return self.default_channel_args
        return self.channel_args.get(ARGS_OF[kind], ()) if kind in ARGS_OF else self.args

    @property
    def dialect(self) -> Dialect:
        """Its own spelling of what scenarios refer to."""
        return Dialect(self.patterns, self.exits, tuple((habit.before, habit.said) for habit in self.habits))

    @property
    def app_folders(self) -> tuple[Path, ...]:
        """The folders whose files are copied into a cell: the bundled applications, and those next to its own."""
        return tuple(dict.fromkeys([APPS, *(app.parent for app in self.apps.values())]))

    @property
    def measured(self) -> dict[str, Path | None]:
        """The packages whose coverage is measured, and where their sources are; None if they are only in targets."""
        bundled = {package.name: package for package in self.guest}
        beside = [self.checkout / "src", self.checkout] if self.checkout else []
        return {
            name: bundled.get(name) or next((top / name for top in beside if (top / name).is_dir()), None)
            for name in self.coverage
        }

    @property
    def column(self) -> str:
        """Its name in target ids: the name, and the edition if it is not the locked release."""
        return f"{self.name}+{self.edition}" if self.edition else self.name

    def on(self, target: Target) -> Subject:
        """This subject on one target: in that version, on that Python."""
        subject = replace(self, habits=tuple(entry for entry in self.habits if holds(entry.where, target)))
        for entry in self.when:
            if holds(entry.where, target):
                subject = replace(
                    subject,
                    exits={**subject.exits, **entry.exits},
                    capabilities=subject.capabilities if entry.capabilities is None else entry.capabilities,
                    ready=subject.ready if entry.ready is None else entry.ready,
                    args=subject.args if entry.args is None else entry.args,
                    tls_args=subject.tls_args if entry.tls_args is None else entry.tls_args,
                    channel_args={**subject.channel_args, **entry.channel_args},
                )
        return subject
