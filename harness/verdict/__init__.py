"""Judge a history: its two verdicts, behaviour and cleanup.

In: a scenario and the history of its cell. Out: verdicts. Pure: a stored history can be judged again.

Uses: model, language, machine.
"""
