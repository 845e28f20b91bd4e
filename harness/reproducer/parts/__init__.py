"""The code of a reproducer, a section of the file each; only those that a cell needs are put into it."""
