"""One cell while it runs: its servers, its clients, the verbs of its steps, and the cleanup.

In: a scenario and a target. Out: a ``History``, recorded before anything is judged.

Uses: model, language, machine, verdict, targets.
"""
