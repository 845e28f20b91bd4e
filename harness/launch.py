"""One launch of a subject: its command line, and the coverage data that it must leave."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from .atomic import write_text
from .certificates import Certificate
from .model import Coverage, Target
from .process import ServerProcess
from .subject import Subject


@dataclass
class Launch:
    """A launch and the folder of its coverage data (None where it is not measured)."""

    number: int
    server: str
    folder: Path | None
    context: str
    process: ServerProcess | None = None

    @classmethod
    def prepare(
        cls, cell_folder: Path, number: int, server: str, context: str, target: Target, subject: Subject, measure: bool,
    ) -> Launch:
        """Make a folder for the data of this launch alone, and the coverage settings in it.

        Everything is absolute: with a relative source and another working folder coverage collects nothing and exits 0.
        """
        if not measure or not target.coverage:
            return cls(number, server, None, context)
        folder = (cell_folder / f"coverage-{number}").absolute()
        sources = "\n    ".join(str(Path(target.site) / package) for package in subject.coverage)
        write_text(folder / "coveragerc", (
            f"[run]\nbranch = True\nparallel = True\ndata_file = {folder / 'data'}\nsource =\n    {sources}\n"))
        return cls(number, server, folder, context)

    def data_files(self) -> list[Path]:
        """The coverage data that it left."""
        return [] if self.folder is None else sorted(p for p in self.folder.glob("data.*") if p.stat().st_size)

    def state(self) -> Coverage:
        """data, lost (a signal ended it before it could write), off, or broken (it exited, and wrote nothing)."""
        if self.folder is None or self.process is None:
            return "off"
        if self.data_files():
            return "data"
        code = self.process.exit
        return "lost" if code is None or code < 0 else "broken"


def launch_argv(
    subject: Subject, target: Target, launch: Launch, *, host: str, port: int, app: Path | None,
    default_channel: bool = False, certificate: Certificate | None = None, reload: bool = False,
) -> list[str]:
    """The command line of a launch, measured or not. ``-s -E``: nothing of the user's environment gets in."""
    values = {"host": host, "port": str(port), "app": str(app or ""), "app_module": app.stem if app else "",
              "folder": str(subject.folder)}
    pattern = subject.default_channel_args if default_channel else subject.args
    if reload:
        pattern = subject.reload_args
    if certificate is not None:
        pattern = subject.tls_args
        values.update(certificate=str(certificate.certificate), key=str(certificate.key))
    args = [arg.format(**values) for arg in pattern]
    python = [target.python, "-s", "-E"]
    if launch.folder is None:
        return [*python, *subject.entry, *args]
    return [*python, "-m", "coverage", "run", f"--rcfile={launch.folder / 'coveragerc'}", "--parallel-mode",
            f"--context={launch.context}", *subject.entry, *args]


def overall(launches: list[Launch]) -> tuple[Coverage, str]:
    """The coverage state of a cell, the worst of its launches, and a sentence about it."""
    states = [launch.state() for launch in launches]
    for state, text in (("broken", "exited without coverage data although no signal ended it"),
                        ("lost", "ended by a signal: no coverage data")):
        hit = [launch for launch, s in zip(launches, states, strict=True) if s == state]
        if hit:
            which = ", ".join(f"launch {launch.number} ({launch.server})" for launch in hit)
            return ("broken" if state == "broken" else "lost"), f"{which} {text}"
    return ("data", "") if "data" in states else ("off", "not measured")
