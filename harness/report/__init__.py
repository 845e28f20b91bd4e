"""A stored run rendered: HTML, JUnit, Markdown, CSV and JSON.

In: a run's data folder, and those of earlier runs. Out: files below reports/. Nothing here runs or asks a server.

Uses: model, language, machine, verdict, targets, cell, reproducer, run, coverage.
"""
