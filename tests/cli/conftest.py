"""Fixtures of the rooms whose commands are tested here."""

from ..ports.conftest import holding, port, started, talking

__all__ = ["holding", "port", "started", "talking"]
