"""The route contract "covered": an application that shows, while it runs, which lines of its own have run.

This file starts the measuring and then loads the application proper, so that no line of that has run unseen.
"""
import importlib
import os

from enginebus import covering

HERE = os.path.dirname(os.path.abspath(__file__))
PARTS = os.path.join(HERE, "parts")
if not os.path.isdir(PARTS):  # a package, whose names have a folder in them
    os.mkdir(PARTS)
for name, text in (("__init__.py", '"""Nothing that runs."""\n'), ("one.py", "ONE = 1\n")):
    with open(os.path.join(PARTS, name), "w") as written:
        written.write(text)
covering.start([HERE])

import covered_pages  # it is to be measured from its first line on


class Root(covered_pages.Pages):
    """The pages that are measured, and beside them those that show it, of those files alone."""

    one = importlib.import_module("parts.one").ONE
    coverage = covering.CoverStats(files=[os.path.join(HERE, "covered_pages.py"), PARTS])
