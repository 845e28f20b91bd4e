"""How fast the matrix is, as commands: ``python -m tests.bench --help``, or ``nox -s bench``.

Nothing here asserts a time. Each figure is a ratio of two things that were measured in the same round, with its spread:
machines differ, and are busy.
"""
