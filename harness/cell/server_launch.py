"""One launch of a subject: its command line, and the coverage data it must leave."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ..language.scenario import Scenario
from ..machine.atomic_files import write_text
from ..machine.certificates import Certificate
from ..machine.places import GUEST
from ..machine.server_process import ServerProcess
from ..model.values import Coverage, Target
from ..targets.subject import Subject
from . import measured_images

MEASURED = GUEST / "measured.py"


def unmeasured(measure: bool, scenario: Scenario, subject: Subject, target: Target) -> str:
    """Why the launches of a cell are not measured; "" if they are."""
    if not measure:
        return "coverage is off for this run (--no-coverage)"
    if not scenario.coverage:
        return "the scenario has coverage = false, because measuring affects timing"
    if not subject.coverage:
        return f"the description of {subject.name} has no package to measure"
    if not target.coverage:
        return f"coverage.py is not available on {target.interpreter_id}"
    return ""


@dataclass
class Launch:
    """A launch and the folder of its coverage data (None if it is not measured; ``off`` says why)."""

    number: int
    server: str
    folder: Path | None
    context: str
    off: str = ""
    process: ServerProcess | None = None

    @classmethod
    def prepare(
        cls,
        cell_folder: Path,
        number: int,
        server: str,
        context: str,
        target: Target,
        subject: Subject,
        off: str,
    ) -> Launch:
        """Create a folder for the data of this launch alone, with its coverage settings, unless ``off`` says why not.

        All paths are absolute: with a relative source and another working folder, coverage collects nothing and exits with 0.
        Each image of the launch adds its own data file to the settings.
        """
        if off:
            return cls(number, server, None, context, off)
        folder = (cell_folder / f"coverage-{number}").absolute()
        sources = "\n    ".join(str(Path(target.site) / package) for package in subject.coverage)
        write_text(folder / "coveragerc", f"[run]\nbranch = True\nparallel = True\nsource =\n    {sources}\n")
        return cls(number, server, folder, context)

    def losses(self) -> list[measured_images.Loss]:
        """What its images lost; nothing if it is not measured."""
        if self.folder is None or self.process is None:
            return []
        return [
            (state, f"launch {self.number} ({self.server}): {text}")
            for state, text in measured_images.losses(measured_images.images(self.folder), self.process.pid, self.process.exit)
        ]


@dataclass(frozen=True, slots=True)
class How:
    """Where a launch is to listen, what it serves, and in which of its subject's ways it is started.

    ``values`` are those of its channel; ``before`` is run by the interpreter first, and then runs the command line.
    """

    values: dict[str, str]
    app: Path | None
    channel: str = "own"
    before: tuple[str, ...] = ()
    certificate: Certificate | None = None
    reload: bool = False


def launch_argv(
    subject: Subject,
    target: Target,
    launch: Launch,
    how: How,
) -> list[str]:
    """The command line of a launch, measured or not. ``-s -E``: the user's environment has no effect."""
    values = {
        **how.values,
        "app": str(how.app or ""),
        "app_module": how.app.stem if how.app else "",
        "folder": str(subject.folder),
    }
    pattern = subject.on_channel(how.channel)
    if how.reload:
        pattern = subject.reload_args
    if how.certificate is not None:
        pattern = subject.tls_args
        values.update(certificate=str(how.certificate.certificate), key=str(how.certificate.key))
    args = [arg.format(**values) for arg in pattern]
    python = [target.python, "-s", "-E"]
    if how.before:
        python = [*python, *how.before, *python]
    if launch.folder is not None:
        python += [str(MEASURED), str(launch.folder), launch.context]
    return [*python, *subject.entry, *args]


def overall(launches: list[Launch]) -> tuple[Coverage, str]:
    """The coverage state of a cell with a sentence: data, lost (an image was killed or replaced before it had saved),
    broken (one exited on its own without data), or off.

    Data saved by the other images still count.
    """
    lost = [loss for launch in launches for loss in launch.losses()]
    if lost:
        return ("broken" if any(state == "broken" for state, _ in lost) else "lost"), "; ".join(text for _, text in lost)
    if any(launch.folder is not None and launch.process is not None for launch in launches):
        return "data", ""
    return "off", f"not measured: {next((launch.off for launch in launches if launch.off), 'no server was launched')}"
