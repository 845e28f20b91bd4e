"""What stops a command: bad input, told in a paragraph."""

from __future__ import annotations


class Refusal(Exception):
    """Bad input: a paragraph that says where it is and what to do. The command line exits with 2."""
