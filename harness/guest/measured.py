"""``python measured.py FOLDER CONTEXT (-m MODULE | SCRIPT) [ARG ...]``: run a program under coverage, image by image.

CONTEXT is the context of all that the program runs, or ``fd:N``: then it has none at first, and takes the next one, as a
line, from the socket with that number whenever there is one, and confirms it.

An image is what one exec made of a process: the first one, and each that replaced it. This script is in the command
line of a launch, so that a server that executes its command line anew passes through it again. Each image makes a
folder of its own in FOLDER (image-1, image-2, ...): its file ``marks`` tells how far the image came, and its data lie
beside that. Who started the program can tell from the marks which image lost its data; the server's log is not asked.

Coverage saves its data when the program returns, and an image that is replaced never returns. So os.execv and
os.execve, through which all of the exec family go, save first. That is done here, and not in the server, because

- the server is then the same, measured or not, and a server that we did not write (CherryPy) loses nothing either;
- ``atexit`` would not do: ``coverage run`` does not save there (only a Coverage with auto_data does), and what else is
  registered has no place before an exec: multiprocessing joins its children there, and a restart could wait for ever;
- coverage can do it by itself (``patch = execv``) on Python 3.10 and newer only, and says nothing where it failed.
"""
import functools
import importlib
import os
import socket
import sys
import threading
import traceback

try:
    import fcntl
except ImportError:  # Windows, where no launch is shared
    fcntl = None


class Image(object):
    """This image of this process: a folder that is its own, and its marks."""

    def __init__(self, launch):
        self.pid = os.getpid()
        number = 1
        while True:  # mkdir is atomic: a child that executes the command line at the same moment takes another number
            self.folder = os.path.join(launch, "image-%d" % number)
            try:
                os.mkdir(self.folder)
                break
            except OSError:
                if not os.path.isdir(self.folder):
                    raise
                number += 1
        self.mark("pid %d" % self.pid)

    def mark(self, word):
        """Add a line to the marks, if this process is the image itself and not a forked child of it."""
        if os.getpid() == self.pid:
            with open(os.path.join(self.folder, "marks"), "a") as marks:
                marks.write(word + "\n")


def settings(image, launch):
    """Write the launch's settings with the image's own data file, and return the name of that file."""
    name = os.path.join(image.folder, "coveragerc")
    with open(os.path.join(launch, "coveragerc")) as given, open(name, "w") as own:
        own.write(given.read() + "data_file = %s\n" % os.path.join(image.folder, "data"))
    return name


def marking(save, image):
    """Coverage.save, which leaves a mark when all is written: data that were cut off can look whole."""
    @functools.wraps(save)
    def marked(measure):
        save(measure)
        image.mark("saved")
    return marked


def saving(execute, image, coverage):
    """os.execv or os.execve, which saves first.

    A forked child that becomes another program is not the image: what it has of the data are its parent's.
    """
    def saved(*args):
        measure = coverage.Coverage.current()
        if os.getpid() == image.pid and measure is not None:
            try:
                measure.save()
            except Exception:  # a restart is not given up for it: the image has no mark, and its data count as lost
                traceback.print_exc()
        image.mark("exec")
        try:
            return execute(*args)
        finally:  # reached only where there was no exec: the image goes on, and what it does from now on is to be saved
            image.mark("stayed")
    return saved


class Contexts(object):
    """Switches the context of coverage whenever a line comes from a socket."""

    def __init__(self, number, coverage):
        self.coverage = coverage
        self.socket = socket.fromfd(number, socket.AF_UNIX, socket.SOCK_STREAM)
        os.close(number)
        flags = fcntl.fcntl(self.socket.fileno(), fcntl.F_GETFD)
        fcntl.fcntl(self.socket.fileno(), fcntl.F_SETFD, flags | fcntl.FD_CLOEXEC)  # it is no other program's business
        thread = threading.Thread(target=self.listen, name="coverage contexts")
        thread.daemon = True
        thread.start()

    def listen(self):
        """Take lines until the other end is closed; a line that could not be followed is not confirmed."""
        kept = b""
        while True:
            data = self.socket.recv(4096)
            if not data:
                return
            kept += data
            while b"\n" in kept:
                line, kept = kept.split(b"\n", 1)
                measure = self.coverage.Coverage.current()
                if measure is None:
                    return
                measure.switch_context(line.decode("utf-8"))
                self.socket.sendall(b"ok\n")


def main(launch, context, program):
    """Run the program as ``coverage run`` does; return its exit status."""
    image = Image(launch)
    command = importlib.import_module("coverage.cmdline").main
    coverage = sys.modules["coverage"]
    coverage.Coverage.save = marking(coverage.Coverage.save, image)
    os.execv, os.execve = saving(os.execv, image, coverage), saving(os.execve, image, coverage)
    words = ["run", "--rcfile=" + settings(image, launch), "--parallel-mode"]
    if context.startswith("fd:"):
        Contexts(int(context[3:]), coverage)
    else:
        words.append("--context=" + context)
    return command(words + program)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2], sys.argv[3:]))
