"""Coverage data of a run's cells: combined for each target, and read line by line.

In: the data files that measured launches left. Out: percentages, and which Pythons and scenarios reach each line.

Uses: model, machine, targets, cell, run.
"""
