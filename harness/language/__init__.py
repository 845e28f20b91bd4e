"""The scenario language: tables of verbs and expectations, the reader of scenario files, and the matching of values.

In: a folder of TOML files. Out: ``Scenario``, or a ``Refusal`` that lists every mistake in every file.

Uses: model.
"""
