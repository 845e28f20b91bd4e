"""Replay citations: a scenario must be red on the release with the bug, and green on the release with the fix."""
