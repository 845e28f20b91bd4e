"""The commands, one module each, and the only place that prints.

In: the command line and pyproject.toml. Out: lines on the terminal, and an exit code: 0, 1 (red cells), 2 (bad input).

Uses: model, language, machine, verdict, targets, cell, reproducer, run, coverage, report, ports.
"""
