"""The route contract "uncovered": the coverage pages on a Python that has no package coverage.

The targets of the harness have it, so it is taken away: None in sys.modules is how Python says that a module cannot be had.
"""
import sys

sys.modules["coverage"] = None

from covered import Root  # the same application
