"""``python -m enginebus APP [--host HOST] [--port PORT]``: serve an application file."""
import argparse
import os
import sys
import types

import enginebus


def load(path):
    """Execute an application file as module ``app`` and return its ``Root()``.

    Raises SystemExit with a sentence where the file, or its Root, is missing.
    """
    if not os.path.isfile(path):
        raise SystemExit("enginebus: no application file at %r: give the path of a .py file that defines Root" % path)
    sys.path.insert(0, os.path.dirname(os.path.abspath(path)))
    module = types.ModuleType("app")
    module.__file__ = os.path.abspath(path)
    sys.modules["app"] = module
    with open(path, "rb") as source:
        exec(compile(source.read(), module.__file__, "exec"), module.__dict__)
    root = getattr(module, "Root", None)
    if root is None:
        raise SystemExit("enginebus: %r defines no Root: name the class of your object tree so" % path)
    return root()


def port(text):
    """Parse a port number; argparse shows the message of a ValueError's cousin."""
    if not text.isdigit() or int(text) > 65535:
        raise argparse.ArgumentTypeError("%r is not a port: give a number from 0 to 65535" % text)
    return int(text)


def main(argv=None):
    """Parse the command line and serve until the bus exits."""
    parser = argparse.ArgumentParser(prog="python -m enginebus", description="Serve the object tree of an application file.")
    parser.add_argument("app", help="path of a .py file that defines a class Root")
    parser.add_argument("--host", help="address to listen on (default 127.0.0.1)")
    parser.add_argument("--port", type=port, help="port to listen on (default 8080; 0: one that is free)")
    parser.add_argument("--no-autoreload", action="store_true", help="do not watch the source files")
    options = parser.parse_args(argv)
    if options.host is not None:
        enginebus.config.update({"server.socket_host": options.host})
    if options.port is not None:
        enginebus.config.update({"server.socket_port": options.port})
    if options.no_autoreload:
        enginebus.config.update({"engine.autoreload.on": False})
    enginebus.quickstart(load(options.app))


if __name__ == "__main__":
    main()
