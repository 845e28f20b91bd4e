"""Measures every process of a target while a file says so: a module that a worker puts beside the packages of its copy.

A launch of the harness measures what it launches. Servers that an application launches, daemons and what they become are not
measured so, and they run lines that nothing else runs. So this is run by a ``.pth`` file at the start of each interpreter.
It saves at the end, and before an exec or an ``os._exit``; of a process that is killed a mark is left that it began.

Runs on every Python that a server runs on.
"""
# ruff: noqa: PTH100, PTH120, UP024, UP031
import atexit
import os
import sys

FLAG = "mutants_measuring.txt"  # beside this file: the folder for the data, and below it the package


def begin():
    """Measure this process, where the flag is there."""
    here = os.path.dirname(os.path.abspath(__file__))
    try:
        with open(os.path.join(here, FLAG)) as flag:
            folder, package = flag.read().splitlines()
    except (IOError, OSError):
        return
    import coverage

    measure = coverage.Coverage(data_file=os.path.join(folder, "data"), data_suffix=True, branch=False, config_file=False,
                                source=[package])
    began = [os.getpid()]
    mark(folder, "began", os.getpid())

    def save():
        pid = os.getpid()
        if pid != began[0]:  # a fork, which has its parent's data as well
            began[0] = pid
            mark(folder, "began", pid)
        try:
            measure.save()
            mark(folder, "saved", pid)
        except Exception as error:
            sys.stderr.write("not measured: %s\n" % error)

    for name in ("execv", "execve", "_exit"):
        setattr(os, name, saving(getattr(os, name), save))
    atexit.register(save)
    measure.start()


def saving(function, save):
    """A function that saves first."""
    def saved(*args):
        save()
        return function(*args)
    return saved


def mark(folder, word, pid):
    """Leave an empty file that tells."""
    with open(os.path.join(folder, "%s-%d" % (word, pid)), "a"):
        pass
