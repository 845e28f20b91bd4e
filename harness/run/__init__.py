"""All cells of one invocation: planned, played by pytest under a guardian, stored, merged.

In: what the command line asks for. Out: a folder below reports/data. ``bugs`` plays the reports that scenarios cite.

Uses: model, language, machine, verdict, targets, cell, reproducer.
"""
