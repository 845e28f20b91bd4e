"""A cell as one stand-alone Python file that does the same without the harness.

In: a stored cell. Out: the text of a file. ``parts`` are its sections; the modules that it shares with the harness
use only the standard library.

Uses: model, language, machine, verdict, targets, cell.
"""
