"""The code of a reproducer, one section of the file each; a file has only those that its cell needs."""
