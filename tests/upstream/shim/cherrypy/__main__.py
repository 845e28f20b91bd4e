"""``python -m cherrypy -c FILE -p PIDFILE -i MODULE [-d]``: what the helper starts as a process, in the terms of enginebus."""
import argparse
import ast
import configparser
import importlib
import sys

import enginebus

import cherrypy

parser = argparse.ArgumentParser()
parser.add_argument("-c", dest="config")
parser.add_argument("-p", dest="pidfile")
parser.add_argument("-i", dest="imports", action="append", default=[])
parser.add_argument("-d", dest="daemonize", action="store_true")
options = parser.parse_args()

sys.path.insert(0, "")
for name in options.imports:
    importlib.import_module(name)
settings = configparser.RawConfigParser()
settings.optionxform = str
settings.read(options.config, "utf-8")
cherrypy.config.update({name: ast.literal_eval(value) for name, value in settings["global"].items()})
engine = enginebus.engine
if options.daemonize:
    enginebus.Daemonizer(engine).subscribe()
enginebus.PIDFile(engine, options.pidfile).subscribe()
engine.signal_handler.subscribe()
engine.start()
engine.block()
