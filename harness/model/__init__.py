"""The frozen values that pass between the rooms, the words of the matrix, and their JSON form.

In: nothing. Out: values, outcomes, refusals. Nothing here reads, writes or waits.

Uses: nothing.
"""
