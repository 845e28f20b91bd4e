"""The route contract "covered": an application that shows, while it runs, which lines of its own have run.

This file starts the measuring and then loads the application proper, so that no line of that has run unseen.
"""
import os

from enginebus import covering

HERE = os.path.dirname(os.path.abspath(__file__))
covering.start([HERE])

import covered_pages  # it is to be measured from its first line on


class Root(covered_pages.Pages):
    """The pages that are measured, and beside them those that show it, of that file alone."""

    coverage = covering.CoverStats(files=[os.path.join(HERE, "covered_pages.py")])
