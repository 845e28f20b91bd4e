"""All cells of one invocation: planned, run by a driver and its workers under a guardian, stored, merged.

In: what the command line asks for. Out: a folder below reports/data. ``bugs`` replays the bug reports that scenarios cite.

Uses: model, language, machine, verdict, targets, cell, reproducer.
"""
