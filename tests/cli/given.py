"""A command line as a command gets it: parsed, with the project that it is about."""

from __future__ import annotations

import argparse

from harness.cli import main
from harness.cli.project_options import project_of


def given_by(command: str, *words: str) -> argparse.Namespace:
    """What the words after a command say."""
    given = main._parser(command).parse_args([command, *words])
    given.project = project_of(given)
    given.reports = given.project.reports
    return given
