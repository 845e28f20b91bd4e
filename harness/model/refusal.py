"""Bad input, which stops a command with a message."""

from __future__ import annotations


class Refusal(Exception):
    """Bad input, with a message that says where it is and what to do. The command line exits with 2."""
