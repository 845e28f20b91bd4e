"""Servers under test: their descriptions, the scenarios they support, and their environment on each Python.

In: subject.toml and an interpreter. Out: a ``Target`` that is ready to launch, or the reason why not.

Uses: model, language, machine.
"""
