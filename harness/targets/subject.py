"""A server under test as the stages pass it on, and as it is on one target."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path

from ..language.dialect import Dialect
from ..language.scenario import holds
from ..machine.places import APPS
from ..model.values import Json, Target


@dataclass(frozen=True, slots=True)
class When:
    """What is otherwise on some targets; None and {} leave it as it is."""

    where: Json
    capabilities: tuple[str, ...] | None = None
    exits: dict[str, tuple[int, ...]] = field(default_factory=dict)
    ready: tuple[str, ...] | None = None
    args: tuple[str, ...] | None = None
    tls_args: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Habit:
    """A traceback that the server logs by habit, for what is no fault of its own or by chance: recorded, and no failure.

    ``said`` is found in its last line, ``before`` in the line before it ("": whatever that is); ``why`` names the report.
    """

    where: Json
    before: str
    said: str
    why: str


@dataclass(frozen=True, slots=True)
class Subject:
    """A server under test: what to install, how to launch it, when it is ready, what it can do.

    ``entry`` is what the interpreter is told to run: ("-m", module), or the path of a script. ``ready`` are the log
    lines of a server that is ready, in order; none where it says nothing, and an answer to a request is the sign.
    ``timeout`` is the shortest time, in seconds, after which it closes a connection by itself; None where it never does.
    ``edition``, ``source``, ``content`` (a hash), ``before`` (a day: nothing newer is
    installed) and ``checkout`` are of one that is not the locked release (editions). ``project`` is the distribution that it is
    made of.
    """

    name: str
    title: str
    entry: tuple[str, ...]
    args: tuple[str, ...]
    default_channel_args: tuple[str, ...]
    tls_args: tuple[str, ...]
    reload_args: tuple[str, ...]
    ready: tuple[str, ...]
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

    @property
    def dialect(self) -> Dialect:
        """How it spells what scenarios name."""
        return Dialect(self.patterns, self.exits, tuple((habit.before, habit.said) for habit in self.habits))

    @property
    def app_folders(self) -> tuple[Path, ...]:
        """The folders whose files a cell gets a copy of: the bundled applications, and those beside its own."""
        return tuple(dict.fromkeys([APPS, *(app.parent for app in self.apps.values())]))

    @property
    def measured(self) -> dict[str, Path | None]:
        """The packages whose coverage is measured, and where their sources are; None where they are only in targets."""
        bundled = {package.name: package for package in self.guest}
        beside = [self.checkout / "src", self.checkout] if self.checkout else []
        return {
            name: bundled.get(name) or next((top / name for top in beside if (top / name).is_dir()), None)
            for name in self.coverage
        }

    @property
    def column(self) -> str:
        """Its name in the ids of targets: the name, and the edition where it is not the locked release."""
        return f"{self.name}+{self.edition}" if self.edition else self.name

    def on(self, target: Target) -> Subject:
        """This subject as it is on one target: in that version, on that Python."""
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
                )
        return subject
