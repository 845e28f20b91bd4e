"""The route contract "covered": an application that shows, while it runs, which lines of its own have run.

This file starts the measuring and then loads the application proper, so that no line of that has run unseen.
"""
import importlib
import os

from enginebus import covering, expose

HERE = os.path.dirname(os.path.abspath(__file__))
PARTS = os.path.join(HERE, "parts")
covering.start([HERE])

import covered_pages  # it is to be measured from its first line on


class Root(covered_pages.Pages):
    """The pages that are measured, and beside them those that show it, of those files alone."""

    coverage = covering.CoverStats(files=[os.path.join(HERE, "covered_pages.py"), PARTS])

    @expose
    def package(self):
        """Make a package beside this file, and import it: the names of its files have a folder in them."""
        os.mkdir(PARTS)
        for name, text in (("__init__.py", '"""Nothing that runs."""\n'), ("one.py", "ONE = 1\n")):
            with open(os.path.join(PARTS, name), "w") as written:
                written.write(text)
        with open(PARTS + "_alike.py", "w") as written:
            written.write("TWO = 2\n")
        getattr(importlib, "invalidate_caches", int)()  # 3 remembers what is in a folder, 2.7 does not
        return "%d %d" % (importlib.import_module("parts.one").ONE, importlib.import_module("parts_alike").TWO)

    @expose
    def settings(self):
        """Write a settings file of the package coverage into the current folder; whoever obeyed it would measure nothing."""
        with open(".coveragerc", "w") as written:
            written.write("[run]\nplugins = not_installed\n[report]\nexclude_lines = .\n")
        return "written"
