"""A stored run as HTML, JUnit, Markdown, CSV and JSON.

In: a run's data folder, and those of earlier runs. Out: files below reports/. Nothing here runs a server or sends it requests.

Uses: model, language, machine, verdict, targets, cell, reproducer, run, coverage.
"""
