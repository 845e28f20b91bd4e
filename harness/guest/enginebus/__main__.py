"""``python -m enginebus APP [--host HOST] [--port PORT]``: serve an application file."""
import argparse
import ast
import os
import sys
import types

import enginebus


def load(path):
    """Execute an application file as module ``app`` and return it.

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
    if getattr(module, "Root", None) is None:
        raise SystemExit("enginebus: %r defines no Root: name the class of your object tree so" % path)
    return module


def port(text):
    """Parse a port number; argparse shows the message of a ValueError's cousin."""
    if not text.isdigit() or int(text) > 65535:
        raise argparse.ArgumentTypeError("%r is not a port: give a number from 0 to 65535" % text)
    return int(text)


def setting(text):
    """Parse ``NAME=VALUE``; the value is a Python literal, and text where it is none."""
    name, equals, value = text.partition("=")
    if not equals:
        raise argparse.ArgumentTypeError("%r is not NAME=VALUE, such as server.shutdown_timeout=5" % text)
    try:
        return name, ast.literal_eval(value)
    except (ValueError, SyntaxError):
        return name, value


def main(argv=None):
    """Parse the command line and serve until the bus exits."""
    parser = argparse.ArgumentParser(
        prog="python -m enginebus", description="Serve the object tree of an application file: its class Root, with the "
        "settings of its dictionary CONFIG where it has one ({\"global\": {...}, \"/path\": {...}}).")
    parser.add_argument("app", help="path of a .py file that defines a class Root")
    parser.add_argument("--host", help="address to listen on (default 127.0.0.1; \"\": all)")
    parser.add_argument("--port", type=port, help="port to listen on (default 8080; 0: one that is free)")
    parser.add_argument("--unix-socket", metavar="PATH", help="listen on a unix socket instead")
    parser.add_argument("--certificate", metavar="FILE", help="PEM file with a certificate: speak TLS")
    parser.add_argument("--key", metavar="FILE", help="PEM file with its private key, where that is another file")
    parser.add_argument("--environment", metavar="NAME", help="a group of settings: production, staging, embedded, test_suite")
    parser.add_argument("--set", metavar="NAME=VALUE", type=setting, action="append", default=[], dest="settings",
                        help="any setting, such as server.shutdown_timeout=5 (may be repeated)")
    parser.add_argument("--daemon", action="store_true", help="go to the background")
    parser.add_argument("--pid-file", metavar="FILE", help="write the number of the process to a file")
    parser.add_argument("--coverage", action="store_true",
                        help="measure which lines of the application run, for the pages of enginebus.covering.CoverStats")
    parser.add_argument("--no-autoreload", action="store_true", help="do not watch the source files")
    options = parser.parse_args(argv)
    if options.key and not options.certificate:
        parser.error("--key is of no use without --certificate")
    chosen = dict((name, value) for name, value in (
        ("server.socket_host", options.host), ("server.socket_port", options.port), ("server.socket_file", options.unix_socket),
        ("server.ssl_certificate", options.certificate), ("server.ssl_private_key", options.key),
        ("environment", options.environment), ("engine.autoreload.on", False if options.no_autoreload else None),
    ) if value is not None)
    chosen.update(options.settings)
    if options.daemon:
        enginebus.Daemonizer(enginebus.engine).subscribe()
    if options.pid_file:
        enginebus.PIDFile(enginebus.engine, os.path.abspath(options.pid_file)).subscribe()
    try:
        if options.coverage:  # before the application is loaded: its definitions are lines, too
            enginebus.covering.start([os.path.dirname(os.path.abspath(options.app))])
        module = load(options.app)
        settings = getattr(module, "CONFIG", {})
        enginebus.config.update(settings.get("global", {}))
        enginebus.config.update(chosen)  # the command line counts for more than the file
        enginebus.tree.mount(module.Root(), "", settings)
    except KeyError as error:
        if type(error) is KeyError:
            raise
        raise SystemExit("enginebus: %s" % error)
    enginebus.quickstart()


if __name__ == "__main__":
    main()
