"""The scenario language: verbs and expectations as tables, TOML files in, frozen scenarios out, and how a value is matched.

In: a folder of TOML files. Out: ``Scenario``, or a ``Refusal`` that names every mistake of every file.

Uses: model.
"""
