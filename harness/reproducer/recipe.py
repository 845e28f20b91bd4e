"""The recipe of a target, recorded with the run: how its server is launched, and the files that it needs."""

from __future__ import annotations

import base64
import io
import json
import os
import re
import zipfile
from pathlib import Path

from packaging.utils import canonicalize_name

from ..model.values import Json, Target
from ..targets.subject import ARGS_OF, Subject

STAMP = (1980, 1, 1, 0, 0, 0)  # so that the same files give the same archive
OURS = ("coverage",)  # what the harness adds to a target


def recipe(target: Target, subject: Subject) -> Json:
    """How a target's server is launched, without anything specific to this machine."""
    subject = subject.on(target)
    interpreter = target.interpreter
    return {
        "name": subject.name,
        "implementation": interpreter.implementation if interpreter else "",
        "version": interpreter.version if interpreter else "",
        "requires": [pin for pin in _resolved(target) if pin.partition("==")[0] not in (*OURS, _own(subject))],
        "checkout": target.source if subject.checkout else "",
        "entry": list(subject.entry)
        if subject.entry[0] == "-m"
        else ["{folder}/" + os.path.relpath(subject.entry[0], subject.folder)],
        "args": list(subject.args),
        "default_channel_args": list(subject.default_channel_args),
        "channel_args": {kind: list(subject.on_channel(kind)) for kind in ARGS_OF if subject.on_channel(kind)},
        "tls_args": list(subject.tls_args),
        "reload_args": list(subject.reload_args),
        "ready": list(subject.ready),
        "patterns": subject.patterns,
        "habits": [[one.before, one.said] for one in subject.habits],
        "exits": {name: list(codes) for name, codes in subject.exits.items()},
        "apps": {contract: file.name for contract, file in subject.apps.items()},
        "workers": "fork-workers" in subject.capabilities,
    }


def _own(subject: Subject) -> str:
    """The distribution of a server that is installed from a checkout: no index has it, or it has another one of that name."""
    return canonicalize_name(subject.project) if subject.checkout and subject.project else ""


def _resolved(target: Target) -> list[str]:
    """The installed versions; [] if the target could not be built."""
    marker = Path(target.python).parents[1] / "ready.json" if target.python else None
    if marker is None or not marker.exists():
        return []
    found: list[str] = json.loads(marker.read_text("utf-8"))["resolved"]
    return found


def files(subject: Subject) -> str:
    """The applications, the server's own script and the bundled packages, as a zip archive in Base64."""
    held = {file.name: file for folder in subject.app_folders for file in sorted(folder.glob("*.py"))}
    for name in sorted({subject.name, *_neighbours(subject)}):
        held.update({f"servers/{name}/{file.name}": file for file in sorted((subject.folder.parent / name).glob("*.py"))})
    for package in subject.guest:
        held.update({f"guest/{file.relative_to(package.parent).as_posix()}": file for file in sorted(package.rglob("*.py"))})
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, file in held.items():
            archive.writestr(zipfile.ZipInfo(name, STAMP), file.read_bytes(), zipfile.ZIP_DEFLATED, 9)
    return base64.b64encode(packed.getvalue()).decode("ascii")


def _neighbours(subject: Subject) -> set[str]:
    """Other subjects whose script or settings this one uses, by "../NAME/" in its description."""
    words = [*subject.entry, *subject.args, *subject.default_channel_args, *subject.tls_args, *subject.reload_args]
    words += [word for args in subject.channel_args.values() for word in args]
    return {name for word in words for name in re.findall(r"\.\./([\w.-]+)/", word)}


def recipes(targets: list[Target], subjects: dict[str, Subject]) -> Json:
    """The recipe of each target that is ready, and the files of each subject."""
    ready = [target for target in targets if target.ready]
    return {
        "targets": {target.id: recipe(target, subjects[target.subject]) for target in ready},
        "files": {target.subject: files(subjects[target.subject]) for target in ready},
    }
